package io.jvmlops.benchmarks.profile;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/** Normal columns, a hundredth of the values missing. */
final class Data {
    static final String INPUT = "x";

    private static final int CHUNK = 10_000;

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

    /** The same as a table with a header, in which what is missing is an empty field. */
    static void write(Path file, int rows, int columns, long seed) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int column = 0; column < columns; column++) {
                out.append(column == 0 ? "" : ",").append("c").append(Integer.toString(column));
            }
            out.newLine();
            for (int from = 0; from < rows; from += CHUNK) {
                float[] values = rows(Math.min(CHUNK, rows - from), columns, seed + from);
                for (int i = 0; i < values.length; i++) {
                    if (!Float.isNaN(values[i])) {
                        out.append(Float.toString(values[i]));
                    }
                    out.append(i % columns == columns - 1 ? '\n' : ',');
                }
            }
        }
    }
}
