package io.jvmlops.serving;

import io.jvmlops.api.data.RecordCodec;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A caller's types, fitted to one loaded version: how to ask it and how to read its answers.
 *
 * <p>A record is one row. Tensors and arrays are batches: an answer in tensors or an array has all their rows, any other
 * answer is for one row.
 */
final class Binding<I, O> {
    private final InferenceModel model;
    private final Class<O> output;
    /** Null unless the input is records. */
    private final RecordCodec.@Nullable Encoder<?> encoder;
    /** Null unless the input is arrays. */
    private final @Nullable FlatArrays arrays;
    /** Null where the answer is the tensors. */
    private final @Nullable AnswerReader<O> reader;
    /** The output whose rows are the answer as one array; null if the answer is another, or of one row. */
    private final @Nullable String flat;

    private Binding(
            InferenceModel model,
            Class<O> output,
            RecordCodec.@Nullable Encoder<?> encoder,
            @Nullable FlatArrays arrays,
            @Nullable AnswerReader<O> reader,
            @Nullable String flat) {
        this.model = model;
        this.output = output;
        this.encoder = encoder;
        this.arrays = arrays;
        this.reader = reader;
        this.flat = flat;
    }

    /** What a caller asks for, before it is fitted to a version. */
    record Types<I, O>(Class<I> input, @Nullable RecordCodec<?> codec, Class<O> output) {
        static <I, O> Types<I, O> of(Class<I> input, Class<O> output) {
            if (input == Tensors.class || FlatArrays.is(input)) {
                return new Types<>(input, null, output);
            }
            if (!input.isRecord()) {
                throw new InvalidInputException("input type " + input.getTypeName()
                        + ": expected a record, float[] or double[], or Tensors for all else");
            }
            return new Types<>(input, RecordCodec.of(input.asSubclass(Record.class)), output);
        }

        /** @throws InvalidInputException that lists every difference between the types and the model */
        Binding<I, O> fit(InferenceModel model) {
            List<String> mismatches = new ArrayList<>();
            RecordCodec.Encoder<?> encoder = null;
            FlatArrays arrays = null;
            AnswerReader<O> reader = null;
            try {
                if (codec != null) {
                    encoder = codec.encoder(model.signature().inputs());
                } else if (input != Tensors.class) {
                    arrays = FlatArrays.of(input, model);
                }
            } catch (InvalidInputException e) {
                mismatches.addAll(e.mismatches());
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
            String flat = codec == null && FlatArrays.is(output)
                    ? AnswerReader.numbers(model, output).name()
                    : null;
            return new Binding<>(model, output, encoder, arrays, reader, flat);
        }
    }

    O predict(I input, Deadline deadline) {
        if (arrays != null && flat != null) {
            return flat(arrays, flat, input, deadline);
        }
        Tensors outputs = model.predict(tensors(input), deadline);
        if (reader == null) {
            return output.cast(outputs);
        }
        if (flat != null) {
            return whole(outputs.get(flat));
        }
        AnswerReader.Rows<O> rows = reader.open(outputs);
        if (rows.count() != 1) {
            if (encoder != null) {
                throw otherRows(rows.count(), 1);
            }
            throw new InvalidInputException("the input has " + rows.count()
                    + " rows, but one answer was asked for; ask for Tensors or an array, or pass single rows");
        }
        return rows.read(0);
    }

    /** An array in, an array out: the caller's is copied, and never kept. */
    private O flat(FlatArrays arrays, String name, I rows, Deadline deadline) {
        return whole(model.predict(arrays.tensors(rows), deadline).get(name));
    }

    private O whole(Tensor tensor) {
        return output.cast(FlatArrays.read(output, tensor, 0, tensor.size()));
    }

    List<O> predictAll(List<? extends I> inputs, Deadline deadline) {
        List<O> answers = new ArrayList<>(inputs.size());
        if (inputs.isEmpty()) {
            return answers;
        }
        if (reader == null || encoder == null && arrays == null) {
            // Tensors are batches already, and whoever wants tensors back wants those of each input.
            for (I input : inputs) {
                answers.add(predict(input, deadline));
            }
        } else if (arrays != null) {
            predictAll(arrays, reader, inputs, deadline, answers);
        } else {
            AnswerReader.Rows<O> rows = reader.open(model.predict(encode(inputs), deadline));
            if (rows.count() != inputs.size()) {
                throw otherRows(rows.count(), inputs.size());
            }
            for (int row = 0; row < rows.count(); row++) {
                answers.add(rows.read(row));
            }
        }
        return answers;
    }

    /** All rows of all arrays in one call. */
    private void predictAll(
            FlatArrays arrays, AnswerReader<O> reader, List<? extends I> inputs, Deadline deadline, List<O> answers) {
        int[] rows = new int[inputs.size()];
        int sum = 0;
        for (int i = 0; i < rows.length; i++) {
            rows[i] = arrays.rows(inputs.get(i));
            if (flat == null && rows[i] != 1) {
                throw new InvalidInputException("array " + i + " has " + rows[i]
                        + " rows, but one answer was asked for; ask for Tensors or an array, or pass single rows");
            }
            sum = Math.addExact(sum, rows[i]);
        }
        Tensors outputs = model.predict(arrays.tensors(inputs, sum), deadline);
        AnswerReader.Rows<O> all = reader.open(outputs);
        if (all.count() != sum) {
            throw otherRows(all.count(), sum);
        }
        if (flat == null) {
            for (int row = 0; row < sum; row++) {
                answers.add(all.read(row));
            }
            return;
        }
        Tensor tensor = outputs.get(flat);
        int width = tensor.rowSize();
        int at = 0;
        for (int count : rows) {
            answers.add(output.cast(FlatArrays.read(output, tensor, at, count * width)));
            at += count * width;
        }
    }

    private ModelFailureException otherRows(int found, int expected) {
        return new ModelFailureException("model " + model.digest().abbreviated() + " answered with " + found
                + " rows to " + expected + "; a model that does not answer row by row is asked with Tensors");
    }

    private Tensors tensors(I input) {
        if (encoder != null) {
            return encode(List.of(input));
        }
        return arrays != null ? arrays.tensors(input) : (Tensors) input;
    }

    @SuppressWarnings("unchecked") // an I is the record that the encoder was made for
    private <R extends Record> Tensors encode(List<?> rows) {
        return ((RecordCodec.Encoder<R>) Objects.requireNonNull(encoder)).encode((List<R>) rows);
    }
}
