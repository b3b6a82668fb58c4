package io.jvmlops.serving;

import io.jvmlops.api.data.RecordCodec;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.internal.FloatRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A caller's types, fitted to one loaded version: how to ask it and how to read its answers.
 *
 * <p>A record is one row. Tensors and arrays are batches: an answer in tensors or an array has all their rows, any other
 * answer is for one row.
 */
final class Binding<I, O> {
    private static final String REMEDY = "; ask for Tensors or an array, or pass single rows";

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

    /** Where arrays of floats go in and come out, or records are floats, and nobody keeps them: no tensor of them is made. */
    private final @Nullable FloatRows rows;

    private Binding(
            InferenceModel model,
            Class<O> output,
            RecordCodec.@Nullable Encoder<?> encoder,
            @Nullable FlatArrays arrays,
            @Nullable AnswerReader<O> reader,
            @Nullable String flat,
            @Nullable FloatRows rows) {
        this.model = model;
        this.output = output;
        this.encoder = encoder;
        this.arrays = arrays;
        this.reader = reader;
        this.flat = flat;
        this.rows = rows;
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
            FloatRows rows = FloatRows.of(model);
            if (rows != null) {
                boolean flatBoth = input == float[].class && output == float[].class && rows.givesFloats();
                boolean written = encoder != null && encoder.floats() == rows.width();
                rows = flatBoth || written ? rows : null;
            }
            return new Binding<>(model, output, encoder, arrays, reader, flat, rows);
        }
    }

    O predict(I input, Deadline deadline) {
        if (rows == null) {
            return one(model.predict(tensors(input), deadline));
        }
        return encoder == null
                ? output.cast(rows.predict((float[]) input, deadline))
                : one(written(rows, List.of(input), deadline));
    }

    private Tensors written(FloatRows floats, List<? extends I> records, Deadline deadline) {
        return floats.predict(target -> write(records, target), records.size(), deadline);
    }

    @SuppressWarnings("unchecked") // an I is the record that the encoder was made for
    private <R extends Record> void write(List<?> records, float[] target) {
        ((RecordCodec.Encoder<R>) Objects.requireNonNull(encoder)).encode((List<R>) records, target);
    }

    /** As {@link #predict}, but the input is read now, and the model asked later. */
    Function<Deadline, O> prepare(I input) {
        Tensors inputs = tensors(input);
        return deadline -> one(model.predict(inputs, deadline));
    }

    private O one(Tensors outputs) {
        if (reader == null) {
            return output.cast(outputs);
        }
        if (flat != null) {
            Tensor tensor = outputs.get(flat);
            return output.cast(FlatArrays.read(output, tensor, 0, tensor.size()));
        }
        AnswerReader.Rows<O> answers = reader.open(outputs);
        if (answers.count() != 1) {
            if (encoder != null || arrays != null) {
                throw otherRows(answers.count(), 1);
            }
            throw new InvalidInputException(
                    "the input has " + answers.count() + " rows, but one answer was asked for" + REMEDY);
        }
        return answers.read(0);
    }

    List<O> predictAll(List<? extends I> inputs, Deadline deadline) {
        return rows != null && encoder != null && reader != null && !inputs.isEmpty()
                ? perRow(reader.open(written(rows, inputs, deadline)), inputs.size())
                : prepareAll(inputs).apply(deadline);
    }

    /** As {@link #predictAll}, but the inputs are read now, and the model asked later. */
    Function<Deadline, List<O>> prepareAll(List<? extends I> inputs) {
        try {
            return question(inputs);
        } catch (InvalidInputException e) {
            refused();
            throw e;
        }
    }

    private Function<Deadline, List<O>> question(List<? extends I> inputs) {
        if (inputs.isEmpty()) {
            return deadline -> new ArrayList<>();
        }
        if (reader == null || encoder == null && arrays == null) {
            // Tensors are batches already, and whoever wants tensors back wants those of each input.
            List<Tensors> each = inputs.stream().map(this::read).toList();
            return deadline -> {
                List<O> answers = new ArrayList<>(each.size());
                for (Tensors input : each) {
                    answers.add(one(model.predict(input, deadline)));
                }
                return answers;
            };
        }
        AnswerReader<O> answers = reader;
        if (arrays == null) {
            Tensors batch = encode(inputs);
            int count = inputs.size();
            return deadline -> perRow(answers.open(model.predict(batch, deadline)), count);
        }
        int[] counts = counts(arrays, inputs);
        int sum = Arrays.stream(counts).reduce(0, Math::addExact);
        Tensors batch = arrays.tensors(inputs, sum);
        return flat == null
                ? deadline -> perRow(answers.open(model.predict(batch, deadline)), sum)
                : deadline -> perArray(model.predict(batch, deadline).get(flat), counts, sum);
    }

    private int[] counts(FlatArrays arrays, List<? extends I> inputs) {
        int[] counts = new int[inputs.size()];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = arrays.rows(inputs.get(i));
            if (flat == null && counts[i] != 1) {
                throw new InvalidInputException(
                        "array " + i + " has " + counts[i] + " rows, but one answer was asked for" + REMEDY);
            }
        }
        return counts;
    }

    private List<O> perRow(AnswerReader.Rows<O> found, int count) {
        if (found.count() != count) {
            throw otherRows(found.count(), count);
        }
        List<O> answers = new ArrayList<>(count);
        for (int row = 0; row < count; row++) {
            answers.add(found.read(row));
        }
        return answers;
    }

    private List<O> perArray(Tensor tensor, int[] counts, int sum) {
        if (tensor.rows() != sum) {
            throw otherRows(tensor.rows(), sum);
        }
        List<O> answers = new ArrayList<>(counts.length);
        int width = tensor.rowSize();
        int at = 0;
        for (int count : counts) {
            answers.add(output.cast(FlatArrays.read(output, tensor, at, count * width)));
            at += count * width;
        }
        return answers;
    }

    private ModelFailureException otherRows(int found, int expected) {
        return new ModelFailureException("model " + model.digest().abbreviated() + " answered with " + found
                + " rows to " + expected + "; a model that does not answer row by row is asked with Tensors");
    }

    private Tensors tensors(I input) {
        try {
            return read(input);
        } catch (InvalidInputException e) {
            refused();
            throw e;
        }
    }

    /** What cannot be read never reaches the model, and counts all the same. */
    private void refused() {
        if (model instanceof ObservedModel observed) {
            observed.refused();
        }
    }

    private Tensors read(I input) {
        if (encoder != null) {
            return encode(List.of(input));
        }
        if (arrays == null) {
            return (Tensors) input;
        }
        int count = arrays.rows(input);
        if (reader != null && flat == null && count != 1) {
            throw new InvalidInputException("the input has " + count + " rows, but one answer was asked for" + REMEDY);
        }
        return arrays.tensors(input);
    }

    @SuppressWarnings("unchecked") // an I is the record that the encoder was made for
    private <R extends Record> Tensors encode(List<?> rows) {
        return ((RecordCodec.Encoder<R>) Objects.requireNonNull(encoder)).encode((List<R>) rows);
    }
}
