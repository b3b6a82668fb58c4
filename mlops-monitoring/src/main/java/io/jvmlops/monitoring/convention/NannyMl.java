package io.jvmlops.monitoring.convention;

import io.jvmlops.monitoring.convention.Convention.Rule;
import io.jvmlops.monitoring.convention.Convention.Scored;
import io.jvmlops.monitoring.statistic.KolmogorovSmirnov;
import io.jvmlops.monitoring.statistic.Wasserstein;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.jspecify.annotations.Nullable;

/**
 * NannyML 0.13.1: its univariate methods, and its thresholds, which are the mean and three population standard deviations
 * of the scores that chunks of the reference have against the whole reference. Chunks are of a tenth of the rows, in
 * order; a rest is a chunk too.
 *
 * <p>What is odd about that: the chunks are part of what they are compared with, so they look closer than new data do;
 * ten scores say little of a standard deviation; and a current chunk of another size than theirs has another distribution
 * of scores, so that a smaller one alarms without change.
 */
public final class NannyMl {
    private static final int CHUNKS = 10;
    private static final int EXACT_BELOW = 10_000;
    private static final int BINS = 10_000;
    private static final String CHUNKED =
            "threshold from ten chunks of the reference, which are part of what they are compared"
                    + " with and may be of another size than the current one";

    private NannyMl() {}

    /** A score against a fixed reference; NaN for no values. */
    private interface Fitted<T> {
        double score(T rows);
    }

    static Stream<Convention> all() {
        return Stream.of(
                new Convention(
                        "nannyml.kolmogorov_smirnov",
                        Double.NaN,
                        Rule.ABOVE,
                        (r, c) -> chunked(NannyMl::kolmogorovSmirnov, r, c, 1),
                        null,
                        CHUNKED
                                + "; from 10,000 rows of the reference on over 10,000 bins of equal width, not of equal count as"
                                + " documented, so that one outlier puts all values into one bin",
                        "ks: exact on samples, over quantiles of the reference on profiles, with a p-value"),
                new Convention(
                        "nannyml.jensen_shannon",
                        Double.NaN,
                        Rule.ABOVE,
                        (r, c) -> chunked(reference -> overBins(reference, NannyMl::jensenShannon), r, c, Double.NaN),
                        (r, c) -> chunked(reference -> overLevels(reference, NannyMl::jensenShannon), r, c),
                        CHUNKED
                                + "; bins of equal width by Doane's rule on the reference, values beyond it in one bin more",
                        "jensen-shannon: to base 2 too, over quantiles of the reference, with a p-value"),
                new Convention(
                        "nannyml.wasserstein",
                        Double.NaN,
                        Rule.ABOVE,
                        (r, c) -> chunked(NannyMl::wasserstein, r, c, Double.NaN),
                        null,
                        CHUNKED
                                + "; from 10,000 rows of the reference on over 10,000 bins of equal width, where values below the"
                                + " reference's count as one more than they are",
                        "wasserstein: exact on samples, with a bound of its error on profiles"),
                new Convention(
                        "nannyml.hellinger",
                        Double.NaN,
                        Rule.ABOVE,
                        (r, c) -> chunked(reference -> overBins(reference, NannyMl::hellinger), r, c, Double.NaN),
                        (r, c) -> chunked(reference -> overLevels(reference, NannyMl::hellinger), r, c),
                        CHUNKED
                                + "; bins of equal width by Doane's rule on the reference, values beyond it in one bin more",
                        "hellinger: over quantiles of the reference, with a p-value"),
                new Convention(
                        "nannyml.l_infinity",
                        Double.NaN,
                        Rule.ABOVE,
                        null,
                        (r, c) -> chunked(NannyMl::greatestDifference, r, c),
                        CHUNKED,
                        "l-infinity: the same distance"),
                new Convention(
                        "nannyml.chi2",
                        0.05,
                        Rule.BELOW,
                        null,
                        NannyMl::chiSquare,
                        "the score is the statistic and the verdict that of its p-value, below 0.05; corrected for continuity"
                                + " with two levels; cells may be as sparse as they are",
                        "chi-square: without correction, sparse cells pooled"));
    }

    /** The upper threshold that scores of reference chunks give: mean and three population standard deviations. */
    public static double upperThreshold(double... scores) {
        double[] known = known(scores);
        return Numpy.mean(known) + 3 * Numpy.deviation(known);
    }

    /** The lower threshold that scores of reference chunks give; not used for drift, where less is better. */
    public static double lowerThreshold(double... scores) {
        double[] known = known(scores);
        return Numpy.mean(known) - 3 * Numpy.deviation(known);
    }

    private static double[] known(double[] scores) {
        return Arrays.stream(scores).filter(v -> !Double.isNaN(v)).toArray();
    }

