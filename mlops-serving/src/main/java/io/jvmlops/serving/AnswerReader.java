package io.jvmlops.serving;

import io.jvmlops.api.data.Column;
import io.jvmlops.api.data.RecordCodec;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.Regression;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Reads one row of a model's outputs as a caller's type.
 *
 * @param output the output whose rows are the answers
 */
record AnswerReader<O>(String output, Row<O> row) {
    @FunctionalInterface
    interface Row<O> {
        O read(Tensors outputs, int row);
    }

    O read(Tensors outputs, int index) {
        return row.read(outputs, index);
    }

    /** How many answers there are. */
    int rows(Tensors outputs) {
        return outputs.get(output).rows();
    }

    /** @throws InvalidInputException if the model's outputs are no such thing; all differences are listed */
    static <O> AnswerReader<O> of(Class<O> type, InferenceModel model) {
        if (type == Classification.class) {
            return cast(type, classification(model));
        }
        if (type == Regression.class) {
            return cast(type, regression(model));
        }
        if (type.isRecord()) {
            return cast(type, record(type.asSubclass(Record.class), model));
        }
        throw new InvalidInputException("output type " + type.getName()
                + ": expected Classification, Regression, a record with the outputs' names, or Tensors");
    }

    private static <O> AnswerReader<O> cast(Class<O> type, AnswerReader<?> reader) {
        return new AnswerReader<>(reader.output, (outputs, row) -> type.cast(reader.read(outputs, row)));
    }

    private static AnswerReader<Classification> classification(InferenceModel model) {
        List<String> labels = model.descriptor().labels();
        List<TensorSpec> candidates = model.signature().outputs().stream()
                .filter(o -> o.type().isFloating() && o.shape().rank() == 2)
                .filter(o -> labels.isEmpty() || o.width() == labels.size() || o.width() == -1)
                .toList();
        if (candidates.size() != 1) {
            throw new InvalidInputException("a classification needs one floating output of shape [-1, "
                    + (labels.isEmpty() ? "classes" : labels.size()) + "], the model has "
                    + model.signature().outputs());
        }
        String name = candidates.get(0).name();
        return new AnswerReader<>(name, (outputs, row) -> {
            Tensor scores = outputs.get(name);
            int width = scores.rowSize();
            if (!labels.isEmpty() && labels.size() != width) {
                throw new ModelFailureException(
                        "the model answered with " + width + " scores for " + labels.size() + " classes");
            }
            double[] values = new double[width];
            for (int i = 0; i < width; i++) {
                values[i] = scores.doubleAt(row * width + i);
            }
            List<String> names = labels.isEmpty()
                    ? IntStream.range(0, width).mapToObj(Integer::toString).toList()
                    : labels;
            return Classification.of(names, values);
        });
    }

    private static AnswerReader<Regression> regression(InferenceModel model) {
        List<TensorSpec> candidates = model.signature().outputs().stream()
                .filter(o -> o.type().isFloating() && (o.width() == 1 || o.width() == -1))
                .toList();
        if (candidates.size() != 1) {
            throw new InvalidInputException(
                    "a regression needs one floating output of shape [-1] or [-1, 1], the model has "
                            + model.signature().outputs());
        }
        String name = candidates.get(0).name();
        return new AnswerReader<>(name, (outputs, row) -> {
            Tensor values = outputs.get(name);
            if (values.rowSize() != 1) {
                throw new ModelFailureException(
                        "the model answered with " + values.rowSize() + " values a row, expected 1");
            }
            return new Regression(values.doubleAt(row));
        });
    }

    private static <R extends Record> AnswerReader<R> record(Class<R> type, InferenceModel model) {
        RecordCodec<R> codec = RecordCodec.of(type);
        List<String> mismatches = new ArrayList<>();
        for (Column column : codec.schema().columns()) {
            if (model.signature().output(column.name()).isEmpty()) {
                mismatches.add("component '" + column.name() + "' is no output of the model; it has "
                        + model.signature().outputs());
            }
        }
        if (!mismatches.isEmpty()) {
            throw new InvalidInputException("record " + type.getSimpleName(), mismatches);
        }
        return new AnswerReader<>(codec.schema().names().get(0), codec::decode);
    }
}
