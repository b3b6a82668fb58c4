package io.jvmlops.serving;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.predict.Classification;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads classifications from what classifiers give:
 *
 * <ul>
 *   <li>a matrix with a score per class, as most do;
 *   <li>one number a row, where there are two labels: the probability of the second;
 *   <li>nothing but the chosen class: then the scores are NaN.
 * </ul>
 *
 * Where there is a chosen class beside the scores, it is what the model says, not the greatest score: the two differ in
 * models with a threshold of their own.
 */
final class ClassificationReader implements AnswerReader<Classification> {
    private final List<String> labels;
    /** The same as numbers, where all of them are; else null. */
    private final long @Nullable [] numbers;
    /** Null where there are none. */
    private final @Nullable String scores;
    /** Null where there is none, or none that the labels are told from. */
    private final @Nullable String chosen;

    private ClassificationReader(
            List<String> labels, long @Nullable [] numbers, @Nullable String scores, @Nullable String chosen) {
        this.labels = labels;
        this.numbers = numbers;
        this.scores = scores;
        this.chosen = chosen;
    }

    static ClassificationReader of(InferenceModel model) {
        List<String> labels = List.copyOf(model.descriptor().labels());
        List<TensorSpec> outputs = model.signature().outputs();
        List<TensorSpec> scores = outputs.stream()
                .filter(o -> o.type().isFloating() && o.shape().rank() == 2)
                .filter(o -> o.width() == -1 || (labels.isEmpty() ? o.width() > 1 : o.width() == labels.size()))
                .toList();
        if (scores.isEmpty() && labels.size() == 2) {
            scores = outputs.stream()
                    .filter(o -> o.type().isFloating() && o.width() == 1)
                    .toList();
        }
        List<TensorSpec> chosen = outputs.stream().filter(AnswerReader::isLabel).toList();
        long[] numbers = numbers(labels);
        if (scores.size() == 1 && chosen.size() == 1 && labels.isEmpty()) {
            // Counted from 0 they would have names too, and be those of other classes.
            throw new InvalidInputException("a classification needs to know which class each score of output "
                    + scores.get(0) + " is of: the model gives the class beside it, as " + chosen.get(0)
                    + ", but neither its file nor MLmodel names the classes in the order of the scores; name them in MLmodel"
                    + " (metadata: jvmlops: labels), export it with ZipMap, or ask for a record with components named like"
                    + " outputs");
        }
        if (scores.size() == 1) {
            boolean told = chosen.size() == 1
                    && !labels.isEmpty()
                    && (chosen.get(0).type() == DataType.BYTES || numbers != null);
            return new ClassificationReader(
                    labels, numbers, scores.get(0).name(), told ? chosen.get(0).name() : null);
        }
        if (chosen.size() == 1 && outputs.stream().noneMatch(o -> o.type().isFloating())) {
            return new ClassificationReader(labels, numbers, null, chosen.get(0).name());
        }
        throw new InvalidInputException("a classification needs one floating output of shape [-1, "
                + (labels.isEmpty() ? "classes" : labels.size()) + "]"
                + (labels.isEmpty() ? "; or two labels in its descriptor and one of shape [-1, 1]" : "")
                + "; or nothing but a label; the model has the labels " + labels + " and the outputs " + outputs
                + "; ask for a record with components named like outputs");
    }

    private static long @Nullable [] numbers(List<String> labels) {
        try {
            return labels.isEmpty()
                    ? null
                    : labels.stream().mapToLong(Long::parseLong).toArray();
        } catch (NumberFormatException e) {
            return null;
        }
    }

