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

/** Reads one row of a model's outputs as a caller's type. */
@FunctionalInterface
interface AnswerReader<O> {
    O read(Tensors outputs, int row);

    /** @throws InvalidInputException if the model's outputs are no such thing; all differences are listed */
    static <O> AnswerReader<O> of(Class<O> type, InferenceModel model) {
        if (type == Classification.class) {
            AnswerReader<Classification> reader = classification(model);
            return (outputs, row) -> type.cast(reader.read(outputs, row));
        }
        if (type == Regression.class) {
            AnswerReader<Regression> reader = regression(model);
            return (outputs, row) -> type.cast(reader.read(outputs, row));
        }
        if (type.isRecord()) {
            AnswerReader<? extends Record> reader = record(type.asSubclass(Record.class), model);
            return (outputs, row) -> type.cast(reader.read(outputs, row));
        }
        throw new InvalidInputException("output type " + type.getName()
                + ": expected Classification, Regression, a record with the outputs' names, or Tensors");
    }

    static int rows(Tensors outputs) {
        return outputs.size() == 0 ? 0 : outputs.at(0).rows();
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
        return (outputs, row) -> {
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
        };
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
        return (outputs, row) -> {
            Tensor values = outputs.get(name);
            if (values.rowSize() != 1) {
                throw new ModelFailureException(
                        "the model answered with " + values.rowSize() + " values a row, expected 1");
            }
            return new Regression(values.doubleAt(row));
        };
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
        return codec::decode;
    }
}
