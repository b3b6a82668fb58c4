package io.jvmlops.serving;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.RecordCodec;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.Regression;
import java.util.List;

/** Reads the rows of a model's outputs as a caller's type. */
@FunctionalInterface
interface AnswerReader<O> {
    /** The answers of one call; what is looked up once for all rows is looked up here. */
    Rows<O> open(Tensors outputs);

    /** One answer per row. */
    abstract class Rows<O> {
        private final int count;

        Rows(int count) {
            this.count = count;
        }

        /** How many answers there are. */
        final int count() {
            return count;
        }

        abstract O read(int row);
    }

    /** @throws InvalidInputException if the model's outputs are no such thing; all differences are listed */
    @SuppressWarnings("unchecked") // each for its own class
    static <O> AnswerReader<O> of(Class<O> type, InferenceModel model) {
        if (type == Classification.class) {
            return (AnswerReader<O>) ClassificationReader.of(model);
        }
        if (type == Regression.class) {
            return (AnswerReader<O>) regression(model);
        }
        if (type == float[].class || type == double[].class) {
            String name = numbers(model, type).name();
            return outputs -> {
                Tensor tensor = outputs.get(name);
                return new Rows<>(tensor.rows()) {
                    @Override
                    O read(int row) {
                        return type.cast(FlatArrays.read(type, tensor, row * tensor.rowSize(), tensor.rowSize()));
                    }
                };
            };
        }
        if (type.isRecord()) {
            return (AnswerReader<O>) record(type.asSubclass(Record.class), model);
        }
        throw new InvalidInputException("output type " + type.getTypeName()
                + ": expected Classification, Regression, float[] or double[], a record with the outputs' names, or"
                + " Tensors");
    }

    /** The one output that an array can be the rows of. */
    static TensorSpec numbers(InferenceModel model, Class<?> type) {
        List<TensorSpec> candidates = model.signature().outputs().stream()
                .filter(o -> o.type().isFloating())
                .toList();
        if (candidates.size() != 1) {
            throw new InvalidInputException("an answer as " + type.getSimpleName()
                    + " needs one floating output, the model has "
                    + model.signature().outputs() + "; ask for a record with an array named like the output you want");
        }
        return candidates.get(0);
    }

    private static AnswerReader<Regression> regression(InferenceModel model) {
        List<TensorSpec> candidates = model.signature().outputs().stream()
                .filter(o -> o.type().isFloating() && (o.width() == 1 || o.width() == -1))
                .toList();
        if (candidates.size() != 1) {
            throw new InvalidInputException(
                    "a regression needs one floating output of shape [-1] or [-1, 1], the model has "
                            + model.signature().outputs() + "; ask for a record with components named like outputs");
        }
        String name = candidates.get(0).name();
        return outputs -> {
            Tensor values = outputs.get(name);
            if (values.size() != values.rows()) {
                throw new ModelFailureException(
                        "the model answered with " + values.rowSize() + " values a row, expected 1");
            }
            return new Rows<>(values.rows()) {
                @Override
                Regression read(int row) {
                    return new Regression(values.doubleAt(row));
                }
            };
        };
    }

    private static <R extends Record> AnswerReader<R> record(Class<R> type, InferenceModel model) {
        RecordCodec<R> codec = RecordCodec.of(type);
        codec.checkDecodes(model.signature().outputs());
        List<String> names = codec.schema().names();
        return outputs -> new Rows<>(rows(names, outputs)) {
            @Override
            R read(int row) {
                try {
                    return codec.decode(outputs, row);
                } catch (InvalidInputException e) {
                    // The types fit what the model declares: that it answers otherwise is not the caller's doing.
                    throw new ModelFailureException(
                            "the model's answer does not make a " + type.getSimpleName() + ": " + e.getMessage(), e);
                }
            }
        };
    }

    /** How many rows all of these outputs have. */
    private static int rows(List<String> names, Tensors outputs) {
        int rows = outputs.get(names.get(0)).rows();
        for (String name : names) {
            int others = outputs.get(name).rows();
            if (others != rows) {
                throw new ModelFailureException("the model answered with " + rows + " rows of output '" + names.get(0)
                        + "' and " + others + " of '" + name + "'; ask for Tensors");
            }
        }
        return rows;
    }

    /** Whether it holds one number or text a row that may name a class. */
    static boolean isLabel(TensorSpec output) {
        return (output.type() == DataType.BYTES || output.type().isInteger()) && output.width() == 1;
    }
}
