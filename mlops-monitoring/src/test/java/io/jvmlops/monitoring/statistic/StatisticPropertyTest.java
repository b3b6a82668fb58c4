package io.jvmlops.monitoring.statistic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.monitoring.DistinctCount;
import io.jvmlops.api.monitoring.Distribution;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.ExactSum;
import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.Moments;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Sketch;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class StatisticPropertyTest {
    private interface OnSamples {
        DriftScore of(double[] reference, double[] current);
    }

    private interface OnCounts {
        DriftScore of(long[] reference, long[] current);
    }

    private static final Map<String, OnSamples> RANKS = Map.of(
            "ks", KolmogorovSmirnov::of,
            "l-infinity", LInfinity::of,
            "mann-whitney", MannWhitney::of,
            "anderson-darling", AndersonDarling::of,
            "cramer-von-mises", CramerVonMises::of);

    private static final Map<String, OnSamples> ON_THE_LINE = Map.of(
            "wasserstein", Wasserstein::of,
            "energy", EnergyDistance::of,
            "epps-singleton", EppsSingleton::of,
            "t-test", StudentT::of,
            "welch", Welch::of);

    private static final Map<String, OnCounts> ON_COUNTS = Map.of(
            "psi", Psi::of,
            "jensen-shannon", JensenShannon::of,
            "hellinger", Hellinger::of,
            "g-test", GTest::of,
            "chi-square", ChiSquareHomogeneity::of,
            "l-infinity", LInfinity::of,
            "tvd", (r, c) -> DriftScore.distance(TotalVariation.of(r, c), 0, 0),
            "mann-whitney", MannWhitney::of,
            "anderson-darling", AndersonDarling::of,
            "cramer-von-mises", CramerVonMises::of);

    /** Whole numbers, so that they are tied and cubes of them are exact. */
    @Provide
    Arbitrary<double[]> samples() {
        return Arbitraries.integers()
                .between(-40, 40)
                .array(int[].class)
                .ofMinSize(5)
                .ofMaxSize(60)
                .map(values -> Arrays.stream(values).asDoubleStream().toArray());
    }

    /** Numbers that are rarely tied. */
    @Provide
    Arbitrary<double[]> reals() {
        return Arbitraries.integers()
                .between(-1_000_000, 1_000_000)
                .array(int[].class)
                .ofMinSize(5)
                .ofMaxSize(80)
                .map(values -> Arrays.stream(values).mapToDouble(v -> v / 1e4).toArray());
    }

    @Provide
    Arbitrary<long[]> counts() {
        return Arbitraries.longs().between(0, 300).array(long[].class).ofSize(6);
    }

    private static double[] map(double[] values, DoubleUnaryOperator function) {
        return Arrays.stream(values).map(function).toArray();
    }

    private static void assertSame(String name, DriftScore found, DriftScore expected) {
        assertNear(name, found.effect(), expected.effect());
        assertNear(name, found.pValue(), expected.pValue());
    }

    private static void assertNear(String name, double found, double expected) {
        if (Double.compare(found, expected) != 0) {
            assertThat(found).as(name).isCloseTo(expected, within(1e-12 + 1e-7 * Math.abs(expected)));
        }
    }

    @Property(tries = 100)
    void neitherSideComesFirst(@ForAll("samples") double[] a, @ForAll("samples") double[] b) {
        RANKS.forEach((name, statistic) -> assertSame(name, statistic.of(b, a), statistic.of(a, b)));
        ON_THE_LINE.forEach((name, statistic) -> assertSame(name, statistic.of(b, a), statistic.of(a, b)));
    }

    @Property(tries = 100)
    void neitherRowOfCountsComesFirst(@ForAll("counts") long[] a, @ForAll("counts") long[] b) {
        ON_COUNTS.forEach((name, statistic) -> assertSame(name, statistic.of(b, a), statistic.of(a, b)));
    }

    @Property(tries = 100)
    void ranksKnowOfOrderOnly(@ForAll("samples") double[] a, @ForAll("samples") double[] b) {
        RANKS.forEach((name, statistic) -> {
            DriftScore plain = statistic.of(a, b);
            assertThat(statistic.of(map(a, v -> v * v * v), map(b, v -> v * v * v)))
                    .as(name)
                    .isEqualTo(plain);
            assertSame(name, statistic.of(map(a, v -> -v), map(b, v -> -v)), plain);
        });
    }

    /** Orders of rows do not matter, nor NaN among them. */
    @Property(tries = 50)
    void rowsHaveNoOrderAndMissingOnesDoNotCount(@ForAll("samples") double[] a, @ForAll("samples") double[] b) {
        double[] other = Arrays.copyOf(a, a.length + 1);
        Arrays.sort(other, 0, a.length);
        other[a.length] = Double.NaN;
        RANKS.forEach((name, statistic) -> assertSame(name, statistic.of(other, b), statistic.of(a, b)));
        ON_THE_LINE.forEach((name, statistic) -> assertSame(name, statistic.of(other, b), statistic.of(a, b)));
    }

    @Property(tries = 100)
    void distancesScale(
            @ForAll("reals") double[] a, @ForAll("reals") double[] b, @ForAll @IntRange(min = -8, max = 8) int half) {
        double by = Math.scalb(1.0, 2 * half);
        double[] x = map(a, v -> v * by);
        double[] y = map(b, v -> v * by);

        assertNear(
                "wasserstein",
                Wasserstein.of(x, y).effect(),
                by * Wasserstein.of(a, b).effect());
        assertNear(
                "energy",
                EnergyDistance.of(x, y).effect(),
                Math.sqrt(by) * EnergyDistance.of(a, b).effect());
        assertNear(
                "scaled",
                Wasserstein.ofScaled(x, y).effect(),
                Wasserstein.ofScaled(a, b).effect());
        assertSame("t", StudentT.of(x, y), StudentT.of(a, b));
        assertSame("welch", Welch.of(x, y), Welch.of(a, b));
        assertSame("epps", EppsSingleton.of(x, y), EppsSingleton.of(a, b));
    }

    @Property(tries = 100)
    void distancesDoNotDependOnWhereZeroIs(@ForAll("samples") double[] a, @ForAll("samples") double[] b) {
        ON_THE_LINE.forEach((name, statistic) ->
                assertSame(name, statistic.of(map(a, v -> v + 7), map(b, v -> v + 7)), statistic.of(a, b)));
    }

    @Property(tries = 100)
    void distancesAreInTheirPlaces(@ForAll("reals") double[] a, @ForAll("reals") double[] b) {
        double d = KolmogorovSmirnov.of(a, b).effect();
        double wasserstein = Wasserstein.of(a, b).effect();
        double energy = EnergyDistance.of(a, b).effect();
        double meansApart = Math.abs(Samples.mean(a) - Samples.mean(b));

        assertThat(wasserstein).isGreaterThanOrEqualTo(meansApart - 1e-9);
        // Of a difference of functions d at most, squared, over the line.
        assertThat(energy * energy).isLessThanOrEqualTo(2 * d * wasserstein * (1 + 1e-12));
        assertThat(CramerVonMises.of(a, b).effect()).isLessThanOrEqualTo(d + 1e-12);
        assertThat(MannWhitney.of(a, b).effect()).isLessThanOrEqualTo(1 + 1e-12);
        assertThat(LInfinity.of(a, b).effect()).isCloseTo(d, within(1e-12));
    }

    @Property(tries = 200)
    void divergencesAreInTheirPlaces(@ForAll("counts") long[] a, @ForAll("counts") long[] b) {
        if (LongStream.of(a).sum() == 0 || LongStream.of(b).sum() == 0) {
            return;
        }
        double h = Hellinger.of(a, b).effect();
        double tv = TotalVariation.of(a, b);
        double js = JensenShannon.of(a, b).effect();

        assertThat(h * h).isLessThanOrEqualTo(tv + 1e-12);
        assertThat(tv).isLessThanOrEqualTo(h * Math.sqrt(2) + 1e-12);
        // Lin 1991: the divergence in bits is at most the total variation distance.
        assertThat(js * js).isLessThanOrEqualTo(tv + 1e-12);
        assertThat(LInfinity.of(a, b).effect()).isLessThanOrEqualTo(tv + 1e-12);
        if (LongStream.of(a).allMatch(v -> v > 0) && LongStream.of(b).allMatch(v -> v > 0)) {
            assertNear(
                    "both directions",
                    KullbackLeibler.of(a, b).effect() + KullbackLeibler.of(b, a).effect(),
                    Psi.of(a, b).effect());
            // Pinsker's inequality.
            assertThat(tv)
                    .isLessThanOrEqualTo(Math.sqrt(KullbackLeibler.of(a, b).effect() / 2) + 1e-12);
        }
    }

    /** What a profile of the values says is no further from what the values say than it says. */
    @Property(tries = 300)
    void profilesAreWithinTheirError(
            @ForAll("reals") double[] a,
            @ForAll("reals") double[] b,
            @ForAll("reals") double[] edges,
            @ForAll @IntRange(min = 0, max = 12) int bins,
            @ForAll @IntRange(min = 0, max = 54) int shift) {
        double[] some = new TreeSet<>(Arrays.stream(edges)
                        .limit(bins)
                        .map(v -> v + 0.0)
                        .boxed()
                        .toList())
                .stream().mapToDouble(Double::doubleValue).toArray();
        NumericProfile[][] pairs = {
            {profile(a, histogram(a, some)), profile(b, histogram(b, some))},
            {profile(a, sketch(a, shift)), profile(b, sketch(b, 0))}
        };
        for (NumericProfile[] pair : pairs) {
            assertWithinError(pair, new Wasserstein(), Wasserstein.of(a, b));
            assertWithinError(pair, Wasserstein.scaled(), Wasserstein.ofScaled(a, b));
            assertWithinError(pair, new EnergyDistance(), EnergyDistance.of(a, b));
            assertWithinError(pair, new MannWhitney(), MannWhitney.of(a, b));
            assertWithinError(pair, new CramerVonMises(), CramerVonMises.of(a, b));
            assertWithinError(pair, new AndersonDarling(), AndersonDarling.of(a, b));
            assertWithinError(pair, new LInfinity(), LInfinity.of(a, b));
            assertWithinError(pair, new StudentT(), StudentT.of(a, b));
            assertWithinError(pair, new Welch(), Welch.of(a, b));
        }
    }

    private static void assertWithinError(NumericProfile[] pair, DriftStatistic statistic, DriftScore ofValues) {
        DriftScore found = statistic.compare(pair[0], pair[1]);
        assertThat(found.error()).as(statistic.name()).isNotNaN();
        if (found.effect() != ofValues.effect()) {
            assertThat(Math.abs(found.effect() - ofValues.effect()))
                    .as("%s: %s for %s", statistic.name(), found, ofValues)
                    .isLessThanOrEqualTo(found.error() + 1e-9 * (1 + ofValues.effect()));
        }
        assertThat(found.referenceCount()).isEqualTo(ofValues.referenceCount());
    }

    /** Sketches that have not been coarsened lose nothing. */
    @Property(tries = 50)
    void fineSketchesAreExact(@ForAll("samples") double[] a, @ForAll("samples") double[] b) {
        NumericProfile r = profile(a, sketch(a, 0));
        NumericProfile c = profile(b, sketch(b, 0));
        Map<String, OnSamples> exact = Map.of(
                "wasserstein", Wasserstein::of,
                "energy", EnergyDistance::of,
                "l-infinity", LInfinity::of,
                "anderson-darling", AndersonDarling::of,
                "t-test", StudentT::of,
                "welch", Welch::of);
        exact.forEach((name, statistic) -> {
            DriftScore found = Statistics.named(name).compare(r, c);
            assertThat(found.error()).as(name).isZero();
            assertSame(name, found, statistic.of(a, b));
        });
    }

    private static NumericProfile profile(double[] values, Distribution distribution) {
        BinaryOperator<Moments> plus = Moments::plus;
        Moments moments = DoubleStream.of(values)
                .mapToObj(
                        v -> new Moments(1, v, v, ExactSum.of(v), ExactSum.of(v).times(ExactSum.of(v))))
                .reduce(Moments.NONE, plus);
        return new NumericProfile("x", 0, 0, 0, 0, moments, distribution, new DistinctCount(1, new byte[0]));
    }

    private static Histogram histogram(double[] values, double[] edges) {
        long[] bins = new long[edges.length + 1];
        for (double value : values) {
            int at = Arrays.binarySearch(edges, value + 0.0);
            bins[at < 0 ? -at - 1 : at]++;
        }
        return new Histogram(edges, bins);
    }

    private static Sketch sketch(double[] values, int shift) {
        TreeMap<Long, Long> counts = new TreeMap<>();
        for (double value : values) {
            counts.merge(Sketch.key(value, shift), 1L, Long::sum);
        }
        return new Sketch(
                shift,
                counts.keySet().stream().mapToLong(Long::longValue).toArray(),
                counts.values().stream().mapToLong(Long::longValue).toArray());
    }
}
