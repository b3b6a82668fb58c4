package io.jvmlops.benchmarks.predict;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.Set;

/**
 * The least that a program can do per call through ONNX Runtime's Java API: input and output tensors made once over
 * direct buffers, the caller's array copied in, a fresh array copied out, one native thread that does not spin.
 */
class PinnedContender implements Contender {
    private final OrtSession session;
    private final float[] rows;
    final FloatBuffer input;
    final FloatBuffer output;
    private final OnnxTensor inputTensor;
    private final OnnxTensor outputTensor;
    private final Map<String, OnnxTensor> inputs;
    private final Map<String, OnnxTensor> outputs;

    PinnedContender(Fixture fixture, int batch) throws OrtException, IOException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            session = environment.createSession(fixture.model(), options);
        }
        rows = fixture.rows(batch);
        input = direct(batch * fixture.features());
        output = direct(batch * fixture.outputs());
        inputTensor = OnnxTensor.createTensor(environment, input, new long[] {batch, fixture.features()});
        outputTensor = OnnxTensor.createTensor(environment, output, new long[] {batch, fixture.outputs()});
        inputs = Map.of(Fixture.INPUT, inputTensor);
        outputs = Map.of(Fixture.OUTPUT, outputTensor);
    }

    private static FloatBuffer direct(int floats) {
        return ByteBuffer.allocateDirect(floats * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    final void run() throws OrtException {
        session.run(inputs, Set.of(), outputs).close();
    }

    @Override
    public Object predict() throws OrtException {
        input.put(0, rows);
        run();
        float[] answer = new float[output.capacity()];
        output.get(0, answer);
        return answer;
    }

    @Override
    public float[] flatten(Object answer) {
        return (float[]) answer;
    }

    @Override
    public void close() {
        inputTensor.close();
        outputTensor.close();
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
