package io.jvmlops.api.predict;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The class that a model chose, and the score it gave to each. Immutable. */
public final class Classification {
    private final List<String> labels;
    private final double[] scores;
    private final int index;

    private Classification(List<String> labels, double[] scores, int index) {
        this.labels = labels;
        this.scores = scores;
        this.index = index;
    }

    /**
     * Chooses the class of the greatest score, the first of equals; NaN is chosen only if all are.
     *
     * @param labels in the order of the scores
     * @throws IllegalArgumentException if the two differ in number, or are empty
     */
    public static Classification of(List<String> labels, double... scores) {
        return transfer(labels, scores.clone());
    }

    /**
     * As {@link #of}, but takes the scores over; the caller leaves them alone from now on. An immutable list of labels is
     * shared, not copied.
     *
     * @throws IllegalArgumentException if the two differ in number, or are empty
     */
    public static Classification transfer(List<String> labels, double[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            if (scores[i] > scores[best] || Double.isNaN(scores[best]) && !Double.isNaN(scores[i])) {
                best = i;
            }
        }
        return transfer(labels, scores, best);
    }

    /**
     * As {@link #transfer(List, double[])}, for a model that says itself which class it chose: that is not the one of the
     * greatest score where it has a threshold of its own.
     *
     * @param index the position of the chosen class
     * @throws IllegalArgumentException if labels and scores differ in number, or are empty, or there is no such position
     */
    public static Classification transfer(List<String> labels, double[] scores, int index) {
        if (labels.size() != scores.length || scores.length == 0) {
            throw new IllegalArgumentException(labels.size() + " labels and " + scores.length + " scores");
        }
        if (index < 0 || index >= scores.length) {
            throw new IllegalArgumentException("class " + index + " of " + scores.length);
        }
        return new Classification(List.copyOf(labels), scores, index);
    }

    /** The position of the chosen class among {@link #labels()}. */
    public int index() {
        return index;
    }

    public String label() {
        return labels.get(index);
    }

    /**
     * The score of the chosen class: a probability where the model gives probabilities, NaN where it names a class and no
     * scores.
     */
    public double score() {
        return scores[index];
    }

    /** @throws IndexOutOfBoundsException if there is no such class */
    public double score(int index) {
        return scores[index];
    }

    public List<String> labels() {
        return labels;
    }

    /** A copy, in the order of {@link #labels()}. */
    public double[] scores() {
        return scores.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Classification that
                && index == that.index
                && Arrays.equals(scores, that.scores)
                && labels.equals(that.labels);
    }

    @Override
    public int hashCode() {
        return 31 * labels.hashCode() + Arrays.hashCode(scores);
    }

    /** Like {@code virginica (0.97)}. */
    @Override
    public String toString() {
        return label() + " (" + Math.round(score() * 1e4) / 1e4 + ")";
    }
}
