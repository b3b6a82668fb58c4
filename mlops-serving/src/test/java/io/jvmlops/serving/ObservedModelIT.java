package io.jvmlops.serving;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDecorator;
import io.jvmlops.serving.ServingMetrics.ModelMetrics;
import io.jvmlops.test.model.ModelDecoratorContract;
import java.time.InstantSource;
import java.util.List;

class ObservedModelIT extends ModelDecoratorContract {
    private static final Fixture CANCER = Fixture.load("breast_cancer");

    @Override
    protected ModelDecorator decorator() {
        return model -> new ObservedModel(model, "cancer", 1, ModelMetrics.NONE, List.of(), InstantSource.system());
    }

    @Override
    protected InferenceModel openBare() {
        return Models.load(ModelSource.bytes("model.onnx", CANCER.onnx).trusted());
    }

    @Override
    protected Tensors inputs() {
        return CANCER.inputs;
    }
}
