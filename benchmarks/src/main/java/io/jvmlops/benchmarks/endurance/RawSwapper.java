package io.jvmlops.benchmarks.endurance;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.util.Map;

/** ONNX Runtime by hand: a field holds the session; a new one takes its place, and the old one is closed, or is not. */
final class RawSwapper implements Swapper {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final byte[][] versions;
    private final boolean closing;
    private volatile OrtSession session;

    RawSwapper(int versions, boolean closing) throws OrtException {
        this.versions = new byte[versions][];
        for (int version = 0; version < versions; version++) {
            this.versions[version] = VersionedModel.onnx(version);
        }
        this.closing = closing;
        this.session = open(0);
    }

    private OrtSession open(int version) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            return environment.createSession(versions[version], options);
        }
    }

    @Override
    public void publish(int version) throws OrtException {
        OrtSession old = session;
        session = open(version);
        if (closing) {
            old.close();
        }
    }

    @Override
    public float ask(float[] row) throws OrtException {
        try (OnnxTensor input =
                        OnnxTensor.createTensor(environment, FloatBuffer.wrap(row), new long[] {1, row.length});
                OrtSession.Result result = session.run(Map.of(VersionedModel.INPUT, input))) {
            return ((float[][]) result.get(0).getValue())[0][0];
        }
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
