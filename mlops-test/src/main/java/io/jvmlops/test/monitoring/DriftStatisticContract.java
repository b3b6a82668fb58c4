package io.jvmlops.test.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DistinctCount;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.ExactSum;
import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.LevelSample;
import io.jvmlops.api.monitoring.Moments;
import io.jvmlops.api.monitoring.NumericProfile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * What every {@link DriftStatistic} does, on the kinds of column that it supports. Extend it and say which; {@link #sees}
 * if it looks at missing values only.
 */
public abstract class DriftStatisticContract {
    private static final double[] EDGES = {0, 1, 2};

    protected abstract DriftStatistic statistic();

    /** What the statistic looks at. */
    protected enum Sight {
        VALUES,
        MISSING
    }

    /** The values, unless this is overridden. */
    protected Sight sees() {
        return Sight.VALUES;
    }

    /** Pairs of reference and current data, of both kinds of column. */
    private List<ColumnProfile[]> pairs(long[] reference, long[] current) {
        List<ColumnProfile[]> pairs = new ArrayList<>();
        for (boolean numeric : new boolean[] {true, false}) {
            ColumnProfile r = profile(numeric, reference);
            if (statistic().supports(r)) {
                pairs.add(new ColumnProfile[] {r, profile(numeric, current)});
            }
        }
        assertThat(pairs).as("kinds of column that are supported").isNotEmpty();
        return pairs;
    }

    /** Four cells, the last of them beyond the edges or levels; then the missing. */
    private static ColumnProfile profile(boolean numeric, long... counts) {
        if (numeric) {
            return numeric(EDGES, counts[4], Arrays.copyOf(counts, 4));
        }
        List<LevelSample.Level> unseen =
                counts[3] == 0 ? List.of() : List.of(new LevelSample.Level("black", 1, counts[3]));
        return new CategoricalProfile(
                "x",
                counts[4],
                List.of("red", "green", "blue"),
                Arrays.copyOf(counts, 3),
                new LevelSample(8, counts[3], unseen),
                -1L,
                0);
    }

    /** The values of bin i are i, as far as the moments know; edges are 0, 1 and more. */
    private static NumericProfile numeric(double[] edges, long missing, long[] bins) {
        Moments moments = Moments.NONE;
        for (int i = 0; i < bins.length; i++) {
            if (bins[i] > 0) {
                moments = moments.plus(new Moments(
                        bins[i],
                        i,
                        i,
                        ExactSum.of(i).times(bins[i]),
                        ExactSum.of((double) i * i).times(bins[i])));
            }
        }
        return new NumericProfile(
                "x", missing, 0, 0, 0, moments, new Histogram(edges, bins), new DistinctCount(4, new byte[0]));
    }

    private DriftScore compare(ColumnProfile[] pair) {
        DriftScore score = statistic().compare(pair[0], pair[1]);
        if (score.hasPValue()) {
            assertThat(score.pValue()).isBetween(0.0, 1.0);
        }
        return score;
    }

    @Test
    void hasAShortStableName() {
        assertThat(statistic().name())
                .matches("[a-z][a-z0-9_-]{0,31}")
                .isEqualTo(statistic().name());
    }

    @Test
    void equalProfilesAreZeroApartAndNotSignificant() {
        for (long scale : new long[] {1, 7, 1000, 1_000_000_000_000L}) {
            long[] counts = {3 * scale, 2 * scale, 4 * scale, scale, 2 * scale};
            for (ColumnProfile[] pair : pairs(counts, counts)) {
                DriftScore score = compare(pair);

                assertThat(score.effect()).isZero();
                assertThat(Double.isNaN(score.pValue()) || score.pValue() > 0.99)
                        .as("p-value %s", score.pValue())
                        .isTrue();
            }
        }
    }

    @Test
    void equalSharesOfDifferentSizesAreNotSignificant() {
        for (ColumnProfile[] pair : pairs(new long[] {300, 200, 400, 100, 200}, new long[] {30, 20, 40, 10, 20})) {
            DriftScore score = compare(pair);

            assertThat(score.effect()).isBetween(-1e-9, 1e-9);
            assertThat(Double.isNaN(score.pValue()) || score.pValue() > 0.99).isTrue();
        }
    }

    @Test
    void aLargerChangeIsFurtherApartAndNotLessSignificant() {
        long[] reference = {250, 250, 250, 250, 250};
        List<ColumnProfile[]> small = pairs(reference, changed(50));
        List<ColumnProfile[]> large = pairs(reference, changed(200));
        for (int i = 0; i < small.size(); i++) {
            DriftScore less = compare(small.get(i));
            DriftScore more = compare(large.get(i));

            assertThat(less.effect()).isPositive();
            assertThat(more.effect()).isGreaterThan(less.effect());
            if (more.hasPValue()) {
                assertThat(more.pValue()).isLessThanOrEqualTo(less.pValue()).isLessThan(1e-6);
            }
        }
    }

    private long[] changed(long by) {
        return sees() == Sight.VALUES
                ? new long[] {250 + by, 250 + by, 250 - by, 250 - by, 250}
                : new long[] {250, 250, 250 - by, 250, 250 + by};
    }

    @Test
    void thereIsNothingToCompareWithNothing() {
        long[] some = {5, 5, 5, 5, 5};
        long[] none = sees() == Sight.VALUES ? new long[] {0, 0, 0, 0, 9} : new long[5];
        for (List<ColumnProfile[]> pairs : List.of(pairs(some, none), pairs(none, some), pairs(none, none))) {
            for (ColumnProfile[] pair : pairs) {
                DriftScore score = compare(pair);

                assertThat(score.statistic()).isNaN();
                assertThat(score.effect()).isNaN();
                assertThat(score.hasPValue()).isFalse();
            }
        }
    }

    @Test
    void oddDataGiveAnAnswerAndNoException() {
        long[][] odd = {
            {0, 0, 0, 0, 0},
            {1, 0, 0, 0, 0},
            {0, 0, 0, 1, 0},
            {0, 0, 0, 0, 1},
            {100, 0, 0, 0, 0},
            {0, 100, 0, 0, 0},
            {0, 0, 0, 100, 0},
            {0, 0, 0, 0, 100},
            {1, 1, 1, 1, 1},
            {100_000, 1, 0, 0, 0},
            {1_000_000_000_000_000L, 1_000_000_000_000_000L, 0, 1, 1},
            {0, 0, 1, 1_000_000_000_000_000L, 1_000_000_000_000_000L},
        };
        for (long[] reference : odd) {
            for (long[] current : odd) {
                for (ColumnProfile[] pair : pairs(reference, current)) {
                    DriftScore score = compare(pair);

                    assertThat(Double.isNaN(score.effect()) || score.effect() >= 0)
                            .as("%s against %s: %s", Arrays.toString(current), Arrays.toString(reference), score)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void profilesOverOtherEdgesOrLevelsAreRefused() {
        NumericProfile numeric = (NumericProfile) profile(true, 5, 5, 5, 5, 5);
        NumericProfile otherEdges = numeric(new double[] {0, 1, 2.5}, 5, new long[] {5, 5, 5, 5});
        CategoricalProfile categorical = (CategoricalProfile) profile(false, 5, 5, 5, 5, 5);
        CategoricalProfile otherLevels =
                new CategoricalProfile("x", 5, List.of("red"), new long[] {15}, LevelSample.empty(8), -1L, 0);

        for (ColumnProfile[] pair : List.of(
                new ColumnProfile[] {numeric, otherEdges},
                new ColumnProfile[] {categorical, otherLevels},
                new ColumnProfile[] {numeric, categorical},
                new ColumnProfile[] {categorical, numeric})) {
            if (statistic().supports(pair[0])) {
                assertThatThrownBy(() -> statistic().compare(pair[0], pair[1]))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void manyThreadsGetTheSameAnswer() throws Exception {
        DriftStatistic shared = statistic();
        ColumnProfile[] pair = pairs(new long[] {30, 20, 40, 10, 5}, new long[] {20, 20, 30, 30, 9})
                .get(0);
        DriftScore expected = shared.compare(pair[0], pair[1]);
        ExecutorService executor = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                tasks.add(() -> {
                    boolean same = true;
                    for (int i = 0; i < 200; i++) {
                        same &= shared.compare(pair[0], pair[1]).equals(expected);
                    }
                    return same;
                });
            }
            for (Future<Boolean> task : executor.invokeAll(tasks)) {
                assertThat(task.get()).isTrue();
            }
        } finally {
            executor.shutdownNow();
        }
    }
}
