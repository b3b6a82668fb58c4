package io.jvmlops.benchmarks.endurance;

import ai.djl.MalformedModelException;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.translate.NoBatchifyTranslator;
import ai.djl.translate.TranslateException;
import ai.djl.translate.TranslatorContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** DJL: a field holds the model; each call makes itself a predictor, as those are for one thread; the old model is closed. */
final class DjlSwapper implements Swapper {
    private final Path folder;
    private volatile ZooModel<float[], float[]> model;

    DjlSwapper(Path folder, int versions) throws IOException, ModelNotFoundException, MalformedModelException {
        this.folder = folder;
        Files.createDirectories(folder);
        for (int version = 0; version < versions; version++) {
            Files.write(folder.resolve("m" + version + ".onnx"), VersionedModel.onnx(version));
        }
        this.model = open(0);
    }

    private ZooModel<float[], float[]> open(int version)
            throws IOException, ModelNotFoundException, MalformedModelException {
        return Criteria.builder()
                .setTypes(float[].class, float[].class)
                .optModelPath(folder)
                .optModelName("m" + version + ".onnx")
                .optEngine("OnnxRuntime")
                .optTranslator(new RowTranslator())
                .build()
                .loadModel();
    }

    @Override
    public void publish(int version) throws IOException, ModelNotFoundException, MalformedModelException {
        ZooModel<float[], float[]> old = model;
        model = open(version);
        old.close();
    }

    @Override
    public float ask(float[] row) throws TranslateException {
        try (Predictor<float[], float[]> predictor = model.newPredictor()) {
            return predictor.predict(row)[0];
        }
    }

    @Override
    public void close() {
        model.close();
    }

    private static final class RowTranslator implements NoBatchifyTranslator<float[], float[]> {
        @Override
        public NDList processInput(TranslatorContext context, float[] input) {
            return new NDList(context.getNDManager().create(input, new Shape(1, input.length)));
        }

        @Override
        public float[] processOutput(TranslatorContext context, NDList output) {
            return output.get(0).toFloatArray();
        }
    }
}
