package io.jvmlops.serving.cache;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.serving.internal.FloatRows;
import io.jvmlops.serving.internal.LoadedModel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A model whose answer to a row is a fingerprint of all that the row is: types, extents, every bit of every element, but that NaN
 * are one. So an answer to another input is seen to be that. Its numbers are whole and below 2^24: exact in floats.
 */
final class EchoModel extends LoadedModel {
    private static final TensorSpec OUTPUT = TensorSpec.of("print", DataType.FP32, -1, 2);

    static final ModelSignature FLOATS = signature(TensorSpec.of("x", DataType.FP32, -1, 4));

    /** Rows that were asked for. */
    final LongAdder rows = new LongAdder();

    final LongAdder calls = new LongAdder();
    /** Thrown by the next call. */
    final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    private final long salt;
    private final boolean coupled;
    private final Consumer<Tensors> before;

    EchoModel(String content, ModelSignature signature) {
        this(content, signature, false, inputs -> {});
    }

    /**
     * A model.
     *
     * @param content what its digest is of, and its answers are salted with
     * @param coupled whether rows are answered by what is beside them, too
     * @param before runs at the beginning of every call
     */
    EchoModel(String content, ModelSignature signature, boolean coupled, Consumer<Tensors> before) {
        super(
                content,
                Digest.of(content.getBytes(StandardCharsets.UTF_8)),
                "echo",
                ModelDescriptor.ofFile("echo", "none"),
                signature);
        this.salt = mix(7, content.hashCode());
        this.coupled = coupled;
        this.before = before;
    }

    static ModelSignature signature(TensorSpec... inputs) {
        return new ModelSignature(List.of(inputs), List.of(OUTPUT));
    }

    /** Of calls that are no rows: an answer of one row. */
    static ModelSignature wholes(TensorSpec... inputs) {
        return new ModelSignature(List.of(inputs), List.of(TensorSpec.of("print", DataType.FP32, 1, 2)));
    }

    private static long mix(long hash, long value) {
        long mixed = (hash ^ value) * 0x9e3779b97f4a7c15L;
        mixed ^= mixed >>> 29;
        mixed *= 0xbf58476d1ce4e5b9L;
        return mixed ^ mixed >>> 32;
    }

    @Override
    protected int floatWidth() {
        TensorSpec first = signature().inputs().get(0);
        return signature().inputs().size() == 1
                        && first.type() == DataType.FP32
                        && first.shape().rank() == 2
                        && first.shape().dim(1) > 0
                ? (int) first.shape().dim(1)
                : 0;
    }

    @Override
    protected boolean givesFloats() {
        return true;
    }

    @Override
    protected Tensors answer(FloatRows.Writer writer, int count, int size, Deadline deadline) {
        float[] values = new float[size];
        writer.write(values);
        return answer(Tensors.of("x", Tensor.transfer(values, count, size / count)), deadline);
    }

    @Override
    protected float[] answer(float[] values, int count, Deadline deadline) {
        return answer(Tensors.of("x", Tensor.copyOf(values, count, values.length / count)), deadline)
                .at(0)
                .toFloatArray();
    }

    @Override
    protected Tensors answer(Tensors inputs, Deadline deadline) {
        boolean byRow = signature().outputs().get(0).shape().dim(0) == -1;
        int count = byRow ? inputs.at(0).rows() : 1;
        rows.add(count);
        calls.increment();
        before.accept(inputs);
        deadline.check("the echo");
        Throwable failing = failure.getAndSet(null);
        if (failing != null) {
            throw EchoModel.<RuntimeException>unchecked(failing);
        }
        long[] prints = new long[count];
        long all = 0;
        for (int row = 0; row < count; row++) {
            prints[row] = print(inputs, row, byRow);
            all = mix(all, prints[row]);
        }
        float[] answers = new float[2 * count];
        for (int row = 0; row < count; row++) {
            long print = coupled ? mix(prints[row], all) : prints[row];
            answers[2 * row] = print & 0xffffff;
            answers[2 * row + 1] = print >>> 24 & 0xffffff;
        }
        return Tensors.of("print", Tensor.transfer(answers, count, 2));
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <E extends Throwable> E unchecked(Throwable failure) throws E {
        throw (E) failure;
    }

    private long print(Tensors inputs, int row, boolean byRow) {
        long hash = salt;
        for (TensorSpec spec : signature().inputs()) {
            Tensor tensor = inputs.get(spec.name());
            hash = mix(hash, spec.type().ordinal());
            for (int axis = byRow ? 1 : 0; axis < tensor.shape().rank(); axis++) {
                hash = mix(hash, tensor.shape().dim(axis));
            }
            int length = byRow ? tensor.rowSize() : tensor.size();
            for (int i = row * length; i < (row + 1) * length; i++) {
                hash = element(hash, tensor, i);
            }
        }
        return hash;
    }

    private static long element(long hash, Tensor tensor, int index) {
        if (tensor.type() == DataType.BYTES) {
            String text = tensor.stringAt(index);
            long mixed = mix(hash, text.length());
            for (int i = 0; i < text.length(); i++) {
                mixed = mix(mixed, text.charAt(i));
            }
            return mixed;
        }
        return mix(
                hash,
                tensor.type().isFloating()
                        ? Double.doubleToLongBits(tensor.doubleAt(index))
                        : tensor.longAt(index));
    }

    @Override
    protected void free() {}
}
