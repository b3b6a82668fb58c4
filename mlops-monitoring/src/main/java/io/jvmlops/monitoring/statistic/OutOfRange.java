package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Sketch;

/**
 * Values below the least value of the reference or above its greatest. Infinities are values like others.
 *
 * <p>Some always are: of m values beside n from the same distribution, k or more lie outside the range of the n with
 * probability {@code (m^(k+1) + (k+1) n m^(k)) / N^(k+1)}, N = n + m, where {@code x^(k)} is {@code x (x-1) ... (x-k+1)},
 * as the current values fall into the n + 1 gaps of the reference in any way alike, and two of the gaps are outside. That
 * is exact for continuous values and an upper bound where values repeat. The effect is the share of the current values.
 *
 * <p>Reference profiles have edges at the ends of their range, and so tell exactly how many values are beyond. Over other
 * edges, only those are counted that must be.
 */
public final class OutOfRange {
    private OutOfRange() {}

    /**
     * Compares two profiles over the same edges, or two sketches.
     *
     * @return NaN if the reference has no finite value or nothing is there now; the statistic is the number of values
     */
    public static DriftScore of(NumericProfile reference, NumericProfile current) {
        if (reference.moments().count() == 0 || current.present() == 0) {
            return DriftScore.nothing(reference.present(), current.present());
        }
        double low = reference.negativeInfinities() > 0
                ? Double.NEGATIVE_INFINITY
                : reference.moments().min();
        double high = reference.positiveInfinities() > 0
                ? Double.POSITIVE_INFINITY
                : reference.moments().max();
        double outside = (reference.negativeInfinities() > 0 ? 0.0 : current.negativeInfinities())
                + (reference.positiveInfinities() > 0 ? 0.0 : current.positiveInfinities());
        if (current.distribution() instanceof Sketch sketch) {
            double[] counts = beyond(sketch, low, high);
            outside += counts[0] + counts[1];
        } else {
            Histogram histogram = current.distribution().histogram();
            double under = 0;
            double over = 0;
            for (int i = 0; i < histogram.size(); i++) {
                under += i < histogram.size() - 1 && histogram.edge(i) < low ? histogram.bin(i) : 0;
                over += i > 0 && histogram.edge(i - 1) >= high ? histogram.bin(i) : 0;
            }
            // The bins of the ends have the infinities. The range that the current values have is no help: it is that
            // of
            // all rows, of which a thinned sample has a few.
            outside += Math.max(0, under - current.negativeInfinities())
                    + Math.max(0, over - current.positiveInfinities());
        }
        double n = reference.present();
        double m = current.present();
        return DriftScore.test(outside, upper(outside, n, m), outside / m, reference.present(), current.present());
    }

    /** Finite values in bins that are wholly below, and wholly above. */
    private static double[] beyond(Sketch sketch, double low, double high) {
        double[] counts = new double[2];
        for (int i = 0; i < sketch.size(); i++) {
            double least = Sketch.low(sketch.key(i), sketch.shift());
            double greatest = Sketch.high(sketch.key(i), sketch.shift());
            if (Double.isFinite(least) && Double.isFinite(greatest)) {
                counts[0] += greatest < low ? sketch.count(i) : 0;
                counts[1] += least > high ? sketch.count(i) : 0;
            }
        }
        return counts;
    }

    /** The probability of k or more of m outside the range of n. */
    static double upper(double k, double n, double m) {
        if (k <= 0) {
            return 1;
        }
        double total = n + m;
        double log = NewLevels.logAll(k, m, total);
        // m^(k+1) = m^(k) (m - k), and so for the total.
        return Math.min(1, StrictMath.exp(log) * ((m - k) + (k + 1) * n) / (total - k));
    }
}
