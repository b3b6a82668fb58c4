package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.LevelSample;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Profile;
import io.jvmlops.monitoring.profile.WindowProfile.Segment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ThinningTest {
    /** Two columns of numbers, a quarter of them missing, and one of levels. */
    private static Segment segment(int rows) {
        Map<String, ColumnProfile> columns = new LinkedHashMap<>();
        for (String name : List.of("x", "y")) {
            NumericCounter counter = new NumericCounter(
                    name, new NumericCounter.EdgeCounter(new EdgeSearch(new double[] {1, 2, 3, 4, 5, 6, 7, 8})));
            for (int i = 0; i < rows; i++) {
                counter.add(i < rows / 4 ? Double.NaN : i % 10);
            }
            columns.put(name, counter.profile());
        }
        long[] counts = new long[5];
        for (int i = 0; i < rows; i++) {
            counts[i % 5]++;
        }
        columns.put(
                "s",
                new CategoricalProfile(
                        "s", 0, List.of("a", "b", "c", "d", "e"), counts, LevelSample.empty(256), -1L, 0));
        return new Segment(new Profile(rows, columns), Profile.EMPTY);
    }

    /** Over many windows, as their seeds differ with their rows: mean and variance of the binomial, columns independent. */
    @Test
    void countsAreBinomialAndIndependent() {
        for (int by : new int[] {1, 3}) {
            double chance = Math.pow(2, -by);
            int windows = 400;
            double errors = 0;
            double squares = 0;
            double products = 0;
            for (int i = 0; i < windows; i++) {
                int rows = 1_000 + i;
                Segment thinned = Thinning.of(segment(rows), by);
                NumericProfile x = (NumericProfile) Data.column(thinned.inputs(), "x");
                NumericProfile y = (NumericProfile) Data.column(thinned.inputs(), "y");
                double deviation = Math.sqrt(rows * chance * (1 - chance));
                double a = (x.count() - rows * chance) / deviation;
                double b = (y.count() - rows * chance) / deviation;
                errors += a;
                squares += a * a;
                products += a * b;
                assertThat(x.moments().mean()).isBetween(4.0, 5.0);
            }
            assertThat(Math.abs(errors)).isLessThan(4 * Math.sqrt(windows));
            assertThat(squares / windows).isBetween(0.72, 1.28);
            assertThat(Math.abs(products)).isLessThan(4 * Math.sqrt(windows));
        }
    }

    /** The normal law takes over at 2^16. */
    @Test
    void largeCountsAreAsOthers() {
        double squares = 0;
        int windows = 60;
        for (int i = 0; i < windows; i++) {
            int rows = 200_000 + i;
            Segment thinned = Thinning.of(segment(rows), 1);
            double error = (thinned.inputs().rows() - rows / 2.0) / Math.sqrt(rows / 4.0);
            squares += error * error;
        }
        assertThat(squares / windows).isBetween(0.4, 1.8);
    }

    @Test
    void theSameWindowGivesTheSameSample() {
        Segment a = Thinning.of(segment(5_000), 2);
        assertThat(Thinning.of(segment(5_000), 2)).isEqualTo(a);
        assertThat(Thinning.of(segment(5_000), 0)).isEqualTo(segment(5_000));
        // As drawn on any JDK.
        CategoricalProfile levels = (CategoricalProfile) Data.column(a.inputs(), "s");
        assertThat(a.inputs().rows()).isEqualTo(1266);
        assertThat(levels.counts()).containsExactly(245, 258, 221, 261, 264);
    }

    @Test
    void aConstantStaysOne() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 50; i++) {
            double constant = random.nextDouble();
            double[] values = new double[1_000 + i];
            java.util.Arrays.fill(values, constant);
            ReferenceProfile reference = ReferenceProfile.builder(Data.numbers())
                    .add(Data.numbers(values))
                    .build();
            NumericProfile thinned = (NumericProfile) Data.column(
                    Thinning.of(new Segment(reference.inputs(), reference.outputs()), 2)
                            .inputs(),
                    "x");

            assertThat(thinned.moments().mean()).isEqualTo(constant);
            assertThat(thinned.moments().variance()).isZero();
        }
    }
}
