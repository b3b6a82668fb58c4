package io.jvmlops.monitoring.statistic;

import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Sketch;
import java.util.Arrays;

/** Reference and current values of a numeric column in common cells that follow each other on the line. */
final class Steps {
    final long[] reference;
    final long[] current;
    /** Whether a cell holds one value only, on both sides: its rows are tied in fact, and not for want of knowledge. */
    final boolean[] single;

    private Steps(long[] reference, long[] current, boolean[] single) {
        this.reference = reference;
        this.current = current;
        this.single = single;
    }

    /** Of samples: a cell for each value; infinities are values. */
    static Steps of(double[] reference, double[] current) {
        double[] r = Samples.sorted(reference);
        double[] c = Samples.sorted(current);
        long[][] counts = new long[2][r.length + c.length];
        int size = 0;
        for (int i = 0, j = 0; i < r.length || j < c.length; size++) {
            double value = j == c.length || i < r.length && r[i] <= c[j] ? r[i] : c[j];
            for (; i < r.length && r[i] == value; i++) {
                counts[0][size]++;
            }
            for (; j < c.length && c[j] == value; j++) {
                counts[1][size]++;
            }
        }
        boolean[] single = new boolean[size];
        Arrays.fill(single, true);
        return new Steps(Arrays.copyOf(counts[0], size), Arrays.copyOf(counts[1], size), single);
    }

    /** Of profiles: the bins, without those that are empty on both sides; infinities are in the outer ones. */
    static Steps of(ColumnProfile reference, ColumnProfile current) {
        Counts counts = Counts.of(reference, current);
        NumericProfile r = (NumericProfile) reference;
        NumericProfile c = (NumericProfile) current;
        int cells = counts.reference().length;
        boolean[] single = new boolean[cells];
        if (r.distribution() instanceof Sketch a) {
            Arrays.fill(single, a.plus(c.distribution()).shift() == 0);
        } else {
            Histogram edges = (Histogram) r.distribution();
            double min = least(r.moments().min(), c.moments().min());
            double max = -least(-r.moments().max(), -c.moments().max());
            for (int i = 0; i < cells; i++) {
                double low = i == 0 ? min : Math.max(min, Math.nextUp(edges.edge(i - 1)));
                double high = i == cells - 1 ? max : Math.min(max, edges.edge(i));
                boolean infinite = i == 0 && r.negativeInfinities() + c.negativeInfinities() > 0
                        || i == cells - 1 && r.positiveInfinities() + c.positiveInfinities() > 0;
                single[i] = low >= high && !infinite;
            }
        }
        int size = 0;
        long[][] kept = new long[2][cells];
        for (int i = 0; i < cells; i++) {
            if (counts.reference()[i] > 0 || counts.current()[i] > 0) {
                kept[0][size] = counts.reference()[i];
                kept[1][size] = counts.current()[i];
                single[size++] = single[i];
            }
        }
        return new Steps(Arrays.copyOf(kept[0], size), Arrays.copyOf(kept[1], size), Arrays.copyOf(single, size));
    }

    /** The lesser; the other if one is NaN. */
    private static double least(double a, double b) {
        return Double.isNaN(a) || b < a ? b : a;
    }

    /** Of counts over cells in order. */
    static Steps of(long[] reference, long[] current) {
        Counts.check(reference, current);
        boolean[] single = new boolean[reference.length];
        Arrays.fill(single, true);
        return new Steps(reference, current, single);
    }

    int size() {
        return reference.length;
    }

    double n() {
        return Counts.total(reference);
    }

    double m() {
        return Counts.total(current);
    }

    boolean isExact() {
        for (boolean each : single) {
            if (!each) {
                return false;
            }
        }
        return true;
    }

    /** Whether a value came more than once. */
    boolean hasTies() {
        return size() < n() + m();
    }
}
