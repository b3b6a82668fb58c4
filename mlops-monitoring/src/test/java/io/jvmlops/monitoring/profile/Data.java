package io.jvmlops.monitoring.profile;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.Profile;
import io.jvmlops.api.predict.PredictionEvent;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Data for tests: a flower's four measures in, a score out. */
public final class Data {
    public static final ModelSignature FLOWERS = new ModelSignature(
            List.of(TensorSpec.of("x", DataType.FP32, -1, 4)
                    .withColumns(List.of("sepal_length", "sepal_width", "petal_length", "petal_width"))),
            List.of(TensorSpec.of("score", DataType.FP64, -1)));

    private static final double[] MEANS = {5.8, 3.1, 3.8, 1.2};
    private static final double[] DEVIATIONS = {0.8, 0.4, 1.8, 0.8};

    private Data() {}

    /** Normal measures, the first of them moved by so many of its standard deviations. */
    public static Tensors flowers(RandomGenerator random, int rows, double shift) {
        float[] x = new float[4 * rows];
        for (int i = 0; i < x.length; i++) {
            double moved = random.nextGaussian() + (i % 4 == 0 ? shift : 0);
            x[i] = (float) (MEANS[i % 4] + DEVIATIONS[i % 4] * moved);
        }
        return Tensors.of("x", Tensor.transfer(x, rows, 4));
    }

    public static Tensors scores(RandomGenerator random, int rows, double shift) {
        double[] scores = new double[rows];
        for (int i = 0; i < rows; i++) {
            scores[i] = random.nextGaussian() + shift;
        }
        return Tensors.of("score", Tensor.transfer(scores, rows));
    }

    /** A model of one numeric column. */
    public static ModelSignature numbers() {
        return new ModelSignature(List.of(TensorSpec.of("x", DataType.FP64, -1)), List.of());
    }

    public static Tensors numbers(double... values) {
        return Tensors.of("x", Tensor.copyOf(values, values.length));
    }

    /** A model of one string column. */
    public static ModelSignature strings() {
        return new ModelSignature(List.of(TensorSpec.of("x", DataType.BYTES, -1)), List.of());
    }

    public static Tensors strings(String... values) {
        return Tensors.of("x", Tensor.copyOf(values, values.length));
    }

    public static PredictionEvent event(Tensors inputs, @Nullable Tensors outputs) {
        return event(FLOWERS, inputs, outputs);
    }

    public static PredictionEvent event(ModelSignature signature, Tensors inputs, @Nullable Tensors outputs) {
        return new PredictionEvent(
                "e", "m", 1, Digest.of(new byte[0]), signature, inputs, outputs, Instant.EPOCH, 1, null, 0);
    }

    public static ColumnProfile column(Profile profile, String name) {
        return Objects.requireNonNull(profile.columns().get(name), name);
    }
}
