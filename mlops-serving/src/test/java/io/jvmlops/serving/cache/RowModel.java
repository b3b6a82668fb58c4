package io.jvmlops.serving.cache;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.serving.internal.LoadedModel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A model that answers rows of two numbers as a function of the whole batch says. */
final class RowModel extends LoadedModel {
    private static final int WIDTH = 2;

    private static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(TensorSpec.of("x", DataType.FP32, -1, WIDTH)),
            List.of(TensorSpec.of("y", DataType.FP32, -1, WIDTH)));

    final AtomicLong calls = new AtomicLong();
    private final UnaryOperator<float[]> function;
    private volatile boolean freed;

    /** @param function from all elements to as many */
    RowModel(UnaryOperator<float[]> function) {
        super(
                "rows",
                Digest.of("rows".getBytes(StandardCharsets.UTF_8)),
                "rows",
                ModelDescriptor.ofFile("rows", "none"),
                SIGNATURE);
        this.function = function;
    }

    /** Keeps a processor busy for so long, and adds one. */
    static UnaryOperator<float[]> busy(AtomicLong nanos) {
        return x -> {
            long end = System.nanoTime() + nanos.get();
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            float[] y = x.clone();
            for (int i = 0; i < y.length; i++) {
                y[i]++;
            }
            return y;
        };
    }

    static Tensors row(float value) {
        return Tensors.of("x", Tensor.transfer(new float[] {value, 1}, 1, WIDTH));
    }

    static Tensors rows(float... values) {
        float[] x = new float[WIDTH * values.length];
        for (int i = 0; i < values.length; i++) {
            x[WIDTH * i] = values[i];
        }
        return Tensors.of("x", Tensor.transfer(x, values.length, WIDTH));
    }

    boolean isFreed() {
        return freed;
    }

    @Override
    protected Tensors answer(Tensors inputs, Deadline deadline) {
        calls.incrementAndGet();
        return Tensors.of(
                "y",
                Tensor.transfer(
                        function.apply(inputs.at(0).toFloatArray()),
                        inputs.at(0).rows(),
                        WIDTH));
    }

    @Override
    protected void free() {
        freed = true;
    }
}
