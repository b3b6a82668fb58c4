package io.jvmlops.monitoring.convention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.jvmlops.monitoring.statistic.GoldenData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Conventions against the libraries themselves, on data that {@code src/test/python/golden.py} makes likewise. */
class ConventionTest {
    @TestFactory
    Stream<DynamicTest> agrees() {
        return GoldenData.answers("conventions.csv").stream()
                .map(row -> dynamicTest(row[1] + " of " + row[0], () -> check(row)));
    }

    private static void check(String[] row) {
        if (row[2].equals("error")) {
            // Its own copy of the exact law fails with NumPy 2 on every input; ours answers.
            if (!row[1].equals("evidently.cramer_von_mises")) {
                assertThatThrownBy(() -> found(row)).isInstanceOf(IllegalArgumentException.class);
            }
            return;
        }
        ConventionScore found = found(row);

        assertThat(found.convention()).isEqualTo(row[1].equals("evidently.default") ? "evidently." + row[5] : row[1]);
        double score = row[2].equals("nan") ? Double.NaN : Double.parseDouble(row[2]);
        if (Double.isNaN(score)) {
            // Student's t of two equal constants and the like.
            assertThat(found.drift()).isFalse();
        } else if (row[1].equals("evidently.TVD")) {
            // Of the permutations that are as far, rounding there loses some.
            assertThat(found.score()).isBetween(score, score + 0.05);
        } else {
            assertThat(found.score()).isCloseTo(score, within(Math.max(5e-9, 1e-8 * Math.abs(score))));
        }
        if (!row[3].equals("nan")) {
            double threshold = Double.parseDouble(row[3]);
            assertThat(found.threshold()).isCloseTo(threshold, within(Math.max(1e-12, 1e-8 * threshold)));
        }
        assertThat(found.drift()).isEqualTo(row[4].equals("1"));
    }

    private static ConventionScore found(String[] row) {
        double[][] numeric = GoldenData.NUMERIC.get(row[0]);
        boolean nanny = row[1].startsWith("nannyml.");
        if (numeric != null) {
            double[] r = numeric[0];
            if (nanny) {
                double[] unordered = r;
                r = Arrays.stream(GoldenData.spread(unordered.length))
                        .mapToDouble(i -> unordered[i])
                        .toArray();
            }
            double[] c = numeric[1];
            return (row[1].equals("evidently.default") ? Evidently.choice(r, c) : Conventions.named(row[1]))
                    .compare(r, c);
        }
        long[][] counts = Objects.requireNonNull(GoldenData.LEVELS.get(row[0]));
        List<@Nullable String> r = new ArrayList<>(Arrays.asList(GoldenData.levels(counts[0])));
        if (nanny) {
            List<@Nullable String> unordered = List.copyOf(r);
            r = new ArrayList<>(Arrays.stream(GoldenData.spread(unordered.size()))
                    .mapToObj(unordered::get)
                    .toList());
        }
        List<@Nullable String> c = new ArrayList<>(Arrays.asList(GoldenData.levels(counts[1])));
        return (row[1].equals("evidently.default") ? Evidently.choice(r, c) : Conventions.named(row[1])).compare(r, c);
    }

    /** Values 1 to 6 as levels: the published numbers of Evidently's own tests. */
    @Test
    void publishedNumbersOfEvidently() {
        List<@Nullable String> r = levels(16, 18, 16, 14, 12, 12);
        List<@Nullable String> c = levels(16, 16, 16, 16, 16, 8);

        assertThat(Conventions.named("evidently.chisquare").compare(r, c).score())
                .isCloseTo(0.6730876007, within(6e-11));
        assertThat(Conventions.named("evidently.hellinger").compare(r, c).score())
                .isCloseTo(0.06812774371, within(6e-12));
        assertThat(Conventions.named("evidently.psi").compare(r, c).score()).isCloseTo(0.03721838158, within(6e-12));
        assertThat(Conventions.named("evidently.jensenshannon").compare(r, c).score())
                .isCloseTo(0.06804819618, within(6e-12));
        assertThat(Conventions.named("evidently.kl_div").compare(r, c).score()).isCloseTo(0.01890967697, within(6e-12));
        assertThat(Conventions.named("evidently.g_test")
                        .compare(levels(5, 5, 8), levels(4, 6, 8))
                        .score())
                .isCloseTo(0.8176220134, within(6e-11));
    }

