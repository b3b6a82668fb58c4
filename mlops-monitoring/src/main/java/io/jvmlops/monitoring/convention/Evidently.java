package io.jvmlops.monitoring.convention;

import io.jvmlops.monitoring.convention.Convention.Rule;
import io.jvmlops.monitoring.convention.Convention.Scored;
import io.jvmlops.monitoring.statistic.AndersonDarling;
import io.jvmlops.monitoring.statistic.CramerVonMises;
import io.jvmlops.monitoring.statistic.EnergyDistance;
import io.jvmlops.monitoring.statistic.EppsSingleton;
import io.jvmlops.monitoring.statistic.Fisher;
import io.jvmlops.monitoring.statistic.GoodnessOfFit;
import io.jvmlops.monitoring.statistic.KolmogorovSmirnov;
import io.jvmlops.monitoring.statistic.StudentT;
import io.jvmlops.monitoring.statistic.Wasserstein;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.statistics.distribution.NormalDistribution;
import org.apache.commons.statistics.inference.AlternativeHypothesis;
import org.apache.commons.statistics.inference.MannWhitneyUTest;
import org.apache.commons.statistics.inference.PValueMethod;
import org.jspecify.annotations.Nullable;

/**
 * Evidently 0.7.21: its tests, its choice among them, and its rule for a data set. Infinities are missing, and missing
 * values are not looked at: a column that is now missing in 90 % of the rows has not drifted. Nothing is corrected for
 * many columns.
 */
public final class Evidently {
    /** From this share of drifted columns on, the data set has drifted. */
    public static final double DRIFT_SHARE = 0.5;

    private static final String BINS =
            "bins by Sturges' rule over both sides together where the reference has more than 20 distinct"
                    + " values, so current outliers coarsen the reference; the documented number of bins is ignored";

    private Evidently() {}

