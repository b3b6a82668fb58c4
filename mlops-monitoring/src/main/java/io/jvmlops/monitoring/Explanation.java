package io.jvmlops.monitoring;

import com.fasterxml.jackson.core.io.NumberOutput;
import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.Finding.Check;
import io.jvmlops.api.monitoring.LevelSample.Level;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Sketch;
import io.jvmlops.monitoring.statistic.NewLevels;
import io.jvmlops.monitoring.statistic.OutOfRange;
import io.jvmlops.monitoring.statistic.Psi;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What has changed in a column that drifted, as a sentence. */
final class Explanation {
    private static final int SHOWN = 40;

    private Explanation() {}

    static String of(Check check, ColumnProfile reference, ColumnProfile current) {
        return switch (check) {
            case MISSING -> ofMissing(reference, current);
            case RANGE -> ofRange((NumericProfile) reference, (NumericProfile) current);
            case NEW_LEVELS -> ofOneSided("now have levels that the reference lacks", current, reference);
            case LOST_LEVELS -> ofOneSided("of the reference have levels that no longer come", reference, current);
            case CONSTANT -> ofConstant(reference, current);
            default -> ofValues(reference, current);
        };
    }

    /** Why the values of a column were tested as they were. */
    static String choice(ColumnProfile reference, ColumnProfile current, Rule rule, boolean values) {
        StringBuilder choice = new StringBuilder(160);
        choice.append(reference instanceof NumericProfile ? "numeric, " : "categorical, ");
        number(choice, reference.present()).append(" values and ");
        number(choice, current.present()).append(": ");
        if (!values) {
            return choice.append("values are not compared").toString();
        }
        choice.append(rule.test().name());
        try {
            String law = rule.test().law(reference, current);
            choice.append(law.isEmpty() ? "" : " over ").append(law);
        } catch (RuntimeException e) {
            choice.append(" (it cannot say how: ")
                    .append(e.getClass().getSimpleName())
                    .append(')');
        }
        return choice.append("; matters from ")
                .append(rule.effect().name())
                .append(' ')
                .append(digits(rule.limit(Check.VALUES)))
                .toString();
    }

    /** With commas between thousands. */
    private static StringBuilder number(StringBuilder to, long number) {
        String digits = Long.toString(number);
        for (int i = 0; i < digits.length(); i++) {
            to.append(i > 0 && (digits.length() - i) % 3 == 0 ? "," : "").append(digits.charAt(i));
        }
        return to;
    }

    private static String ofValues(ColumnProfile reference, ColumnProfile current) {
        String what = reference instanceof NumericProfile r && current instanceof NumericProfile c
                ? ofNumbers(r, c)
                : ofLevels((CategoricalProfile) reference, (CategoricalProfile) current);
        return what
                + String.format(
                        Locale.ROOT,
                        "; psi %.2f",
                        new Psi().compare(reference, current).effect());
    }

    private static String ofRange(NumericProfile reference, NumericProfile current) {
        return percent(OutOfRange.of(reference, current).effect())
                + " of the values lie outside the range of the reference, "
                + digits(reference.moments().min()) + " to "
                + digits(reference.moments().max()) + ": "
                + (current.negativeInfinities() > 0
                        ? "-Infinity"
                        : digits(current.moments().min())) + " to "
                + (current.positiveInfinities() > 0
                        ? "Infinity"
                        : digits(current.moments().max())) + " now";
    }

    /** The most frequent levels of a side that the other does not have. */
    private static String ofOneSided(String what, ColumnProfile side, ColumnProfile other) {
        CategoricalProfile has = (CategoricalProfile) side;
        CategoricalProfile lacks = (CategoricalProfile) other;
        List<Level> levels = new ArrayList<>();
        for (int i = 0; i < has.levels().size(); i++) {
            if (has.count(i) > 0 && lacks.count(i) == 0) {
                levels.add(new Level(has.levels().get(i), 0, has.count(i)));
            }
        }
        Set<String> known = new HashSet<>();
        lacks.unseen().levels().forEach(level -> known.add(level.name()));
        has.unseen().levels().stream()
                .filter(level -> !known.contains(level.name()))
                .forEach(levels::add);
        levels.sort(Comparator.comparingLong((Level level) -> -level.count()).thenComparing(Level::name));
        StringBuilder names = new StringBuilder();
        for (Level level : levels.subList(0, Math.min(3, levels.size()))) {
            names.append(names.isEmpty() ? "" : ", ")
                    .append('\'')
                    .append(shown(level.name()))
                    .append("' ")
                    .append(percent((double) level.count() / has.present()));
        }
        double share = NewLevels.of(lacks, has).effect();
        return percent(share) + " of the rows " + what + ": " + names
                + (levels.size() > 3 ? " and " + (levels.size() - 3) + " more" : "");
    }

    private static String ofConstant(ColumnProfile reference, ColumnProfile current) {
        String value = "one level";
        if (current instanceof NumericProfile numeric) {
            value = digits(numeric.moments().min());
        } else if (current instanceof CategoricalProfile levels) {
            for (int i = 0; i < levels.levels().size(); i++) {
                value = levels.count(i) > 0 ? "'" + shown(levels.levels().get(i)) + "'" : value;
            }
            value = levels.other() > 0
                    ? "'" + shown(levels.unseen().levels().get(0).name()) + "'"
                    : value;
        }
        return "all values are " + value + " now; " + percent(Checked.othersBefore(reference, current))
                + " of the reference's were others";
    }

    private static String shown(String level) {
        return level.length() > SHOWN ? level.substring(0, SHOWN) + "..." : level;
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
        long[] before = bins(reference, current);
        long[] now = bins(current, reference);
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

    /** Counts over bins that both have: sketches find theirs together. */
    private static long[] bins(NumericProfile of, NumericProfile beside) {
        return of.distribution() instanceof Sketch a && beside.distribution() instanceof Sketch b
                ? a.histogramBeside(b).bins()
                : of.distribution().histogram().bins();
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
                which = "level '" + shown(name) + "'";
                before = was;
                now = is;
            }
        }
        return which + ": " + percent(before) + " in the reference, " + percent(now) + " now";
    }

    private static String ofMissing(ColumnProfile reference, ColumnProfile current) {
        return "missing values: " + percent((double) reference.missing() / reference.count()) + " in the reference, "
                + percent((double) current.missing() / current.count()) + " now";
    }

    /** The JDK's own writer of doubles gives other digits before version 19. */
    private static String digits(double value) {
        return NumberOutput.toString(value, true);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
