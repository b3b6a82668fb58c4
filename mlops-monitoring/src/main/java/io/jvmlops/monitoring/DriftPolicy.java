package io.jvmlops.monitoring;

import io.jvmlops.api.monitoring.ColumnDrift;
import io.jvmlops.api.monitoring.ColumnDrift.Kind;
import io.jvmlops.api.monitoring.ColumnDrift.Verdict;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.Finding;
import io.jvmlops.api.monitoring.Finding.Check;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Profile;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.monitoring.profile.WindowProfile;
import io.jvmlops.monitoring.statistic.BenjaminiHochberg;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * When a difference between reference and current data is called drift. Immutable and thread-safe as long as its statistics
 * are.
 *
 * <p>A check of a column alarms if the change is <b>significant</b>, so that chance does not explain it, <b>and</b> its <b>effect</b>
 * is large enough to matter. At small n any distance is large by chance, at large n any difference is significant; each half
 * guards the other. A column has drifted if any of its checks alarms:
 *
 * <table>
 *   <caption>The checks, and the default rule</caption>
 *   <tr><th>check</th><th>of</th><th>significance</th><th>effect</th><th>limit</th></tr>
 *   <tr><td>values</td><td>numbers</td><td>Kolmogorov-Smirnov on the profile's bins</td><td>D</td><td>0.1</td></tr>
 *   <tr><td>values</td><td>levels</td><td>chi-square homogeneity</td><td>corrected total variation</td><td>0.1</td></tr>
 *   <tr><td>missing</td><td>all, where any is missing</td><td>Fisher, or two proportions</td><td>difference of shares</td><td>0.05</td></tr>
 *   <tr><td>range</td><td>numbers</td><td>law of exceedances</td><td>share of values outside</td><td>0.01</td></tr>
 *   <tr><td>new levels</td><td>levels</td><td>Chernoff's bound</td><td>share of rows now</td><td>0.01</td></tr>
 *   <tr><td>lost levels</td><td>levels</td><td>Chernoff's bound</td><td>share of rows of the reference</td><td>0.01</td></tr>
 *   <tr><td>constant</td><td>all that became it</td><td>that of the values</td><td>share of other values before</td><td>0.1</td></tr>
 *   <tr><td>column</td><td>gone, new, or of another kind</td><td>certain</td><td>1</td><td>0</td></tr>
 * </table>
 *
 * <p><b>Significance.</b> All p-values of a report, of all checks of all columns, inputs and outputs, are corrected together by
 * Benjamini and Hochberg and compared with {@link Builder#significance} (0.05): if nothing has changed, at most that share of
 * reports, made on data of their own, names any column. (What is certain, and a column that became constant, whose p-value is
 * that of its values, are not counted twice.) Looking many times at one growing window looks at chance many times; judge
 * windows when they are full, or ask for more.
 *
 * <p><b>Effect.</b> The defaults measure both kinds of column in one unit, the share of rows that moved, and 0.1 of them
 * matters: for numeric columns D of Kolmogorov and Smirnov at the profile's edges (a normal column reaches 0.1 when its mean
 * moves by a quarter of its standard deviation, where PSI says 0.06), for the others total variation, less what chance makes of it.
 * Neither grows with the number of rows, with the number of levels or bins, nor with how much larger the reference is.
 *
 * <p><b>Too few values.</b> Values are compared if both sides have {@link Rule#minimumRows} (30) that are not missing, missing
 * rates if both have as many at all. A column of which the values cannot be compared, and of which no other check alarms, has
 * {@link Verdict#INSUFFICIENT_DATA}. A statistic that throws, or does not support a column, does that to its column and leaves the
 * others alone.
 */
public final class DriftPolicy {
    private final double significance;
    private final Rule numeric;
    private final Rule categorical;
    private final Map<String, Rule> numericColumns;
    private final Map<String, Rule> categoricalColumns;

    private DriftPolicy(Builder builder) {
        significance = builder.significance;
        numeric = builder.numeric;
        categorical = builder.categorical;
        numericColumns = new HashMap<>();
        categoricalColumns = new HashMap<>();
        builder.columns.forEach((name, change) -> {
            numericColumns.put(name, change.apply(numeric));
            categoricalColumns.put(name, change.apply(categorical));
        });
    }

    /** The defaults that the class tells of. */
    public static DriftPolicy ofDefaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Compares a window with the reference.
     *
     * @param model what the report calls the model
     * @param at when the report is made
     * @param counted over the edges and levels of the reference, as a {@link Monitor} counts it
     * @return every column of the reference, inputs first
     * @throws IllegalArgumentException if the window was counted over other columns, edges or levels
     */
    public DriftReport compare(String model, Instant at, ReferenceProfile reference, WindowProfile counted) {
        WindowProfile.Sample window = counted.uniform();
        Comparison comparison = new Comparison();
        compareSame(Kind.INPUT, reference.inputs(), window.inputs(), comparison);
        compareSame(Kind.OUTPUT, reference.outputs(), window.outputs(), comparison);
        return comparison.report(
                model, at, reference.inputs().rows(), window.inputs().rows(), window.sampling());
    }

    /**
     * Compares a window with an earlier one, over the same reference: what is new, lost or out of range is so to the earlier window.
     *
     * @param model what the report calls the model
     * @param at when the report is made
     * @return every column of the reference, inputs first
     * @throws IllegalArgumentException if the two were counted over different columns, edges or levels
     */
    public DriftReport compare(String model, Instant at, WindowProfile earlier, WindowProfile counted) {
        WindowProfile.Sample before = earlier.uniform();
        WindowProfile.Sample window = counted.uniform();
        Comparison comparison = new Comparison();
        compareSame(Kind.INPUT, before.inputs(), window.inputs(), comparison);
        compareSame(Kind.OUTPUT, before.outputs(), window.outputs(), comparison);
        return comparison.report(
                model, at, before.inputs().rows(), window.inputs().rows(), window.sampling());
    }

    /**
     * Compares two profiles of tables. Columns that only one of them has, or that are of different kinds, are findings.
     *
     * @param model what the report calls what the tables are of
     * @param at when the report is made
     * @return the columns of the reference, then those that are new; all as inputs
     * @throws IllegalArgumentException if a column was counted over different edges or levels
     */
    public DriftReport compare(String model, Instant at, Profile reference, Profile current) {
        Comparison comparison = new Comparison();
        Set<String> names = new LinkedHashSet<>(reference.columns().keySet());
        names.addAll(current.columns().keySet());
        for (String name : names) {
            ColumnProfile before = reference.columns().get(name);
            ColumnProfile now = current.columns().get(name);
            if (before != null && now != null && before.getClass() == now.getClass()) {
                comparison.add(Kind.INPUT, before, now);
            } else {
                comparison.addMismatch(name, before, now);
            }
        }
        return comparison.report(model, at, reference.rows(), current.rows(), 0);
    }

    private static void compareSame(Kind kind, Profile reference, Profile window, Comparison comparison) {
        if (!reference.columns().keySet().equals(window.columns().keySet())) {
            throw new IllegalArgumentException("the window has the " + kind + " columns "
                    + window.columns().keySet() + ", expected those of the reference, "
                    + reference.columns().keySet());
        }
        reference.columns().forEach((name, column) -> {
            ColumnProfile current = window.columns().get(name);
            if (current != null) {
                comparison.add(kind, column, current);
            }
        });
    }

    private Rule rule(String column, boolean isNumeric) {
        return isNumeric
                ? numericColumns.getOrDefault(column, numeric)
                : categoricalColumns.getOrDefault(column, categorical);
    }

    /** A column and what was found of it. */
    private record Tested(
            String name,
            Kind kind,
            @Nullable ColumnProfile reference,
            @Nullable ColumnProfile current,
            List<Checked> parts,
            String choice,
            boolean valuesCompared) {}

    /** All columns of a report. */
    private final class Comparison {
        private final List<Tested> tested = new ArrayList<>();

        void add(Kind kind, ColumnProfile reference, ColumnProfile current) {
            if (!reference.isOver(current)) {
                throw new IllegalArgumentException(
                        "column '" + reference.column()
                                + "': the two profiles are over different edges or levels; profile the current data over the reference's");
            }
            Rule rule = rule(reference.column(), reference instanceof NumericProfile);
            if (!rule.isIgnored()) {
                tested.add(test(kind, reference, current, rule));
            }
        }

        void addMismatch(String name, @Nullable ColumnProfile before, @Nullable ColumnProfile now) {
            Rule rule = rule(name, (before == null ? now : before) instanceof NumericProfile);
            if (!rule.checks(Check.COLUMN)) {
                return;
            }
            long n = before == null ? 0 : before.present();
            long m = now == null ? 0 : now.present();
            DriftScore certain = DriftScore.test(Double.NaN, 0, 1, n, m);
            Checked part = new Checked(Check.COLUMN, "certain", certain, "column", 1, rule.limit(Check.COLUMN), null);
            String choice = now == null
                    ? "the column is gone"
                    : before == null
                            ? "the reference has no such column"
                            : "the column was " + kind(before) + " and is " + kind(now) + " now";
            tested.add(new Tested(name, Kind.INPUT, null, null, List.of(part), choice, true));
        }

        private String kind(ColumnProfile column) {
            return column instanceof NumericProfile ? "numeric" : "categorical";
        }

        DriftReport report(String model, Instant at, long referenceRows, long currentRows, int sampling) {
            List<Checked> family = new ArrayList<>();
            for (Tested column : tested) {
                family.addAll(column.parts());
            }
            double[] p = new double[family.size()];
            for (int i = 0; i < p.length; i++) {
                Check check = family.get(i).check();
                p[i] = check == Check.CONSTANT || check == Check.COLUMN
                        ? Double.NaN
                        : family.get(i).p();
            }
            double[] corrected = BenjaminiHochberg.adjust(p);
            List<ColumnDrift> columns = new ArrayList<>();
            int next = 0;
            for (Tested column : tested) {
                columns.add(judge(column, corrected, next));
                next += column.parts().size();
            }
            return new DriftReport(model, at, referenceRows, currentRows, sampling, columns);
        }

        private ColumnDrift judge(Tested column, double[] corrected, int first) {
            List<Finding> findings = new ArrayList<>();
            double ofValues = Double.NaN;
            boolean drift = false;
            for (int i = 0; i < column.parts().size(); i++) {
                Checked part = column.parts().get(i);
                double p = switch (part.check()) {
                    case COLUMN -> part.p();
                    case CONSTANT -> ofValues;
                    default -> corrected[first + i];
                };
                if (part.check() == Check.VALUES) {
                    ofValues = p;
                }
                boolean alarm = p <= significance && part.size() >= part.limit();
                drift |= alarm;
                findings.add(new Finding(
                        part.check(),
                        alarm,
                        part.test(),
                        part.score(),
                        p,
                        part.effect(),
                        part.size(),
                        part.limit(),
                        why(column, part, alarm, p)));
            }
            Verdict verdict =
                    drift ? Verdict.DRIFT : column.valuesCompared() ? Verdict.STABLE : Verdict.INSUFFICIENT_DATA;
            return new ColumnDrift(
                    column.name(),
                    column.kind(),
                    verdict,
                    findings,
                    part(column, true),
                    part(column, false),
                    column.choice());
        }

        private long part(Tested column, boolean reference) {
            ColumnProfile side = reference ? column.reference() : column.current();
            DriftScore score = column.parts().isEmpty()
                    ? DriftScore.nothing(0, 0)
                    : column.parts().get(0).score();
            return side != null ? side.present() : reference ? score.referenceCount() : score.currentCount();
        }

        private String why(Tested column, Checked part, boolean alarm, double p) {
            if (part.gap() != null) {
                return part.gap();
            }
            if (alarm) {
                return column.reference() == null || column.current() == null
                        ? column.choice()
                        : Explanation.of(part.check(), column.reference(), column.current());
            }
            return p <= significance ? "a change, but too small to matter" : "no evidence of a change";
        }
    }

    private static Tested test(Kind kind, ColumnProfile reference, ColumnProfile current, Rule rule) {
        List<Checked> parts = new ArrayList<>();
        long before = reference.present();
        long now = current.present();
        boolean enough = before >= rule.minimumRows() && now >= rule.minimumRows();
        Checked values = rule.checks(Check.VALUES) ? values(reference, current, rule, enough) : null;
        if (values != null) {
            parts.add(values);
        }
        if (rule.checks(Check.MISSING)
                && reference.count() >= rule.minimumRows()
                && current.count() >= rule.minimumRows()
                && (reference.missing() > 0 || current.missing() > 0)) {
            parts.add(Checked.missing(reference, current, rule.limit(Check.MISSING)));
        }
        if (enough) {
            for (Check check : List.of(Check.RANGE, Check.NEW_LEVELS, Check.LOST_LEVELS)) {
                if (rule.checks(check)) {
                    Checked found = Checked.of(check, reference, current, rule.limit(check));
                    if (found != null) {
                        parts.add(found);
                    }
                }
            }
            if (rule.checks(Check.CONSTANT) && values != null && values.gap() == null) {
                double others = Checked.othersBefore(reference, current);
                if (others > 0) {
                    parts.add(new Checked(
                            Check.CONSTANT,
                            values.test(),
                            values.score(),
                            "share",
                            others,
                            rule.limit(Check.CONSTANT),
                            null));
                }
            }
        }
        boolean compared = values == null ? enough : values.gap() == null;
        String choice = values != null && values.gap() != null
                ? values.gap()
                : Explanation.choice(reference, current, rule, values != null);
        return new Tested(reference.column(), kind, reference, current, parts, choice, compared);
    }

    private static Checked values(ColumnProfile reference, ColumnProfile current, Rule rule, boolean enough) {
        String test = rule.test().name();
        String effect = rule.effect().name();
        String gap;
        if (!enough) {
            gap = current.present() + " values now and " + reference.present() + " in the reference, "
                    + rule.minimumRows() + " needed on both sides";
        } else {
            try {
                requireSupport(rule.test(), reference);
                requireSupport(rule.effect(), reference);
                DriftScore score = rule.test().compare(reference, current);
                DriftScore size =
                        rule.effect() == rule.test() ? score : rule.effect().compare(reference, current);
                if (score.pValue() >= 0 && score.pValue() <= 1 && !Double.isNaN(size.effect())) {
                    return new Checked(
                            Check.VALUES, test, score, effect, size.effect(), rule.limit(Check.VALUES), null);
                }
                gap = "statistic '" + test + "' gave no p-value, or '" + effect + "' no effect size";
            } catch (RuntimeException e) {
                gap = "statistic '" + test + "' or '" + effect + "' failed: "
                        + e.getClass().getSimpleName();
            }
        }
        DriftScore none = DriftScore.nothing(reference.present(), current.present());
        return new Checked(Check.VALUES, test, none, effect, Double.NaN, rule.limit(Check.VALUES), gap);
    }

    private static void requireSupport(DriftStatistic statistic, ColumnProfile column) {
        if (!statistic.supports(column)) {
            throw new UnsupportedOperationException(statistic.name());
        }
    }

    /** Options, each with the default that {@link DriftPolicy} tells of. Not thread-safe. */
    public static final class Builder {
        private double significance = 0.05;
        private Rule numeric = Rule.numeric();
        private Rule categorical = Rule.categorical();
        private final Map<String, UnaryOperator<Rule>> columns = new LinkedHashMap<>();

        private Builder() {}

        /**
         * The greatest corrected p-value that is called drift.
         *
         * @throws IllegalArgumentException if it is not above 0 and below 1
         */
        public Builder significance(double significance) {
            if (!(significance > 0 && significance < 1)) {
                throw new IllegalArgumentException("significance " + significance + ": expected above 0 and below 1");
            }
            this.significance = significance;
            return this;
        }

        /** Changes the rule of numeric columns. */
        public Builder numeric(UnaryOperator<Rule> change) {
            numeric = change.apply(numeric);
            return this;
        }

        /** Changes the rule of string and boolean columns. */
        public Builder categorical(UnaryOperator<Rule> change) {
            categorical = change.apply(categorical);
            return this;
        }

        /** Changes the rule of all columns. */
        public Builder all(UnaryOperator<Rule> change) {
            return numeric(change).categorical(change);
        }

        /**
         * Changes the rule of the columns of this name, among inputs and outputs: what it is on top of the rule that its kind has
         * when the policy is built. A second change of a column adds to the first.
         */
        public Builder column(String name, UnaryOperator<Rule> change) {
            columns.merge(name, change, (first, second) -> rule -> second.apply(first.apply(rule)));
            return this;
        }

        /**
         * The values that both sides must have.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder minimumRows(long rows) {
            return all(rule -> rule.minimumRows(rows));
        }

        /** How numeric columns are tested; the statistic must give p-values, or they are never judged. */
        public Builder numericTest(DriftStatistic test) {
            return numeric(rule -> rule.test(test));
        }

        /** What effect matters on numeric columns: from this limit, in the statistic's unit. */
        public Builder numericEffect(DriftStatistic effect, double limit) {
            return numeric(rule -> rule.effect(effect, limit));
        }

        /** How string and boolean columns are tested; the statistic must give p-values, or they are never judged. */
        public Builder categoricalTest(DriftStatistic test) {
            return categorical(rule -> rule.test(test));
        }

        /** What effect matters on string and boolean columns: from this limit, in the statistic's unit. */
        public Builder categoricalEffect(DriftStatistic effect, double limit) {
            return categorical(rule -> rule.effect(effect, limit));
        }

        /** What difference between the shares of missing values matters. */
        public Builder missingEffect(double limit) {
            return all(rule -> rule.limit(Check.MISSING, limit));
        }

        public DriftPolicy build() {
            return new DriftPolicy(this);
        }
    }
}
