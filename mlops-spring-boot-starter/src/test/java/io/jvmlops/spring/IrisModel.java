package io.jvmlops.spring;

import static java.util.Objects.requireNonNull;

import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.serving.folder.ModelFolder;
import io.jvmlops.tracking.Tracking;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Map;

/** A model that scikit-learn trained on the Iris data, with scikit-learn's own answers; see the folder's README. */
final class IrisModel {
    /** What scikit-learn says of flowers that training did not see. */
    static final Map<Flower, String> ANSWERS = Map.of(
            new Flower(5.8f, 4.0f, 1.2f, 0.2f), "setosa",
            new Flower(6.0f, 3.4f, 4.5f, 1.6f), "versicolor",
            new Flower(6.3f, 2.9f, 5.6f, 1.8f), "virginica",
            new Flower(6.3f, 2.7f, 4.9f, 1.8f), "virginica");

    static final Flower SETOSA = new Flower(5.8f, 4.0f, 1.2f, 0.2f);

    private IrisModel() {}

    /** Registers the model as the next version of {@code iris}. */
    static ModelVersion register(Tracking tracking) {
        return register(tracking, bytes());
    }

    /** Registers bytes that are no model. */
    static ModelVersion registerBroken(Tracking tracking) {
        return register(tracking, "not a model".getBytes(StandardCharsets.UTF_8));
    }

    private static ModelVersion register(Tracking tracking, byte[] onnx) {
        ModelExporter exporter = (folder, runId) -> {
            try {
                Files.write(folder.resolve("model.onnx"), onnx);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return ModelFolder.write(folder, ModelDescriptor.ofFile("onnx", "model.onnx"));
        };
        try (Run run = tracking.experiment("iris").startRun("from scikit-learn")) {
            ModelVersion version = run.logModel("iris", exporter);
            run.complete();
            return version;
        }
    }

    static byte[] bytes() {
        try (InputStream in = requireNonNull(IrisModel.class.getResourceAsStream("/models/iris_zipmap.onnx"))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
