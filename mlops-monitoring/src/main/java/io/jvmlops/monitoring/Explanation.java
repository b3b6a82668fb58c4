package io.jvmlops.monitoring;

import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.monitoring.statistic.Psi;
import java.util.Locale;

/** What has changed in a column that drifted, as a sentence. */
final class Explanation {
    private static final int SHOWN = 40;

    private Explanation() {}

    static String ofValues(ColumnProfile reference, ColumnProfile current) {
        String what = reference instanceof NumericProfile r && current instanceof NumericProfile c
                ? ofNumbers(r, c)
                : ofLevels((CategoricalProfile) reference, (CategoricalProfile) current);
        return what
                + String.format(
                        Locale.ROOT,
                        "; psi %.2f",
                        new Psi().compare(reference, current).effect());
    }

    private static String ofNumbers(NumericProfile reference, NumericProfile current) {
        double moved = (current.moments().mean() - reference.moments().mean())
                / Math.sqrt(reference.moments().variance());
        if (Double.isFinite(moved) && Math.abs(moved) >= 0.1) {
            return String.format(
                    Locale.ROOT,
                    "values moved %s: the mean by %.2f standard deviations of the reference",
                    moved > 0 ? "up" : "down",
                    Math.abs(moved));
        }
        long[] before = reference.distribution().histogram().bins();
        long[] now = current.distribution().histogram().bins();
        double greatest = 0;
        String side = "";
        double below = 0;
        double belowNow = 0;
        for (int i = 0; i < before.length; i++) {
            below += (double) before[i] / reference.present();
            belowNow += (double) now[i] / current.present();
            if (Math.abs(belowNow - below) > greatest) {
                greatest = Math.abs(belowNow - below);
                side = String.format(
                        Locale.ROOT,
                        "values moved: %s lie where the reference has its lowest %s",
                        percent(belowNow),
                        percent(below));
            }
        }
        return side;
    }

    private static String ofLevels(CategoricalProfile reference, CategoricalProfile current) {
        double n = reference.present();
        double m = current.present();
        String which = "other values than the reference's levels";
        double before = reference.other() / n;
        double now = current.other() / m;
        for (int i = 0; i < reference.levels().size(); i++) {
            double was = reference.count(i) / n;
            double is = current.count(i) / m;
            if (Math.abs(is - was) > Math.abs(now - before)) {
                String name = reference.levels().get(i);
                which = "level '" + (name.length() > SHOWN ? name.substring(0, SHOWN) + "..." : name) + "'";
                before = was;
                now = is;
            }
        }
        return which + ": " + percent(before) + " in the reference, " + percent(now) + " now";
    }

    static String ofMissing(ColumnProfile reference, ColumnProfile current) {
        return "missing values: " + percent((double) reference.missing() / reference.count()) + " in the reference, "
                + percent((double) current.missing() / current.count()) + " now";
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
