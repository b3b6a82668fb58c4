package io.jvmlops.monitoring.convention;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How another library scores a column and when it calls that drift. Immutable and thread-safe. Get one by
 * {@link Conventions#named}.
 */
public final class Convention {
    /** A score of samples, with the threshold that follows from them or the given one. */
    interface Samples {
        Scored score(double[] reference, double[] current);
    }

    /** The same over levels. */
    interface Levels {
        Scored score(List<@Nullable String> reference, List<@Nullable String> current);
    }

    /** When a score is drift. */
    enum Rule {
        BELOW,
        AT_MOST,
        ABOVE,
        AT_LEAST
    }

    /**
     * @param threshold NaN for that of the convention
     * @param decisive what is compared, where it is not the score
     */
    record Scored(double score, double threshold, double decisive) {
        static Scored of(double score) {
            return new Scored(score, Double.NaN, score);
        }
    }

    private final String name;
    private final double threshold;
    private final boolean fixed;
    private final Rule rule;
    private final @Nullable Samples samples;
    private final @Nullable Levels levels;
    private final String odd;
    private final String ours;

    Convention(
            String name,
            double threshold,
            Rule rule,
            @Nullable Samples samples,
            @Nullable Levels levels,
            String odd,
            String ours) {
        this(name, threshold, false, rule, samples, levels, odd, ours);
    }

    private Convention(
            String name,
            double threshold,
            boolean fixed,
            Rule rule,
            @Nullable Samples samples,
            @Nullable Levels levels,
            String odd,
            String ours) {
        this.name = name;
        this.threshold = threshold;
        this.fixed = fixed;
        this.rule = rule;
        this.samples = samples;
        this.levels = levels;
        this.odd = odd;
        this.ours = ours;
    }

    /** The library and its method: {@code evidently.psi}. */
    public String name() {
        return name;
    }

    /** The default or given threshold; NaN where the library takes it from the reference. */
    public double threshold() {
        return threshold;
    }

    /** What to know before believing it. */
    public String odd() {
        return odd;
    }

    /** The nearest of our own statistics, and how it differs. */
    public String ours() {
        return ours;
    }

    public boolean isForNumbers() {
        return samples != null;
    }

    public boolean isForLevels() {
        return levels != null;
    }

    /** The same with a threshold of the user's choice. */
    public Convention withThreshold(double chosen) {
        return new Convention(name, chosen, true, rule, samples, levels, odd, ours);
    }

    /**
     * Scores a numeric column, of floating-point numbers also where they are whole.
     *
     * @param reference in order of rows; NaN is missing
     * @throws IllegalArgumentException where the library fails: nothing there, no levels expected, a size that it cannot
     *     take
     */
    public ConventionScore compare(double[] reference, double[] current) {
        if (samples == null) {
            throw new IllegalArgumentException(name + " is not for numeric columns, expected a categorical one");
        }
        return judged(samples.score(reference, current));
    }

    /**
     * Scores a categorical column.
     *
     * @param reference in order of rows; null is missing
     * @throws IllegalArgumentException where the library fails: nothing there, no numbers expected, a size that it cannot
     *     take
     */
    public ConventionScore compare(List<@Nullable String> reference, List<@Nullable String> current) {
        if (levels == null) {
            throw new IllegalArgumentException(name + " is not for categorical columns, expected a numeric one");
        }
        return judged(levels.score(reference, current));
    }

    private ConventionScore judged(Scored scored) {
        double limit = fixed || Double.isNaN(scored.threshold()) ? threshold : scored.threshold();
        double value = scored.decisive();
        boolean drift = switch (rule) {
            case BELOW -> value < limit;
            case AT_MOST -> value <= limit;
            case ABOVE -> value > limit;
            case AT_LEAST -> value >= limit;
        };
        return new ConventionScore(name, scored.score(), limit, drift);
    }

    @Override
    public String toString() {
        return name + (Double.isNaN(threshold) ? "" : " at " + threshold);
    }

    /** Counts of each level of either side, levels in their order. */
    static <T extends Comparable<T>> long[][] counts(List<T> reference, List<T> current) {
        TreeSet<T> keys = new TreeSet<>(reference);
        keys.addAll(current);
        Map<T, Integer> index = new HashMap<>();
        for (T key : keys) {
            index.put(key, index.size());
        }
        long[][] counts = new long[2][index.size()];
        for (T value : reference) {
            counts[0][Objects.requireNonNull(index.get(value))]++;
        }
        for (T value : current) {
            counts[1][Objects.requireNonNull(index.get(value))]++;
        }
        return counts;
    }
}