    static Stream<Convention> all() {
        return Stream.of(
                new Convention(
                        "evidently.ks",
                        0.05,
                        Rule.AT_MOST,
                        cleaned(Evidently::kolmogorovSmirnov),
                        null,
                        "a p-value without an effect: any change is drift once there are rows enough; <= where others have <",
                        "ks, which has D as effect"),
                new Convention(
                        "evidently.wasserstein",
                        0.1,
                        Rule.AT_LEAST,
                        cleaned(Evidently::wasserstein),
                        null,
                        "divided by the reference's deviation, or by 0.001 if that is less; alarms on 77 % of unchanged samples"
                                + " of 100 rows; one value of 1e6 among 1001 scores 499",
                        "wasserstein-scaled: the same unless the deviation is below 0.001"),
                new Convention(
                        "evidently.psi",
                        0.1,
                        Rule.AT_LEAST,
                        cleaned((r, c) -> psi(filled(binned(r, c)))),
                        levels(counts -> psi(filled(shares(counts)))),
                        BINS
                                + "; an empty bin holds 0.0001, or a millionth of the least share if that is no greater, on"
                                + " each side by itself, and shares then add up to more than 1",
                        "psi: bins from the reference, half a row in an empty one, and a p-value that knows the sizes"),
                new Convention(
                        "evidently.jensenshannon",
                        0.1,
                        Rule.AT_LEAST,
                        cleaned((r, c) -> jensenShannon(binned(r, c))),
                        levels(counts -> jensenShannon(shares(counts))),
                        BINS
                                + "; in nats, so that it ends at 0.8326; grows with levels over rows: 50 unchanged levels in 500"
                                + " rows are drift 19 times of 20",
                        "jensen-shannon: to base 2, 1.2011 times as large, with a p-value"),
                new Convention(
                        "evidently.kl_div",
                        0.1,
                        Rule.AT_LEAST,
                        cleaned((r, c) -> divergence(filled(binned(r, c)))),
                        levels(counts -> divergence(filled(shares(counts)))),
                        BINS
                                + "; of the reference from the current data: a new level hardly counts, a lost one as much as the"
                                + " filling of empty bins says",
                        "kl: half a row in an empty cell"),
                new Convention(
                        "evidently.hellinger",
                        0.1,
                        Rule.AT_LEAST,
                        cleaned(Evidently::hellinger),
                        levels(counts -> hellinger(shares(counts))),
                        "bins by Sturges' rule over the set of distinct values of both sides",
                        "hellinger: bins from the reference, with a p-value"),
                new Convention(
                        "evidently.ed",
                        0.1,
                        Rule.ABOVE,
                        cleaned((r, c) -> EnergyDistance.of(r, c).effect()),
                        null,
                        "in roots of the column's unit: the threshold means another thing in metres and in millimetres",
                        "energy: the same, to be given a limit of the column's own"),
                new Convention(
                        "evidently.anderson",
                        0.1,
                        Rule.BELOW,
                        cleaned(Evidently::anderson),
                        null,
                        "p is read from a table of untied samples, and lies between 0.001 and 0.25",
                        "anderson-darling: p from the law, of these ties if there are any"),
                new Convention(
                        "evidently.cramer_von_mises",
                        0.1,
                        Rule.AT_MOST,
                        cleaned(Evidently::cramerVonMises),
                        null,
                        "takes ties for untied; below 20 values it fails with NumPy 2, where we answer what it means to",
                        "cramer-von-mises: p from the law of these ties"),
                new Convention(
                        "evidently.es",
                        0.05,
                        Rule.BELOW,
                        cleaned(Evidently::eppsSingleton),
                        null,
                        "fails where the middle half of the pooled values is one value",
                        "EppsSingleton: NaN there"),
                new Convention(
                        "evidently.mannw",
                        0.05,
                        Rule.BELOW,
                        cleaned(Evidently::mannWhitney),
                        null,
                        "one-sided: values that have become less are never drift, however much",
                        "mann-whitney: two-sided"),
                new Convention(
                        "evidently.t_test",
                        0.05,
                        Rule.BELOW,
                        cleaned((r, c) -> StudentT.of(r, c).pValue()),
                        null,
                        "takes variances to be equal, and sees means only",
                        "t-test, or welch without that"),
                new Convention(
                        "evidently.chisquare",
                        0.05,
                        Rule.BELOW,
                        cleaned((r, c) -> chiSquare(valueCounts(r, c))),
                        levels(Evidently::chiSquare),
                        "takes the reference's shares for known: at equal sizes it alarms on a third of unchanged columns of"
                                + " five levels and on all of 500; one row of a new level makes p 0",
                        "chi-square: both sides are samples"),
                new Convention(
                        "evidently.z",
                        0.05,
                        Rule.BELOW,
                        cleaned((r, c) -> proportions(valueCounts(r, c))),
                        levels(Evidently::proportions),
                        "the first level in order against all others",
                        "two-proportions: the reference's most frequent level against all others"),
                new Convention(
                        "evidently.g_test",
                        0.1,
                        Rule.BELOW,
                        null,
                        levels(Evidently::likelihoodRatio),
                        "takes the reference's counts for known without bringing them to the current total, so fails unless"
                                + " both sides have as many rows",
                        "g-test: both sides are samples of any size"),
                new Convention(
                        "evidently.fisher_exact",
                        0.1,
                        Rule.BELOW,
                        null,
                        levels(Evidently::fisher),
                        "fails unless both sides have as many rows",
                        "fisher: any sizes"),
                new Convention(
                        "evidently.TVD",
                        0.1,
                        Rule.BELOW,
                        null,
                        Evidently::totalVariation,
                        "p of 1000 permutations with one seed, so multiples of 0.001 and 0 among them; permutations that are"
                                + " as far count or do not by rounding, which goes by the order of Python's sets; here they count",
                        "tvd for the distance, chi-square for the p-value"));
    }

