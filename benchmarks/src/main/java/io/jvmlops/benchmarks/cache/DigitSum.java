package io.jvmlops.benchmarks.cache;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelSignature;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A model that costs next to nothing, so that what is measured is the cache: the sum of each row. */
final class DigitSum implements InferenceModel {
    static final String INPUT = "digits";
    static final String OUTPUT = "sum";

    private static final String FLAVOR = "sum";
    private static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(TensorSpec.of(INPUT, DataType.FP32, -1, SmallIntegers.WIDTH)),
            List.of(TensorSpec.of(OUTPUT, DataType.FP32, -1, 1)));

    private final ModelDescriptor descriptor = ModelDescriptor.ofFile(FLAVOR, "none");
    private final Digest digest = Digest.of(FLAVOR.getBytes(StandardCharsets.UTF_8));

    @Override
    public ModelDescriptor descriptor() {
        return descriptor;
    }

    @Override
    public ModelSignature signature() {
        return SIGNATURE;
    }

    @Override
    public String flavor() {
        return FLAVOR;
    }

    @Override
    public Digest digest() {
        return digest;
    }

    @Override
    public Tensors predict(Tensors inputs, Deadline deadline) {
        Tensor digits = inputs.at(0);
        float[] sums = new float[digits.rows()];
        for (int i = 0; i < digits.size(); i++) {
            sums[i / SmallIntegers.WIDTH] += (float) digits.doubleAt(i);
        }
        return Tensors.of(OUTPUT, Tensor.transfer(sums, sums.length, 1));
    }

    @Override
    public void close() {
        // It holds nothing.
    }
}