    @Override
    public Rows<Classification> open(Tensors outputs) {
        Tensor label = chosen == null ? null : outputs.get(chosen);
        if (label != null && label.size() != label.rows()) {
            throw new ModelFailureException(
                    "the model answered with " + label.rowSize() + " classes a row, expected 1");
        }
        if (scores == null) {
            return new Chosen(label == null ? outputs.at(0) : label);
        }
        Tensor values = outputs.get(scores);
        int width = values.rowSize();
        if (label != null && label.rows() != values.rows()) {
            throw new ModelFailureException(
                    "the model answered with " + values.rows() + " rows of scores and " + label.rows() + " of classes");
        }
        if (width == 1 && labels.size() == 2) {
            return new Probabilities(values, label);
        }
        if (!labels.isEmpty() && labels.size() != width && values.rows() > 0) {
            throw new ModelFailureException(
                    "the model answered with " + width + " scores for " + labels.size() + " classes");
        }
        List<String> names = labels.isEmpty()
                ? IntStream.range(0, width).mapToObj(Integer::toString).toList()
                : labels;
        return new Scores(names, values, label);
    }

    private Classification classification(List<String> names, double[] values, @Nullable Tensor label, int row) {
        Classification greatest = Classification.transfer(names, values);
        if (label == null || is(label, row, greatest.index())) {
            return greatest;
        }
        return Classification.transfer(names, values, indexOf(label, row));
    }

    private boolean is(Tensor label, int row, int index) {
        return label.type() == DataType.BYTES
                ? label.stringAt(row).equals(labels.get(index))
                : numbers != null && numbers[index] == label.longAt(row);
    }

    private int indexOf(Tensor label, int row) {
        for (int i = 0; i < labels.size(); i++) {
            if (is(label, row, i)) {
                return i;
            }
        }
        if (label.type() != DataType.BYTES && numbers == null) {
            // Labels that are words, and a number: it says which of them.
            long position = label.longAt(row);
            if (position >= 0 && position < labels.size()) {
                return (int) position;
            }
        }
        throw new ModelFailureException("the model chose a class that is none of its " + labels.size()
                + " labels; its descriptor must name all, in the order of the scores");
    }

    /** A score per class. */
    private final class Scores extends Rows<Classification> {
        private final List<String> names;
        private final Tensor values;
        private final @Nullable Tensor label;
        private final @Nullable FloatBuffer floats;

        Scores(List<String> names, Tensor values, @Nullable Tensor label) {
            super(values.rows());
            this.names = names;
            this.values = values;
            this.label = label;
            this.floats = values.type() == DataType.FP32 ? values.asFloatBuffer() : null;
        }

        @Override
        Classification read(int row) {
            double[] scores = new double[names.size()];
            int from = row * scores.length;
            for (int i = 0; i < scores.length; i++) {
                scores[i] = floats != null ? floats.get(from + i) : values.doubleAt(from + i);
            }
            return classification(names, scores, label, row);
        }
    }

    /** The probability of the second of two classes. */
    private final class Probabilities extends Rows<Classification> {
        private final Tensor values;
        private final @Nullable Tensor label;

        Probabilities(Tensor values, @Nullable Tensor label) {
            super(values.rows());
            this.values = values;
            this.label = label;
        }

        @Override
        Classification read(int row) {
            double second = values.doubleAt(row);
            if (second < 0 || second > 1) {
                throw new ModelFailureException("the model answered with a number that is no probability of its label '"
                        + labels.get(1) + "'; ask for a Regression or a record if it is a score of another kind");
            }
            return classification(labels, new double[] {1 - second, second}, label, row);
        }
    }

    /** A class without scores. */
    private final class Chosen extends Rows<Classification> {
        private final Tensor label;

        Chosen(Tensor label) {
            super(label.rows());
            this.label = label;
        }

        @Override
        Classification read(int row) {
            if (labels.isEmpty()) {
                String only = label.type() == DataType.BYTES ? label.stringAt(row) : Long.toString(label.longAt(row));
                return Classification.transfer(List.of(only), new double[] {Double.NaN});
            }
            double[] unknown = new double[labels.size()];
            Arrays.fill(unknown, Double.NaN);
            return Classification.transfer(labels, unknown, indexOf(label, row));
        }
    }
}
