package io.jvmlops.monitoring;

import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Profile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Puts profiles of parts of the data together: of several threads, processes or windows of time. */
public final class Profiles {
    private Profiles() {}

    /**
     * The profile of both sets of rows. Counts, least and greatest values are what counting all rows at once gives, whatever the
     * split; mean and variance are too, up to rounding, and do not depend on the order of the two.
     *
     * @throws IllegalArgumentException if the two have not the same columns over the same edges and levels
     * @throws ArithmeticException if a count does not fit a {@code long}
     */
    public static Profile merge(Profile a, Profile b) {
        if (!new ArrayList<>(a.columns().keySet())
                .equals(new ArrayList<>(b.columns().keySet()))) {
            throw new IllegalArgumentException("profiles of different columns cannot be merged: "
                    + a.columns().keySet() + " and " + b.columns().keySet());
        }
        Map<String, ColumnProfile> columns = new LinkedHashMap<>();
        b.columns().forEach((name, column) -> columns.put(name, column));
        a.columns().forEach((name, column) -> columns.computeIfPresent(name, (n, other) -> merge(column, other)));
        return new Profile(Math.addExact(a.rows(), b.rows()), columns);
    }

    /**
     * The same for one column.
     *
     * @throws IllegalArgumentException if the two are not of one name over the same edges or levels
     * @throws ArithmeticException if a count does not fit a {@code long}
     */
    public static ColumnProfile merge(ColumnProfile a, ColumnProfile b) {
        if (a.column().equals(b.column())) {
            if (a instanceof NumericProfile x && b instanceof NumericProfile y && Arrays.equals(x.edges(), y.edges())) {
                return merge(x, y);
            }
            if (a instanceof CategoricalProfile x
                    && b instanceof CategoricalProfile y
                    && new ArrayList<>(x.levels().keySet())
                            .equals(new ArrayList<>(y.levels().keySet()))) {
                return merge(x, y);
            }
        }
        throw new IllegalArgumentException("profiles of columns '" + a.column() + "' and '" + b.column()
                + "' cannot be merged: expected one column over the same edges or levels");
    }

    private static NumericProfile merge(NumericProfile a, NumericProfile b) {
        long[] bins = a.bins();
        long[] more = b.bins();
        for (int i = 0; i < bins.length; i++) {
            bins[i] = Math.addExact(bins[i], more[i]);
        }
        long finite = a.finite() + b.finite();
        double shareA = (double) a.finite() / finite;
        double shareB = (double) b.finite() / finite;
        double mean = a.finite() == 0 ? b.mean() : b.finite() == 0 ? a.mean() : a.mean() * shareA + b.mean() * shareB;
        return new NumericProfile(
                a.column(),
                Math.addExact(a.missing(), b.missing()),
                finite,
                extreme(a.min(), b.min(), true),
                extreme(a.max(), b.max(), false),
                mean,
                variance(a, b, finite),
                a.edges(),
                bins);
    }

    /** Chan, Golub and LeVeque (1979). */
    private static double variance(NumericProfile a, NumericProfile b, long finite) {
        if (a.finite() == 0) {
            return b.variance();
        }
        if (b.finite() == 0) {
            return a.variance();
        }
        double distance = a.mean() - b.mean();
        double between = distance * distance * ((double) a.finite() * b.finite() / finite);
        return (squares(a) + squares(b) + between) / (finite - 1);
    }

    private static double squares(NumericProfile profile) {
        return profile.finite() < 2 ? 0 : profile.variance() * (profile.finite() - 1);
    }

    private static double extreme(double a, double b, boolean least) {
        if (Double.isNaN(a)) {
            return b;
        }
        if (Double.isNaN(b)) {
            return a;
        }
        return least ? Math.min(a, b) : Math.max(a, b);
    }

    private static CategoricalProfile merge(CategoricalProfile a, CategoricalProfile b) {
        Map<String, Long> levels = new LinkedHashMap<>(a.levels());
        b.levels().forEach((level, count) -> levels.merge(level, count, Math::addExact));
        return new CategoricalProfile(
                a.column(), Math.addExact(a.missing(), b.missing()), levels, Math.addExact(a.other(), b.other()));
    }
}