    /** How a method learns a reference. */
    private interface Method<T> {
        Fitted<T> fit(T reference);
    }

    private static Scored chunked(Method<double[]> method, double[] reference, double[] current, double limit) {
        Fitted<double[]> fitted = method.fit(present(reference));
        double[] scores = chunks(reference.length)
                .map(chunk -> Arrays.copyOfRange(reference, chunk[0], chunk[1]))
                .mapToDouble(chunk -> score(fitted, present(chunk)))
                .toArray();
        return against(score(fitted, present(current)), scores, limit);
    }

    private static Scored chunked(
            Method<List<String>> method, List<@Nullable String> reference, List<@Nullable String> current) {
        Fitted<List<String>> fitted = method.fit(levels(reference));
        double[] scores = chunks(reference.size())
                .map(chunk -> levels(reference.subList(chunk[0], chunk[1])))
                .mapToDouble(chunk -> chunk.isEmpty() ? Double.NaN : fitted.score(chunk))
                .toArray();
        List<String> now = levels(current);
        return against(now.isEmpty() ? Double.NaN : fitted.score(now), scores, Double.NaN);
    }

    private static Scored against(double score, double[] scores, double limit) {
        double threshold = upperThreshold(scores);
        return new Scored(score, threshold >= limit ? limit : threshold, score);
    }

    private static double score(Fitted<double[]> fitted, double[] rows) {
        return rows.length == 0 ? Double.NaN : fitted.score(rows);
    }

    /** From and to, by rows, missing ones included. */
    private static Stream<int[]> chunks(int rows) {
        int size = rows / CHUNKS;
        if (size == 0) {
            throw new IllegalArgumentException(
                    rows + " rows of the reference, expected " + CHUNKS + " at least for a threshold");
        }
        return IntStream.range(0, (rows + size - 1) / size).mapToObj(i ->
                new int[] {i * size, Math.min(rows, (i + 1) * size)});
    }

    private static double[] present(double[] values) {
        return known(values);
    }

    private static List<String> levels(List<@Nullable String> values) {
        List<String> levels = new ArrayList<>();
        for (String value : values) {
            if (value != null) {
                levels.add(value);
            }
        }
        return levels;
    }

    private static void check(double[] reference) {
        if (reference.length == 0) {
            throw new IllegalArgumentException("the reference has no value, expected one at least");
        }
    }

    private static Fitted<double[]> kolmogorovSmirnov(double[] reference) {
        check(reference);
        if (reference.length < EXACT_BELOW) {
            return rows -> KolmogorovSmirnov.asymptotic(reference, rows).statistic();
        }
        double[] edges = equalWidths(reference);
        double[] below = Numpy.cumulated(Numpy.shares(Numpy.histogram(reference, edges), reference.length), 0);
        return rows -> {
            double lower = Arrays.stream(rows).filter(v -> v < edges[0]).count() / (double) rows.length;
            double[] belowNow = Numpy.cumulated(Numpy.shares(Numpy.histogram(rows, edges), rows.length), lower);
            return IntStream.range(0, below.length)
                    .mapToDouble(i -> Math.abs(below[i] - belowNow[i]))
                    .max()
                    .orElse(Double.NaN);
        };
    }

    private static double[] equalWidths(double[] reference) {
        double least = Arrays.stream(reference).min().orElse(0);
        double greatest = Arrays.stream(reference).max().orElse(0);
        if (!Double.isFinite(greatest - least)) {
            throw new IllegalArgumentException(
                    "a range that is not finite has no bins of equal width, expected finite values");
        }
        return least == greatest
                ? Numpy.linspace(least - 0.5, greatest + 0.5, BINS)
                : Numpy.linspace(least, greatest, BINS);
    }

    private static Fitted<double[]> wasserstein(double[] reference) {
        check(reference);
        if (reference.length < EXACT_BELOW) {
            return rows -> Wasserstein.of(reference, rows).effect();
        }
        double[] edges = equalWidths(reference);
        double first = edges[0];
        double last = edges[edges.length - 1];
        double width = edges[1] - edges[0];
        double[] below = Numpy.cumulated(Numpy.shares(Numpy.histogram(reference, edges), reference.length), 0);
        return rows -> {
            double[] smaller =
                    Arrays.stream(rows).filter(v -> v < first).sorted().toArray();
            double[] bigger = Arrays.stream(rows).filter(v -> v > last).sorted().toArray();
            double share = smaller.length == 0 ? 0 : (smaller.length + 1.0) / rows.length;
            double shareBigger = bigger.length == 0 ? 0 : (bigger.length + 1.0) / rows.length;
            double[] upTo = DoubleStream.concat(Arrays.stream(smaller), DoubleStream.of(first))
                    .toArray();
            double[] from = DoubleStream.concat(DoubleStream.of(last), Arrays.stream(bigger))
                    .toArray();
            double outside = 0;
            double outsideBigger = 0;
            for (int i = 0; i + 1 < upTo.length; i++) {
                outside += (i + 1.0) / upTo.length * (upTo[i + 1] - upTo[i]);
            }
            for (int i = 0; i + 1 < from.length; i++) {
                outsideBigger += (1 - (i + 1.0) / from.length) * (from[i + 1] - from[i]);
            }
            double[] belowNow = Numpy.cumulated(Numpy.shares(Numpy.histogram(rows, edges), rows.length), 0);
            double[] areas = IntStream.range(0, below.length)
                    .mapToDouble(i -> Math.abs(below[i] - (belowNow[i] + share)) * width)
                    .toArray();
            return Numpy.sum(areas) + outside * share + outsideBigger * shareBigger;
        };
    }

