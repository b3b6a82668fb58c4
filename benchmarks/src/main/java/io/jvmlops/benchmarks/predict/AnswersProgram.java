package io.jvmlops.benchmarks.predict;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes what one contender answers, for {@link PredictStudy} to compare: in a JVM of its own, as two that use ONNX
 * Runtime do not always stand each other.
 */
final class AnswersProgram {
    private AnswersProgram() {}

    /** Arguments: the fixture's folder, the contender, the file to write, batches. */
    public static void main(String[] args) throws Exception {
        Fixture fixture = Fixture.open(Path.of(args[0]));
        ContenderKind kind = ContenderKind.of(args[1]);
        for (int i = 3; i < args.length; i++) {
            int batch = Integer.parseInt(args[i]);
            try (Contender contender = kind.open(fixture, batch)) {
                float[] answers = contender.flatten(contender.predict());
                ByteBuffer bytes = ByteBuffer.allocate(answers.length * Float.BYTES);
                bytes.asFloatBuffer().put(answers);
                Files.write(Path.of(args[2] + batch), bytes.array());
            }
        }
    }
}
