package io.jvmlops.benchmarks.predict;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import java.io.IOException;

/** Our loaded model alone: no registry, no metrics. The caller's array becomes a tensor without a copy. */
final class ModelContender implements Contender {
    private final InferenceModel model;
    private final float[] rows;
    private final int batch;
    private final int features;

    ModelContender(Fixture fixture, int batch) throws IOException {
        this.model = Models.load(
                ModelSource.bytes(Fixture.MODEL_FILE, fixture.model()).trusted());
        this.rows = fixture.rows(batch);
        this.batch = batch;
        this.features = fixture.features();
    }

    @Override
    public Tensors predict() {
        return model.predict(Tensors.of(Fixture.INPUT, Tensor.transfer(rows, batch, features)));
    }

    @Override
    public float[] flatten(Object answer) {
        return flat((Tensors) answer);
    }

    static float[] flat(Tensors answer) {
        Tensor tensor = answer.get(Fixture.OUTPUT);
        float[] floats = new float[tensor.size()];
        tensor.asFloatBuffer().get(floats);
        return floats;
    }

    @Override
    public void close() {
        model.close();
    }
}