    @Test
    void squaresByEvidentlysBins() {
        double[][] squares = Objects.requireNonNull(GoldenData.NUMERIC.get("squares"));

        assertThat(score("evidently.psi", squares)).isCloseTo(0.3938077317, within(6e-11));
        assertThat(score("evidently.jensenshannon", squares)).isCloseTo(0.2170492497, within(6e-11));
        assertThat(score("evidently.kl_div", squares)).isCloseTo(0.1762931712, within(6e-11));
        assertThat(score("evidently.wasserstein", squares)).isCloseTo(0.5773499805, within(6e-11));
        assertThat(score("evidently.hellinger", squares)).isCloseTo(0.2193902247, within(6e-11));
    }

    private static double score(String convention, double[][] data) {
        return Conventions.named(convention).compare(data[0], data[1]).score();
    }

    /** One row of an unseen level among 1000: drift without a doubt at 1000 reference rows, none at 1500. */
    @Test
    void oneUnseenLevelAndTheSizeOfTheReference() {
        ConventionScore thousand = byDefault(levels(500, 300, 200), levels(500, 299, 200, 1));
        ConventionScore more = byDefault(levels(750, 450, 300), levels(500, 299, 200, 1));

        assertThat(thousand).isEqualTo(new ConventionScore("evidently.chisquare", 0, 0.05, true));
        assertThat(more.convention()).isEqualTo("evidently.jensenshannon");
        assertThat(more.score()).isCloseTo(0.0186, within(5e-5));
        assertThat(more.drift()).isFalse();
    }

    private static ConventionScore byDefault(List<@Nullable String> r, List<@Nullable String> c) {
        return Evidently.choice(r, c).compare(r, c);
    }

    @Test
    void constantsThatDifferALittle() {
        double[] r = new double[1500];
        double[] c = new double[100];
        Arrays.fill(r, 5.0);
        Arrays.fill(c, 5.01);

        ConventionScore found = Evidently.choice(r, c).compare(r, c);

        assertThat(found.convention()).isEqualTo("evidently.jensenshannon");
        assertThat(found.score()).isCloseTo(Math.sqrt(Math.log(2)), within(1e-12));
    }

    @Test
    void oneOutlierIsALongWay() {
        double[] r =
                IntStream.range(0, 1000).mapToDouble(i -> i % 2 == 0 ? 2 : -2).toArray();
        double[] c = Arrays.copyOf(r, 1001);
        c[1000] = 1e6;

        ConventionScore found = Conventions.named("evidently.wasserstein").compare(r, c);

        assertThat(found.score()).isCloseTo(499.5, within(0.05));
        assertThat(found.drift()).isTrue();
    }

    @Test
    void choiceOfEvidently() {
        double[] few = {1, 2, 3, 4, 5};
        double[] many = IntStream.range(0, 1000).mapToDouble(i -> i).toArray();
        assertThat(Evidently.choice(many, many).name()).isEqualTo("evidently.ks");
        assertThat(Evidently.choice(few, few).name()).isEqualTo("evidently.chisquare");
        assertThat(Evidently.choice(new double[] {0, 1}, new double[] {0}).name())
                .isEqualTo("evidently.z");
        // Both sides together have six.
        assertThat(Evidently.choice(few, new double[] {6}).name()).isEqualTo("evidently.ks");
        // Missing rows do not count.
        double[] thousand = Arrays.copyOf(many, 1002);
        thousand[1000] = Double.NaN;
        thousand[1001] = Double.POSITIVE_INFINITY;
        assertThat(Evidently.choice(thousand, many).name()).isEqualTo("evidently.ks");
        thousand[1001] = 3;
        assertThat(Evidently.choice(thousand, many).name()).isEqualTo("evidently.wasserstein");
        double[] bits = IntStream.range(0, 1001).mapToDouble(i -> i % 2).toArray();
        assertThat(Evidently.choice(bits, bits).name()).isEqualTo("evidently.jensenshannon");
        assertThat(Evidently.choice(levels(1000, 1), levels(1)).name()).isEqualTo("evidently.jensenshannon");
        assertThat(Evidently.choice(levels(10, 1), levels(1)).name()).isEqualTo("evidently.z");
        assertThat(Evidently.choice(levels(10, 1), levels(1, 1, 1)).name()).isEqualTo("evidently.chisquare");
    }

