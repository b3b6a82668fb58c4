package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Sketch;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Finite values on the line with their shares, and how far each may be from where its rows really are. */
final class Line {
    /** Ascending. */
    final double[] at;
    /** Of the rows, adding up to 1. */
    final double[] share;
    /** How far rows may be from where they are put; 0 where the values themselves are known. */
    final double[] radius;
    /** Of the interval in which the rows are. */
    final double[] width;

    final long count;

    private Line(double[] at, double[] share, double[] radius, double[] width, long count) {
        this.at = at;
        this.share = share;
        this.radius = radius;
        this.width = width;
        this.count = count;
    }

    /** Values without weights, finite ones. */
    static Line of(double[] values) {
        double[] at = Samples.sorted(values);
        double[] share = new double[at.length];
        Arrays.fill(share, 1.0 / at.length);
        return new Line(at, share, new double[at.length], new double[at.length], at.length);
    }

    static Line of(double[] values, double[] weights) {
        if (values.length != weights.length) {
            throw new IllegalArgumentException(
                    values.length + " values with " + weights.length + " weights, expected one each");
        }
        double total = 0;
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i]) || !(weights[i] >= 0) || Double.isInfinite(weights[i])) {
                throw new IllegalArgumentException(
                        "value " + i
                                + " or its weight is not finite, or the weight is negative, expected finite values with weights of 0 or more");
            }
            total += weights[i];
        }
        double sum = total;
        int[] order = IntStream.range(0, values.length)
                .filter(i -> weights[i] > 0)
                .boxed()
                .sorted((a, b) -> Double.compare(values[a], values[b]))
                .mapToInt(Integer::intValue)
                .toArray();
        return new Line(
                IntStream.of(order).mapToDouble(i -> values[i]).toArray(),
                IntStream.of(order).mapToDouble(i -> weights[i] / sum).toArray(),
                new double[order.length],
                new double[order.length],
                order.length);
    }

    /**
     * The finite values of a profile: each bin at one place within its part of the range. Where, is chosen for all bins
     * alike between their ends, such that the mean is the one that the profile knows exactly: an outlier does not draw
     * the others of its bin along.
     */
    static Line of(NumericProfile profile) {
        Bins bins = Bins.of(profile);
        double min = profile.moments().min();
        double max = profile.moments().max();
        // Near the greatest double, the width of a bin would overflow.
        int scale = Math.max(Math.abs(min), Math.abs(max)) > 0x1p1000 ? -2 : 0;
        double[] low = new double[bins.counts.length];
        double[] high = new double[bins.counts.length];
        double[] share = new double[bins.counts.length];
        int size = 0;
        double total = Counts.total(bins.counts);
        for (int i = 0; i < bins.counts.length; i++) {
            if (bins.counts[i] > 0) {
                low[size] = Math.scalb(Math.min(max, Math.max(min, bins.low[i])), scale);
                high[size] = Math.scalb(Math.max(min, Math.min(max, bins.high[i])), scale);
                share[size++] = bins.counts[i] / total;
            }
        }
        double mean = 0;
        double reach = 0;
        for (int i = 0; i < size; i++) {
            mean += share[i] * (low[i] / 2 + high[i] / 2);
            reach += share[i] * (high[i] - low[i]) / 2;
        }
        double exact = Math.scalb(profile.moments().mean(), scale);
        if (!Double.isFinite(exact)) {
            exact = mean;
        }
        double towards = reach > 0 ? Math.max(-1, Math.min(1, (exact - mean) / reach)) : 0;
        double[] at = new double[size];
        double[] radius = new double[size];
        double[] width = new double[size];
        for (int i = 0; i < size; i++) {
            double half = (high[i] - low[i]) / 2;
            at[i] = Math.scalb(low[i] + half + towards * half, -scale);
            radius[i] = Math.scalb(half * (1 + Math.abs(towards)), -scale);
            width[i] = Math.scalb(high[i] - low[i], -scale);
        }
        return new Line(at, Arrays.copyOf(share, size), radius, width, (long) total);
    }

    /** Both profiles; over the same edges, or sketches. */
    static Line[] of(ColumnProfile reference, ColumnProfile current) {
        Counts.of(reference, current);
        return new Line[] {of((NumericProfile) reference), of((NumericProfile) current)};
    }

    boolean isEmpty() {
        return at.length == 0;
    }

    /** The integral over the line of a power of the difference between the two distribution functions. */
    static double integral(Line a, Line b, boolean squared) {
        double sum = 0;
        double f = 0;
        double g = 0;
        double previous = 0;
        for (int i = 0, j = 0; i < a.at.length || j < b.at.length; ) {
            double x = j == b.at.length || i < a.at.length && a.at[i] <= b.at[j] ? a.at[i] : b.at[j];
            double difference = Math.abs(f - g);
            if (difference > 0) {
                sum += (squared ? difference * difference : difference) * (x - previous);
            }
            for (; i < a.at.length && a.at[i] == x; i++) {
                f = i == a.at.length - 1 ? 1 : f + a.share[i];
            }
            for (; j < b.at.length && b.at[j] == x; j++) {
                g = j == b.at.length - 1 ? 1 : g + b.share[j];
            }
            previous = x;
        }
        return sum;
    }

    /** With coordinates multiplied by a power of two. */
    Line scaled(int exponent) {
        return new Line(
                Samples.scaled(at, exponent),
                share,
                Samples.scaled(radius, exponent),
                Samples.scaled(width, exponent),
                count);
    }

    /** That makes the places of both about 1. */
    static int downscale(Line a, Line b) {
        return Samples.downscale(a.at[0], a.at[a.at.length - 1], b.at[0], b.at[b.at.length - 1]);
    }

    /** The bins of a profile with their ends, infinities taken out. */
    private static final class Bins {
        final long[] counts;
        final double[] low;
        final double[] high;

        Bins(long[] counts, double[] low, double[] high) {
            this.counts = counts;
            this.low = low;
            this.high = high;
        }

        static Bins of(NumericProfile profile) {
            long[] counts;
            double[] low;
            double[] high;
            if (profile.distribution() instanceof Sketch sketch) {
                counts = new long[sketch.size()];
                low = new double[counts.length];
                high = new double[counts.length];
                for (int i = 0; i < counts.length; i++) {
                    counts[i] = sketch.count(i);
                    low[i] = Sketch.low(sketch.key(i), sketch.shift());
                    high[i] = Sketch.high(sketch.key(i), sketch.shift());
                }
            } else {
                Histogram histogram = (Histogram) profile.distribution();
                counts = histogram.bins();
                low = new double[counts.length];
                high = new double[counts.length];
                for (int i = 0; i < counts.length; i++) {
                    low[i] = i == 0 ? Double.NEGATIVE_INFINITY : Math.nextUp(histogram.edge(i - 1));
                    high[i] = i == counts.length - 1 ? Double.POSITIVE_INFINITY : histogram.edge(i);
                }
            }
            int first = 0;
            while (first < counts.length && counts[first] == 0) {
                first++;
            }
            int last = counts.length - 1;
            while (last >= 0 && counts[last] == 0) {
                last--;
            }
            if (profile.negativeInfinities() > 0) {
                counts[first] -= profile.negativeInfinities();
            }
            if (profile.positiveInfinities() > 0) {
                counts[last] -= profile.positiveInfinities();
            }
            return new Bins(counts, low, high);
        }
    }
}
