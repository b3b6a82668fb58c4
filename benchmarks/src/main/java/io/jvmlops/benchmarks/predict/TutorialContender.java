package io.jvmlops.benchmarks.predict;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.util.Map;

/** What most programs do: nested arrays in, nested arrays out, tensors made anew for each call. */
final class TutorialContender implements Contender {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final float[][] rows;

    TutorialContender(Fixture fixture, int batch) throws OrtException, IOException {
        session = environment.createSession(fixture.model());
        rows = fixture.nestedRows(batch);
    }

    @Override
    public float[][] predict() throws OrtException {
        try (OnnxTensor tensor = OnnxTensor.createTensor(environment, rows);
                OrtSession.Result result = session.run(Map.of(Fixture.INPUT, tensor))) {
            return (float[][]) result.get(0).getValue();
        }
    }

    @Override
    public float[] flatten(Object answer) {
        float[][] nested = (float[][]) answer;
        int width = nested[0].length;
        float[] flat = new float[nested.length * width];
        for (int i = 0; i < nested.length; i++) {
            System.arraycopy(nested[i], 0, flat, i * width, width);
        }
        return flat;
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
