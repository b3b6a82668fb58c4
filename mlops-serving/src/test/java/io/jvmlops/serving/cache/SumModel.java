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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** A small model of arithmetic that tells how often it was asked, and for how many rows: the weighted sum of each row. */
final class SumModel extends LoadedModel {
    static final int WIDTH = 4;

    private static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(TensorSpec.of("x", DataType.FP32, -1, WIDTH).withColumns(List.of("a", "b", "c", "d"))),
            List.of(TensorSpec.of("sum", DataType.FP32, -1, 1)));

    /** Rows of every call, in their order. */
    final List<Integer> calls = new CopyOnWriteArrayList<>();

    private final float factor;
    private final Consumer<Tensors> before;

    SumModel(String name) {
        this(name, 1, inputs -> {});
    }

    /** @param before runs at the beginning of every call */
    SumModel(String name, float factor, Consumer<Tensors> before) {
        super(
                name,
                Digest.of(name.getBytes(StandardCharsets.UTF_8)),
                "sum",
                ModelDescriptor.ofFile("sum", "none"),
                SIGNATURE);
        this.factor = factor;
        this.before = before;
    }

    static Tensors rows(float... firsts) {
        float[] rows = new float[firsts.length * WIDTH];
        for (int i = 0; i < firsts.length; i++) {
            for (int j = 0; j < WIDTH; j++) {
                rows[i * WIDTH + j] = firsts[i] + j;
            }
        }
        return Tensors.of("x", Tensor.transfer(rows, firsts.length, WIDTH));
    }

    @Override
    protected Tensors answer(Tensors inputs, Deadline deadline) {
        Tensor x = inputs.get("x");
        calls.add(x.rows());
        before.accept(inputs);
        float[] sums = new float[x.rows()];
        for (int i = 0; i < x.size(); i++) {
            sums[i / WIDTH] += factor * (i % WIDTH + 1) * (float) x.doubleAt(i);
        }
        return Tensors.of("sum", Tensor.transfer(sums, x.rows(), 1));
    }

    @Override
    protected void free() {}
}
