package io.jvmlops.monitoring;

import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.Finding.Check;
import io.jvmlops.monitoring.statistic.ChiSquareHomogeneity;
import io.jvmlops.monitoring.statistic.CorrectedTotalVariation;
import io.jvmlops.monitoring.statistic.KolmogorovSmirnov;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** How a column is judged: what its values are tested by, and from which effect on each check matters. Immutable. */
public final class Rule {
    private static final Map<Check, Double> LIMITS = Map.of(
            Check.VALUES, 0.1,
            Check.MISSING, 0.05,
            Check.NEW_LEVELS, 0.01,
            Check.LOST_LEVELS, 0.01,
            Check.RANGE, 0.01,
            Check.CONSTANT, 0.1,
            Check.COLUMN, 0.0);

    private final DriftStatistic test;
    private final DriftStatistic effect;
    private final Map<Check, Double> limits;
    private final long minimumRows;

    private Rule(DriftStatistic test, DriftStatistic effect, Map<Check, Double> limits, long minimumRows) {
        this.test = test;
        this.effect = effect;
        this.limits = limits.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(limits));
        this.minimumRows = minimumRows;
    }

    /** The default for numbers: Kolmogorov and Smirnov's test, D from 0.1. */
    public static Rule numeric() {
        DriftStatistic ks = new KolmogorovSmirnov();
        return new Rule(ks, ks, LIMITS, 30);
    }

    /** The default for strings and booleans: the chi-square test of homogeneity, corrected total variation from 0.1. */
    public static Rule categorical() {
        return new Rule(new ChiSquareHomogeneity(), new CorrectedTotalVariation(), LIMITS, 30);
    }

    /** What decides whether a change of the values is significant; it must give p-values, or they are never judged. */
    public Rule test(DriftStatistic test) {
        return new Rule(Objects.requireNonNull(test), effect, limits, minimumRows);
    }

    /** What change of the values matters: from this limit, in the statistic's unit. */
    public Rule effect(DriftStatistic effect, double limit) {
        return new Rule(test, Objects.requireNonNull(effect), limits, minimumRows).limit(limit);
    }

    /** From which effect on a change of the values matters. */
    public Rule limit(double limit) {
        return limit(Check.VALUES, limit);
    }

    /**
     * From which effect on a check matters: differences of shares, but for {@link Check#VALUES}, where it is in the unit of the
     * effect's statistic. What was left out with {@link #without} is looked at again.
     *
     * @throws IllegalArgumentException if it is not 0 or more
     */
    public Rule limit(Check check, double limit) {
        if (!(limit >= 0)) {
            throw new IllegalArgumentException("limit " + limit + " of an effect: expected 0 or more");
        }
        Map<Check, Double> changed = new EnumMap<>(Check.class);
        changed.putAll(limits);
        changed.put(check, limit);
        return new Rule(test, effect, changed, minimumRows);
    }

    /** Leaves a check out. */
    public Rule without(Check check) {
        Map<Check, Double> changed = new EnumMap<>(Check.class);
        changed.putAll(limits);
        changed.remove(check);
        return new Rule(test, effect, changed, minimumRows);
    }

    /** Leaves the column out of the report. */
    public Rule ignore() {
        return new Rule(test, effect, Map.of(), minimumRows);
    }

    /**
     * The values that both sides must have.
     *
     * @throws IllegalArgumentException if it is less than 1
     */
    public Rule minimumRows(long rows) {
        if (rows < 1) {
            throw new IllegalArgumentException("minimum of " + rows + " rows: expected 1 or more");
        }
        return new Rule(test, effect, limits, rows);
    }

    DriftStatistic test() {
        return test;
    }

    DriftStatistic effect() {
        return effect;
    }

    boolean checks(Check check) {
        return limits.containsKey(check);
    }

    /** Of a check that is made. */
    double limit(Check check) {
        return Objects.requireNonNull(limits.get(check));
    }

    long minimumRows() {
        return minimumRows;
    }

    boolean isIgnored() {
        return limits.isEmpty();
    }
}