    /** Of two rows of shares. */
    private interface Distance {
        double of(double[] p, double[] q);
    }

    private static double jensenShannon(double[] p, double[] q) {
        return Numpy.jensenShannon(p, q) / Math.sqrt(StrictMath.log(2));
    }

    private static double hellinger(double[] p, double[] q) {
        return Math.sqrt(Numpy.sum(IntStream.range(0, p.length)
                        .mapToDouble(i -> Math.sqrt(p[i]) - Math.sqrt(q[i]))
                        .map(v -> v * v)
                        .toArray()))
                / Math.sqrt(2);
    }

    private static Fitted<double[]> overBins(double[] reference, Distance distance) {
        check(reference);
        double[] edges = Numpy.doane(reference);
        double[] shares = Numpy.shares(Numpy.histogram(reference, edges), reference.length);
        return rows -> withLeftover(shares, Numpy.shares(Numpy.histogram(rows, edges), rows.length), distance);
    }

    private static double withLeftover(double[] reference, double[] current, Distance distance) {
        double leftover = 1 - Numpy.sum(current);
        if (!(leftover > 0)) {
            return distance.of(reference, current);
        }
        double[] p = Arrays.copyOf(reference, reference.length + 1);
        double[] q = Arrays.copyOf(current, current.length + 1);
        q[current.length] = leftover;
        return distance.of(p, q);
    }

    private static Fitted<List<String>> overLevels(List<String> reference, Distance distance) {
        Map<String, Integer> index = index(reference);
        double[] shares = Numpy.shares(count(reference, index), reference.size());
        return rows -> withLeftover(shares, Numpy.shares(count(rows, index), rows.size()), distance);
    }

    private static Map<String, Integer> index(List<String> reference) {
        if (reference.isEmpty()) {
            throw new IllegalArgumentException("the reference has no value, expected one at least");
        }
        Map<String, Integer> index = new TreeMap<>();
        reference.forEach(level -> index.put(level, 0));
        int next = 0;
        for (var entry : index.entrySet()) {
            entry.setValue(next++);
        }
        return index;
    }

    private static long[] count(List<String> rows, Map<String, Integer> index) {
        long[] counts = new long[index.size()];
        for (String row : rows) {
            Integer at = index.get(row);
            if (at != null) {
                counts[at]++;
            }
        }
        return counts;
    }

    private static Fitted<List<String>> greatestDifference(List<String> reference) {
        index(reference);
        return rows -> {
            long[][] counts = Convention.counts(reference, rows);
            double greatest = 0;
            for (int i = 0; i < counts[0].length; i++) {
                double difference = counts[0][i] / (double) reference.size() - counts[1][i] / (double) rows.size();
                greatest = Math.max(greatest, Math.abs(difference));
            }
            return greatest;
        };
    }

    private static Scored chiSquare(List<@Nullable String> reference, List<@Nullable String> current) {
        List<String> r = levels(reference);
        List<String> c = levels(current);
        index(r);
        if (c.isEmpty()) {
            return Scored.of(Double.NaN);
        }
        long[][] counts = Convention.counts(r, c);
        int cells = counts[0].length;
        if (cells == 1) {
            return new Scored(0, Double.NaN, 1);
        }
        double n = r.size();
        double m = c.size();
        double statistic = 0;
        for (int i = 0; i < cells; i++) {
            double both = (double) counts[0][i] + counts[1][i];
            statistic += part((double) counts[0][i], both * n / (n + m), cells == 2)
                    + part((double) counts[1][i], both * m / (n + m), cells == 2);
        }
        double p = ChiSquaredDistribution.of(cells - 1).survivalProbability(statistic);
        return new Scored(statistic, Double.NaN, p);
    }

    private static double part(double observed, double expected, boolean continuity) {
        double difference = Math.abs(observed - expected);
        double rest = continuity ? difference - Math.min(0.5, difference) : difference;
        return rest * rest / expected;
    }
}
