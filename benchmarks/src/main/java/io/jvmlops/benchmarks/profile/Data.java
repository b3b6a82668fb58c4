package io.jvmlops.benchmarks.profile;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import java.util.List;
import java.util.SplittableRandom;

/** Normal columns, a hundredth of the values missing. */
final class Data {
    static final String INPUT = "x";

    private Data() {}

    static float[] rows(int rows, int columns, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(100) == 0 ? Float.NaN : (float) random.nextGaussian() * (1 + i % columns);
        }
        return values;
    }

    static Tensors tensors(float[] rows, int columns) {
        return Tensors.of(INPUT, Tensor.transfer(rows, rows.length / columns, columns));
    }

    static ReferenceProfile reference(int rows, int columns) {
        ModelSignature signature =
                new ModelSignature(List.of(TensorSpec.of(INPUT, DataType.FP32, -1, columns)), List.of());
        return ReferenceProfile.builder(signature)
                .add(tensors(rows(rows, columns, 1), columns))
                .build();
    }
}