    /** The test that Evidently takes for a numeric column if none is named. */
    public static Convention choice(double[] reference, double[] current) {
        double[] r = finite(reference, "reference");
        double[] c = finite(current, "current");
        long distinct = DoubleStream.concat(Arrays.stream(r), Arrays.stream(c))
                .map(v -> v + 0.0)
                .distinct()
                .count();
        if (r.length <= 1000) {
            return Conventions.named(
                    distinct > 5 ? "evidently.ks" : distinct > 2 ? "evidently.chisquare" : "evidently.z");
        }
        return Conventions.named(distinct > 5 ? "evidently.wasserstein" : "evidently.jensenshannon");
    }

    /** The test that Evidently takes for a categorical column if none is named. */
    public static Convention choice(List<@Nullable String> reference, List<@Nullable String> current) {
        List<String> r = present(reference, "reference");
        List<String> c = present(current, "current");
        if (r.size() > 1000) {
            return Conventions.named("evidently.jensenshannon");
        }
        long distinct = Stream.concat(r.stream(), c.stream()).distinct().count();
        return Conventions.named(distinct > 2 ? "evidently.chisquare" : "evidently.z");
    }

    /** Whether the data set has drifted: at least half of its columns have. */
    public static boolean hasDrift(List<ConventionScore> columns) {
        return hasDrift(columns, DRIFT_SHARE);
    }

    /**
     * Whether at least so large a share of columns has drifted. One column that has drifted wholly among twenty is no
     * drift.
     *
     * @throws IllegalArgumentException if there are no columns
     */
    public static boolean hasDrift(List<ConventionScore> columns, double share) {
        if (columns.isEmpty()) {
            throw new IllegalArgumentException("no columns, expected some of which a share can have drifted");
        }
        long drifted = columns.stream().filter(ConventionScore::drift).count();
        return (double) drifted / columns.size() >= share;
    }

    private static Convention.Samples cleaned(ToDoubleBiFunction<double[], double[]> score) {
        return (reference, current) ->
                Scored.of(score.applyAsDouble(finite(reference, "reference"), finite(current, "current")));
    }

    /** A score of the counts of levels. */
    private interface OfCounts {
        double score(long[][] counts);
    }

    private static Convention.Levels levels(OfCounts score) {
        return (reference, current) ->
                Scored.of(score.score(Convention.counts(present(reference, "reference"), present(current, "current"))));
    }

    private static double[] finite(double[] values, String side) {
        double[] finite = Arrays.stream(values).filter(Double::isFinite).toArray();
        if (finite.length == 0) {
            throw nothing(side);
        }
        return finite;
    }

    private static List<String> present(List<@Nullable String> values, String side) {
        List<String> present = values.stream()
                .filter(Objects::nonNull)
                .map(Objects::requireNonNull)
                .toList();
        if (present.isEmpty()) {
            throw nothing(side);
        }
        return present;
    }

    private static IllegalArgumentException nothing(String side) {
        return new IllegalArgumentException("the " + side
                + " data have no finite value, and Evidently fails for the whole report then; expected one at least");
    }

    private static double total(long[] counts) {
        return Arrays.stream(counts).sum();
    }

    private static long[][] valueCounts(double[] r, double[] c) {
        return Convention.counts(
                Arrays.stream(r).mapToObj(v -> v + 0.0).toList(),
                Arrays.stream(c).mapToObj(v -> v + 0.0).toList());
    }

    private static double[][] shares(long[][] counts) {
        return new double[][] {Numpy.shares(counts[0], total(counts[0])), Numpy.shares(counts[1], total(counts[1]))};
    }

    private static double[][] binned(double[] r, double[] c) {
        if (Arrays.stream(r).map(v -> v + 0.0).distinct().limit(21).count() <= 20) {
            return shares(valueCounts(r, c));
        }
        double[] both = Arrays.copyOf(r, r.length + c.length);
        System.arraycopy(c, 0, both, r.length, c.length);
        double[] edges = Numpy.sturges(both);
        return new double[][] {
            Numpy.shares(Numpy.histogram(r, edges), r.length), Numpy.shares(Numpy.histogram(c, edges), c.length)
        };
    }

