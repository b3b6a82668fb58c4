package io.jvmlops.benchmarks.predict;

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

/**
 * DJL with a translator that hands a flat array over and takes one back: its shortest way. Needs a JVM in which nobody
 * created an {@code OrtEnvironment} before, and {@code -Dai.djl.offline=true}, without which it asks the network where
 * it runs.
 */
final class DjlContender implements Contender {
    private final float[] rows;
    private final ZooModel<float[], float[]> model;
    private final Predictor<float[], float[]> predictor;

    DjlContender(Fixture fixture, int batch) throws ModelNotFoundException, MalformedModelException, IOException {
        rows = fixture.rows(batch);
        model = Criteria.builder()
                .setTypes(float[].class, float[].class)
                .optModelPath(fixture.folder())
                .optModelName(Fixture.MODEL_FILE)
                .optEngine("OnnxRuntime")
                .optTranslator(new FlatTranslator(new Shape(batch, fixture.features())))
                .build()
                .loadModel();
        predictor = model.newPredictor();
    }

    @Override
    public float[] predict() throws TranslateException {
        return predictor.predict(rows);
    }

    @Override
    public float[] flatten(Object answer) {
        return (float[]) answer;
    }

    @Override
    public void close() {
        predictor.close();
        model.close();
    }

    private static final class FlatTranslator implements NoBatchifyTranslator<float[], float[]> {
        private final Shape shape;

        FlatTranslator(Shape shape) {
            this.shape = shape;
        }

        @Override
        public NDList processInput(TranslatorContext context, float[] input) {
            return new NDList(context.getNDManager().create(input, shape));
        }

        @Override
        public float[] processOutput(TranslatorContext context, NDList output) {
            return output.get(0).toFloatArray();
        }
    }
}
