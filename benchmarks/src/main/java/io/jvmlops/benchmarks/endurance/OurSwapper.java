package io.jvmlops.benchmarks.endurance;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.serving.Serving;
import io.jvmlops.serving.folder.ModelFolder;
import io.jvmlops.tracking.Tracking;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Versions in a registry on SQLite, an alias that moves, a serving that follows it. */
final class OurSwapper implements Swapper {
    private final Tracking tracking;
    private final List<ModelVersion> registered = new ArrayList<>();
    private final Serving serving;
    private final Predictor<Tensors, Tensors> predictor;

    /** @param versions how many there are, from 0 on; the first is live */
    OurSwapper(Path folder, int versions) {
        tracking = Tracking.open(folder);
        try (Run run = tracking.experiment("swap").startRun("versions")) {
            for (int version = 0; version < versions; version++) {
                byte[] onnx = VersionedModel.onnx(version);
                registered.add(run.logModel("m", (target, id) -> export(target, onnx)));
            }
            run.complete();
        }
        tracking.registry().setAlias("m", "live", registered.get(0));
        serving = Serving.builder(tracking.registry()).pollEvery(Duration.ZERO).build();
        predictor = serving.predictor("m@live", Tensors.class, Tensors.class);
    }

    private static ModelDescriptor export(Path folder, byte[] onnx) {
        ModelDescriptor descriptor = ModelDescriptor.ofFile("onnx", "model.onnx")
                .withSignature(new ModelSignature(
                        List.of(TensorSpec.of(
                                VersionedModel.INPUT, DataType.FP32, Shape.DYNAMIC, VersionedModel.WIDTH)),
                        List.of(TensorSpec.of(VersionedModel.OUTPUT, DataType.FP32, Shape.DYNAMIC, 1))));
        try {
            Files.write(folder.resolve("model.onnx"), onnx);
            ModelFolder.write(folder, descriptor);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return descriptor;
    }

    @Override
    public void publish(int version) {
        tracking.registry().setAlias("m", "live", registered.get(version));
        serving.refresh();
        if (serving.live("m@live").version() != version + 1) {
            throw new IllegalStateException("version " + version + " did not go live: " + serving.live());
        }
    }

    @Override
    public float ask(float[] row) {
        Tensors inputs = Tensors.of(VersionedModel.INPUT, Tensor.transfer(row, 1, VersionedModel.WIDTH));
        return (float) predictor.predict(inputs).get(VersionedModel.OUTPUT).doubleAt(0);
    }

    @Override
    public void close() {
        serving.close();
        tracking.close();
    }
}
