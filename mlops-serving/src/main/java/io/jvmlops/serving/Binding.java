package io.jvmlops.serving;

import io.jvmlops.api.data.RecordCodec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
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

    O predict(I input, Deadline deadline) {
        return answer(encoded(input), deadline);
    }

    /** As {@link #predict}, but the input is read now, and the model asked later. */
    Function<Deadline, O> prepare(I input) {
        Tensors inputs = encoded(input);
        return deadline -> answer(inputs, deadline);
    }

    @SuppressWarnings("unchecked")
    private Tensors encoded(I input) {
        return encoder == null ? (Tensors) input : encode(encoder, List.of(input));
    }

    @SuppressWarnings("unchecked")
    private O answer(Tensors inputs, Deadline deadline) {
        Tensors outputs = model.predict(inputs, deadline);
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
        return prepareAll(inputs).apply(deadline);
    }

    /** As {@link #predictAll}, but the inputs are read now, and the model asked later. */
    Function<Deadline, List<O>> prepareAll(List<? extends I> inputs) {
        if (inputs.isEmpty()) {
            return deadline -> new ArrayList<>();
        }
        if (encoder == null || reader == null) {
            // Tensors are batches already, and whoever wants tensors back wants those of each input.
            List<Tensors> each = inputs.stream().map(this::encoded).toList();
            return deadline -> {
                List<O> answers = new ArrayList<>(each.size());
                for (Tensors input : each) {
                    answers.add(answer(input, deadline));
                }
                return answers;
            };
        }
        int count = inputs.size();
        AnswerReader<O> rows = reader;
        Tensors batch = encode(encoder, inputs);
        return deadline -> {
            Tensors outputs = model.predict(batch, deadline);
            if (rows.rows(outputs) != count) {
                throw otherRows(rows.rows(outputs), count);
            }
            List<O> answers = new ArrayList<>(count);
            for (int row = 0; row < count; row++) {
                answers.add(rows.read(outputs, row));
            }
            return answers;
        };
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
