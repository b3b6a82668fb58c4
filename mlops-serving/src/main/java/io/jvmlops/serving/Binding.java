package io.jvmlops.serving;

import io.jvmlops.api.data.RecordCodec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A caller's types, fitted to one loaded version: how to ask it and how to read its answers. */
final class Binding<I, O> {
    private final InferenceModel model;
    /** Null where the input is tensors. */
    private final RecordCodec.@Nullable Encoder<?> encoder;
    /** Null where the answer is the tensors. */
    private final @Nullable AnswerReader<O> reader;

    private Binding(InferenceModel model, RecordCodec.@Nullable Encoder<?> encoder, @Nullable AnswerReader<O> reader) {
        this.model = model;
        this.encoder = encoder;
        this.reader = reader;
    }

    /** What a caller asks for, before it is fitted to a version. */
    record Types<I, O>(Class<I> input, @Nullable RecordCodec<?> codec, Class<O> output) {
        static <I, O> Types<I, O> of(Class<I> input, Class<O> output) {
            if (input == Tensors.class) {
                return new Types<>(input, null, output);
            }
            if (!input.isRecord()) {
                throw new InvalidInputException(
                        "input type " + input.getName() + ": expected a record, or Tensors for raw arrays");
            }
            return new Types<>(input, RecordCodec.of(input.asSubclass(Record.class)), output);
        }

        /** @throws InvalidInputException that lists every difference between the types and the model */
        Binding<I, O> fit(InferenceModel model) {
            List<String> mismatches = new ArrayList<>();
            RecordCodec.Encoder<?> encoder = null;
            AnswerReader<O> reader = null;
            if (codec != null) {
                try {
                    encoder = codec.encoder(model.signature().inputs());
                } catch (InvalidInputException e) {
                    mismatches.addAll(e.mismatches());
                }
            }
            if (output != Tensors.class) {
                try {
                    reader = AnswerReader.of(output, model);
                } catch (InvalidInputException e) {
                    mismatches.addAll(e.mismatches());
                }
            }
            if (!mismatches.isEmpty()) {
                throw new InvalidInputException(
                        input.getSimpleName() + " -> " + output.getSimpleName() + " does not fit the model",
                        mismatches);
            }
            return new Binding<>(model, encoder, reader);
        }
    }

    @SuppressWarnings("unchecked")
    O predict(I input, Deadline deadline) {
        Tensors outputs = model.predict(encoder == null ? (Tensors) input : encode(encoder, List.of(input)), deadline);
        if (reader == null) {
            return (O) outputs;
        }
        int rows = reader.rows(outputs);
        if (rows != 1) {
            if (encoder != null) {
                throw otherRows(rows, 1);
            }
            throw new InvalidInputException("the input has " + rows
                    + " rows, but one answer was asked for; ask for Tensors, or pass single rows");
        }
        return reader.read(outputs, 0);
    }

    List<O> predictAll(List<? extends I> inputs, Deadline deadline) {
        List<O> answers = new ArrayList<>(inputs.size());
        if (encoder == null || reader == null) {
            // Tensors are batches already, and whoever wants tensors back wants those of each input.
            for (I input : inputs) {
                answers.add(predict(input, deadline));
            }
        } else if (!inputs.isEmpty()) {
            Tensors outputs = model.predict(encode(encoder, inputs), deadline);
            if (reader.rows(outputs) != inputs.size()) {
                throw otherRows(reader.rows(outputs), inputs.size());
            }
            for (int row = 0; row < inputs.size(); row++) {
                answers.add(reader.read(outputs, row));
            }
        }
        return answers;
    }

    private ModelFailureException otherRows(int found, int expected) {
        return new ModelFailureException("model " + model.digest().abbreviated() + " answered with " + found
                + " rows to " + expected + "; a model that does not answer row by row is asked with Tensors");
    }

    @SuppressWarnings("unchecked")
    private static <R extends Record> Tensors encode(RecordCodec.Encoder<R> encoder, List<?> rows) {
        return encoder.encode((List<R>) rows);
    }
}