    @Test
    void dataSetOfEvidently() {
        ConventionScore drifted = new ConventionScore("evidently.ks", 0, 0.05, true);
        ConventionScore stable = new ConventionScore("evidently.ks", 1, 0.05, false);

        assertThat(Evidently.hasDrift(List.of(drifted, stable))).isTrue();
        assertThat(Evidently.hasDrift(List.of(drifted, stable, stable))).isFalse();
        assertThat(Evidently.hasDrift(List.of(drifted, stable, stable), 0.3)).isTrue();
        assertThatThrownBy(() -> Evidently.hasDrift(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    /** The docstring's example of NannyML. */
    @Test
    void thresholdsOfNannyMl() {
        double[] scores = IntStream.range(0, 10).mapToDouble(i -> i).toArray();
        assertThat(NannyMl.lowerThreshold(scores)).isCloseTo(-4.11684397, within(6e-9));
        assertThat(NannyMl.upperThreshold(scores)).isCloseTo(13.11684397, within(6e-9));
    }

    @Test
    void aThresholdOfOnesOwn() {
        double[][] shifted = Objects.requireNonNull(GoldenData.NUMERIC.get("shifted"));
        for (String name : List.of("evidently.psi", "nannyml.jensen_shannon")) {
            Convention convention = Conventions.named(name);
            ConventionScore lax = convention.withThreshold(10).compare(shifted[0], shifted[1]);
            ConventionScore strict = convention.withThreshold(1e-9).compare(shifted[0], shifted[1]);
            assertThat(lax.threshold()).isEqualTo(10);
            assertThat(lax.drift()).isFalse();
            assertThat(strict.drift()).isTrue();
        }
    }

    @Test
    void everyConventionSaysWhatIsOddAboutIt() {
        assertThat(Conventions.names()).hasSize(23).doesNotHaveDuplicates();
        for (String name : Conventions.names()) {
            Convention convention = Conventions.named(name);
            assertThat(convention.odd()).isNotBlank();
            assertThat(convention.ours()).isNotBlank();
            assertThat(convention.isForLevels() || convention.isForNumbers()).isTrue();
        }
        assertThatThrownBy(() -> Conventions.named("evidently.nothing"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("evidently.psi");
    }

    @Test
    void oddDataGiveAScoreOrAnArgumentException() {
        double[][] odd = {
            {},
            {Double.NaN},
            {1},
            {1, 1},
            {1, 2},
            {Double.POSITIVE_INFINITY, 1, 2},
            {1e308, -1e308, 0},
            new double[30],
            IntStream.range(0, 40).mapToDouble(i -> 1e308 * Math.sin(i)).toArray(),
            IntStream.range(0, 40)
                    .mapToDouble(i -> i % 7 == 0 ? Double.NaN : Double.MIN_VALUE * i)
                    .toArray()
        };
        List<List<@Nullable String>> levels = List.of(
                List.of(),
                Collections.<@Nullable String>singletonList(null),
                levels(1),
                levels(0, 30),
                levels(10, 10, 10));
        for (String name : Conventions.names()) {
            Convention convention = Conventions.named(name);
            for (double[] r : odd) {
                for (double[] c : odd) {
                    scoreOrArgumentException(() -> convention.compare(r, c));
                }
            }
            for (List<@Nullable String> r : levels) {
                for (List<@Nullable String> c : levels) {
                    scoreOrArgumentException(() -> convention.compare(r, c));
                }
            }
        }
    }

    private interface Compared {
        ConventionScore get();
    }

    private static void scoreOrArgumentException(Compared compared) {
        try {
            assertThat(compared.get().convention()).isNotBlank();
        } catch (IllegalArgumentException expected) {
            assertThat(expected.getMessage()).contains("expected");
        }
    }

    private static List<@Nullable String> levels(long... counts) {
        return new ArrayList<>(Arrays.asList(GoldenData.levels(counts)));
    }
}
