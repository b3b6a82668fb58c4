package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDecorator;
import io.jvmlops.serving.Fixture;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import io.jvmlops.test.model.ModelDecoratorContract;

class CachedModelIT extends ModelDecoratorContract {
    private static final Fixture IRIS = Fixture.load("iris_zipmap");

    private final PredictionCache cache = new PredictionCache(CacheSpec.maxBytes(1_000_000));

    @Override
    protected ModelDecorator decorator() {
        return model -> cache.around(model);
    }

    @Override
    protected InferenceModel openBare() {
        return Models.load(ModelSource.bytes("model.onnx", IRIS.onnx).trusted());
    }

    @Override
    protected Tensors inputs() {
        return IRIS.inputs;
    }
}
