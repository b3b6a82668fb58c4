package io.jvmlops.monitoring;

import io.jvmlops.api.monitoring.CategoricalProfile;
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
import io.jvmlops.monitoring.statistic.ChiSquareHomogeneity;
import io.jvmlops.monitoring.statistic.KolmogorovSmirnov;
import io.jvmlops.monitoring.statistic.MissingRate;
import io.jvmlops.monitoring.statistic.TotalVariation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * When a difference between reference and current data is called drift. Immutable and thread-safe as long as its statistics
 * are.
 *
 * <p>A column has drifted if the change is <b>significant</b>, so that chance does not explain it, <b>and</b> its <b>effect</b> is
 * large enough to matter. At small n any distance is large by chance, at large n any difference is significant; each half
 * guards the other.
 *
 * <p><b>Significance.</b> Each column's p-value is corrected over all columns tested in the report, inputs and outputs, by
 * Benjamini and Hochberg, and compared with {@link Builder#significance} (0.05): if nothing has changed, at most that share of
 * reports, made on data of their own, names any column (2 % of reports on nine mixed columns in our simulations, as the
 * tests are conservative). Looking many times at one growing window looks at chance many times;
 * judge windows when they are full, or ask for more.
 *
 * <p><b>Effect.</b> The defaults measure both kinds of column in one unit, the share of rows that moved, and 0.1 of them
 * matters: for numeric columns D of Kolmogorov and Smirnov at the profile's edges (a normal column reaches 0.1 when its mean
 * moves by a quarter of its standard deviation, where PSI says 0.06), for the others total variation. Neither grows with the
 * number of rows, nor depends on how much larger the reference is, as Cramér's V does; and D hardly grows with the number of bins,
 * as PSI does at small n.
 *
 * <p><b>Missing values</b> are compared as a second test of the column, where either side has any: two proportions, drift from a
 * difference of 0.05. The column's verdict is about the test that found a change that matters, or else the more significant,
 * and its p-value is twice that test's (Bonferroni), so that a column with missing values alarms no more often than others.
 *
 * <p><b>Too few values.</b> Values are compared if both sides have {@link Builder#minimumRows} (30) that are not missing, missing
 * rates if both have as many at all. A column of which the values cannot be compared, and whose missing rate has not drifted,
 * has {@link Verdict#INSUFFICIENT_DATA}; so has a string column of which no level is frequent enough to be counted.
 */
public final class DriftPolicy {
    private static final DriftStatistic MISSING = new MissingRate();

    private final double significance;
    private final long minimumRows;
    private final Rule numeric;
    private final Rule categorical;
    private final double missingEffect;

    private DriftPolicy(Builder builder) {
        significance = builder.significance;
        minimumRows = builder.minimumRows;
        numeric = builder.numeric;
        categorical = builder.categorical;
        missingEffect = builder.missingEffect;
    }

    /** The defaults that the class tells of. */
    public static DriftPolicy ofDefaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** How one kind of column is judged. */
    private record Rule(DriftStatistic test, DriftStatistic effect, double limit) {}

    /** One test on a column. */
    private record Part(String test, DriftScore score, String effect, double size, boolean matters, boolean values) {
        double p() {
            return score.pValue();
        }
    }

    /** A column and what was tested of it. */
    private record Tested(
            Kind kind,
            ColumnProfile reference,
            ColumnProfile current,
            List<Part> parts,
            @Nullable String gap) {
        /** The part that the verdict is about. */
        @Nullable
        Part leading() {
            Part leading = null;
            for (Part part : parts) {
                if (leading == null
                        || part.matters() && !leading.matters()
                        || part.matters() == leading.matters() && part.p() < leading.p()) {
                    leading = part;
                }
            }
            return leading;
        }

        double p() {
            Part leading = leading();
            return leading == null ? Double.NaN : Math.min(1, leading.p() * parts.size());
        }
    }

    /**
     * Compares a window with the reference.
     *
     * <p>A statistic that throws, or does not support a column, leaves its column with {@link Verdict#INSUFFICIENT_DATA} and the others alone.
     *
     * @param model what the report calls the model
     * @param at when the report is made
     * @param counted over the edges and levels of the reference, as a {@link Monitor} counts it
     * @return every column of the reference, inputs first
     * @throws IllegalArgumentException if the window was counted over other columns, edges or levels
     */
    public DriftReport compare(String model, Instant at, ReferenceProfile reference, WindowProfile counted) {
        return compare(model, at, reference.inputs(), reference.outputs(), counted.uniform());
    }

    /**
     * Compares a window with one before it, or with several put together.
     *
     * @throws IllegalArgumentException if the two were counted over other columns, edges or levels
     */
    public DriftReport compare(String model, Instant at, WindowProfile baseline, WindowProfile counted) {
        WindowProfile.Sample before = baseline.uniform();
        return compare(model, at, before.inputs(), before.outputs(), counted.uniform());
    }

    private DriftReport compare(
            String model, Instant at, Profile inputs, Profile outputs, WindowProfile.Sample window) {
        List<Tested> tested = new ArrayList<>();
        test(Kind.INPUT, inputs, window.inputs(), tested);
        test(Kind.OUTPUT, outputs, window.outputs(), tested);
        double[] corrected =
                BenjaminiHochberg.adjust(tested.stream().mapToDouble(Tested::p).toArray());
        List<ColumnDrift> columns = new ArrayList<>();
        for (int i = 0; i < corrected.length; i++) {
            columns.add(judge(tested.get(i), corrected[i]));
        }
        return new DriftReport(model, at, inputs.rows(), window.inputs().rows(), columns);
    }

    private void test(Kind kind, Profile reference, Profile window, List<Tested> into) {
        if (!reference.columns().keySet().equals(window.columns().keySet())) {
            throw new IllegalArgumentException("the window has the " + kind + " columns "
                    + window.columns().keySet() + ", expected those of the reference, "
                    + reference.columns().keySet());
        }
        reference.columns().forEach((name, column) -> {
            ColumnProfile current = window.columns().get(name);
            if (current != null) {
                // Throws if the two are not over the same edges or levels.
                MISSING.compare(column, current);
                into.add(test(kind, column, current));
            }
        });
    }

    private Tested test(Kind kind, ColumnProfile reference, ColumnProfile current) {
        List<Part> parts = new ArrayList<>();
        String gap = null;
        long before = reference.count() - reference.missing();
        long now = current.count() - current.missing();
        if (before < minimumRows || now < minimumRows) {
            gap = now + " values now and " + before + " in the reference, " + minimumRows + " needed on both sides";
        } else if (reference instanceof CategoricalProfile levels
                && levels.levels().isEmpty()) {
            gap = "no level of the reference is frequent enough to be counted";
        } else {
            Rule rule = rule(reference);
            try {
                requireSupport(rule.test(), reference);
                requireSupport(rule.effect(), reference);
                DriftScore score = rule.test().compare(reference, current);
                double size = rule.effect().compare(reference, current).effect();
                if (score.hasPValue() && !Double.isNaN(size)) {
                    parts.add(new Part(
                            rule.test().name(), score, rule.effect().name(), size, size >= rule.limit(), true));
                } else {
                    gap = "statistic '" + rule.test().name() + "' gave no p-value, or '"
                            + rule.effect().name() + "' no effect size";
                }
            } catch (RuntimeException e) {
                gap = "statistic '" + rule.test().name() + "' or '"
                        + rule.effect().name() + "' failed: " + e.getClass().getSimpleName();
            }
        }
        boolean comparable = reference.count() >= minimumRows && current.count() >= minimumRows;
        if (comparable && (reference.missing() > 0 || current.missing() > 0)) {
            DriftScore score = MISSING.compare(reference, current);
            parts.add(new Part(
                    MISSING.name(), score, MISSING.name(), score.effect(), score.effect() >= missingEffect, false));
        }
        return new Tested(kind, reference, current, parts, gap);
    }

    private static void requireSupport(DriftStatistic statistic, ColumnProfile column) {
        if (!statistic.supports(column)) {
            throw new UnsupportedOperationException(statistic.name());
        }
    }

    private Rule rule(ColumnProfile column) {
        return column instanceof NumericProfile ? numeric : categorical;
    }

    private ColumnDrift judge(Tested tested, double correctedP) {
        Part leading = tested.leading();
        if (leading != null && leading.matters() && correctedP <= significance) {
            String why = leading.values()
                    ? Explanation.ofValues(tested.reference(), tested.current())
                    : Explanation.ofMissing(tested.reference(), tested.current());
            return verdict(tested, Verdict.DRIFT, leading, correctedP, why);
        }
        if (leading == null || tested.gap() != null) {
            Rule rule = rule(tested.reference());
            DriftScore none = DriftScore.nothing(0, 0);
            Part untested = new Part(rule.test().name(), none, rule.effect().name(), Double.NaN, false, true);
            String why = tested.gap() == null ? "nothing could be compared" : tested.gap();
            return verdict(tested, Verdict.INSUFFICIENT_DATA, untested, Double.NaN, why);
        }
        String why = correctedP > significance ? "no evidence of a change" : "a change, but too small to matter";
        return verdict(tested, Verdict.STABLE, leading, correctedP, why);
    }

    private ColumnDrift verdict(Tested tested, Verdict verdict, Part leading, double correctedP, String why) {
        ColumnProfile reference = tested.reference();
        ColumnProfile current = tested.current();
        List<Finding> findings = new ArrayList<>();
        for (Part part : tested.parts()) {
            boolean alarm = part.equals(leading) && verdict == Verdict.DRIFT;
            findings.add(new Finding(
                    part.values() ? Check.VALUES : Check.MISSING,
                    alarm,
                    part.test(),
                    part.score(),
                    correctedP,
                    part.effect(),
                    part.size(),
                    part.values() ? rule(reference).limit() : missingEffect,
                    part.equals(leading) ? why : ""));
        }
        return new ColumnDrift(
                reference.column(), tested.kind(), verdict, findings, reference.present(), current.present(), why);
    }

    /** Options, each with the default that {@link DriftPolicy} tells of. Not thread-safe. */
    public static final class Builder {
        private double significance = 0.05;
        private long minimumRows = 30;
        private Rule numeric = new Rule(new KolmogorovSmirnov(), new KolmogorovSmirnov(), 0.1);
        private Rule categorical = new Rule(new ChiSquareHomogeneity(), new TotalVariation(), 0.1);
        private double missingEffect = 0.05;

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

        /**
         * The values that both sides must have.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder minimumRows(long rows) {
            if (rows < 1) {
                throw new IllegalArgumentException("minimum of " + rows + " rows: expected 1 or more");
            }
            minimumRows = rows;
            return this;
        }

        /** How numeric columns are tested; the statistic must give p-values, or they are never judged. */
        public Builder numericTest(DriftStatistic test) {
            numeric = new Rule(Objects.requireNonNull(test), numeric.effect(), numeric.limit());
            return this;
        }

        /** What effect matters on numeric columns: from this limit, in the statistic's unit. */
        public Builder numericEffect(DriftStatistic effect, double limit) {
            numeric = new Rule(numeric.test(), Objects.requireNonNull(effect), requireLimit(limit));
            return this;
        }

        /** How string and boolean columns are tested; the statistic must give p-values, or they are never judged. */
        public Builder categoricalTest(DriftStatistic test) {
            categorical = new Rule(Objects.requireNonNull(test), categorical.effect(), categorical.limit());
            return this;
        }

        /** What effect matters on string and boolean columns: from this limit, in the statistic's unit. */
        public Builder categoricalEffect(DriftStatistic effect, double limit) {
            categorical = new Rule(categorical.test(), Objects.requireNonNull(effect), requireLimit(limit));
            return this;
        }

        /** What difference between the shares of missing values matters. */
        public Builder missingEffect(double limit) {
            missingEffect = requireLimit(limit);
            return this;
        }

        private static double requireLimit(double limit) {
            if (!(limit >= 0)) {
                throw new IllegalArgumentException("limit " + limit + " of an effect: expected 0 or more");
            }
            return limit;
        }

        public DriftPolicy build() {
            return new DriftPolicy(this);
        }
    }
}
