package io.jvmlops.serving.onnx;

import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelLoader;
import io.jvmlops.serving.Fixture;
import io.jvmlops.test.model.InMemoryModelFiles;
import io.jvmlops.test.model.ModelLoaderContract;
import java.util.Map;

class OnnxModelLoaderIT extends ModelLoaderContract {
    @Override
    protected ModelLoader loader() {
        return new OnnxModelLoader();
    }

    @Override
    protected InMemoryModelFiles files() {
        return InMemoryModelFiles.of(Map.of("model.onnx", Fixture.load("breast_cancer").onnx));
    }

    @Override
    protected ModelDescriptor descriptor() {
        return ModelDescriptor.ofFile("onnx", "model.onnx");
    }
}