    private static double[][] filled(double[][] shares) {
        for (double[] side : shares) {
            double least = Arrays.stream(side).filter(v -> v != 0).min().orElse(1);
            double filling = least <= 0.0001 ? least / 1e6 : 0.0001;
            Arrays.setAll(side, i -> side[i] == 0 ? filling : side[i]);
        }
        return shares;
    }

    private static double psi(double[][] shares) {
        double[] p = shares[0];
        double[] q = shares[1];
        return Numpy.sum(IntStream.range(0, p.length)
                .mapToDouble(i -> (p[i] - q[i]) * StrictMath.log(p[i] / q[i]))
                .toArray());
    }

    private static double jensenShannon(double[][] shares) {
        return Numpy.jensenShannon(shares[0], shares[1]);
    }

    private static double divergence(double[][] shares) {
        return Numpy.divergence(shares[0], shares[1]);
    }

    private static double hellinger(double[][] shares) {
        double sum = 0;
        for (int i = 0; i < shares[0].length; i++) {
            sum += Math.sqrt(shares[0][i] * shares[1][i]);
        }
        return Math.sqrt(1 - Math.max(0, Math.min(1, sum)));
    }

    private static double hellinger(double[] r, double[] c) {
        double[] distinct = DoubleStream.concat(Arrays.stream(r), Arrays.stream(c))
                .map(v -> v + 0.0)
                .distinct()
                .toArray();
        double[] edges = Numpy.sturges(distinct);
        double[] p = densities(r, edges);
        double[] q = densities(c, edges);
        double width = (edges[edges.length - 1] - edges[0]) / (edges.length - 1);
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += Math.sqrt(p[i] * q[i]) * width;
        }
        return Math.sqrt(1 - Math.max(0, Math.min(1, sum)));
    }

    private static double[] densities(double[] values, double[] edges) {
        long[] counts = Numpy.histogram(values, edges);
        double total = total(counts);
        return IntStream.range(0, counts.length)
                .mapToDouble(i -> counts[i] / (edges[i + 1] - edges[i]) / total)
                .toArray();
    }

    /** Exactly up to 10,000 values, as scipy chooses. */
    private static double kolmogorovSmirnov(double[] r, double[] c) {
        return (Math.max(r.length, c.length) <= 10_000
                        ? KolmogorovSmirnov.exact(r, c)
                        : KolmogorovSmirnov.asymptotic(r, c))
                .pValue();
    }

    private static double wasserstein(double[] r, double[] c) {
        return Wasserstein.of(r, c).effect() / Math.max(Numpy.deviation(r), 0.001);
    }

    private static double anderson(double[] r, double[] c) {
        if (valueCounts(r, c)[0].length < 2) {
            throw new IllegalArgumentException(
                    "all values are one, expected two distinct ones for Anderson and Darling's test");
        }
        return AndersonDarling.interpolated(r, c).pValue();
    }

    private static double cramerVonMises(double[] r, double[] c) {
        if (r.length < 2 || c.length < 2) {
            throw new IllegalArgumentException("a side of one value, expected two for Cramer and von Mises' test");
        }
        return (Math.max(r.length, c.length) <= 20 ? CramerVonMises.exact(r, c) : CramerVonMises.asymptotic(r, c))
                .pValue();
    }

    private static double eppsSingleton(double[] r, double[] c) {
        double p = EppsSingleton.of(r, c).pValue();
        if (Double.isNaN(p)) {
            throw new IllegalArgumentException(
                    "less than five values on a side, or an interquartile range of 0, expected more for the test of Epps and Singleton");
        }
        return p;
    }

    /** Exactly if a side has no more than 8 values and none is tied, as scipy chooses. */
    private static double mannWhitney(double[] r, double[] c) {
        long[][] counts = valueCounts(r, c);
        if (counts[0].length == 1) {
            return 1;
        }
        boolean exact = Math.min(r.length, c.length) <= 8
                && (double) r.length * c.length <= 10_000
                && counts[0].length == r.length + c.length;
        return MannWhitneyUTest.withDefaults()
                .with(AlternativeHypothesis.LESS_THAN)
                .with(exact ? PValueMethod.EXACT : PValueMethod.ASYMPTOTIC)
                .test(r, c)
                .getPValue();
    }

    private static double chiSquare(long[][] counts) {
        return GoodnessOfFit.chiSquare(doubles(counts[0]), counts[1]).pValue();
    }

    private static double[] doubles(long[] counts) {
        return Arrays.stream(counts).asDoubleStream().toArray();
    }

    private static double likelihoodRatio(long[][] counts) {
        double n = total(counts[0]);
        double m = total(counts[1]);
        if (Math.abs(n - m) > Math.min(n, m) * Math.sqrt(Math.ulp(1.0))) {
            throw sizes(n, m, "the G-test");
        }
        return GoodnessOfFit.g(doubles(counts[0]), counts[1]).pValue();
    }

    private static IllegalArgumentException sizes(double n, double m, String test) {
        return new IllegalArgumentException(
                (long) n + " and " + (long) m + " values, expected as many on both sides: Evidently's form of " + test
                        + " fails otherwise, ours does not");
    }

    private static double proportions(long[][] counts) {
        if (counts[0].length == 1) {
            return 1;
        }
        double n = total(counts[0]);
        double m = total(counts[1]);
        double p = (n - counts[0][0]) / n;
        double q = (m - counts[1][0]) / m;
        double pooled = (p * n + q * m) / (n + m);
        double z = (p - q) / Math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m));
        return 2 * NormalDistribution.of(0, 1).survivalProbability(Math.abs(z));
    }

    private static double fisher(long[][] counts) {
        double n = total(counts[0]);
        double m = total(counts[1]);
        if (n != m) {
            throw sizes(n, m, "Fisher's test");
        }
        if (counts[0].length > 2) {
            throw new IllegalArgumentException(counts[0].length + " levels, expected at most two for Fisher's test");
        }
        long[] r = Arrays.copyOf(counts[0], 2);
        long[] c = Arrays.copyOf(counts[1], 2);
        return Fisher.of(r[0], r[1], c[0], c[1]).pValue();
    }

    private static Scored totalVariation(List<@Nullable String> reference, List<@Nullable String> current) {
        List<String> r = present(reference, "reference");
        List<String> c = present(current, "current");
        List<String> levels =
                Stream.concat(r.stream(), c.stream()).distinct().sorted().toList();
        Map<String, Integer> index = new HashMap<>();
        levels.forEach(level -> index.put(level, index.size()));
        int[] both = Stream.concat(r.stream(), c.stream())
                .mapToInt(level -> Objects.requireNonNull(index.get(level)))
                .toArray();
        int[] order = IntStream.range(0, both.length).toArray();
        double observed = distance(both, order, r.size(), levels.size());
        Numpy.OldRandom random = new Numpy.OldRandom(0);
        int asFar = 0;
        for (int i = 0; i < 1000; i++) {
            // Sums of the same numbers in another order are equal but for rounding.
            if (distance(both, random.permutation(both.length), r.size(), levels.size()) >= observed - 1e-12) {
                asFar++;
            }
        }
        return Scored.of(asFar / 1000.0);
    }

    private static double distance(int[] both, int[] order, int n, int levels) {
        long[][] counts = new long[2][levels];
        for (int i = 0; i < order.length; i++) {
            counts[i < n ? 0 : 1][both[order[i]]]++;
        }
        double m = order.length - n;
        double sum = 0;
        for (int i = 0; i < levels; i++) {
            sum += Math.abs(counts[0][i] / (double) n - counts[1][i] / m);
        }
        return sum / 2;
    }
}
