package io.jvmlops.serving.onnx;

import ai.onnxruntime.OrtEnvironment;
import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.serving.Fixture;
import io.jvmlops.serving.ForkedJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Runs in a JVM of its own: does what the lines of its standard input say, and answers each with a line. */
public final class NativesProgram {
    private static final Fixture CANCER = Fixture.load("breast_cancer");

    private NativesProgram() {}

    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            String answer;
            try {
                answer = answer(words);
            } catch (MlopsException e) {
                answer = e.getClass().getSimpleName() + ": " + e.getMessage();
            }
            System.out.println(ForkedJvm.SAYS + answer.replace('\n', ' '));
        }
    }

    private static String answer(String[] words) {
        switch (words[0]) {
            case "load" -> {
                OnnxOptions.Builder options = OnnxOptions.builder();
                if (words.length > 1) {
                    options.sharedPool(Integer.parseInt(words[1]));
                }
                return load(options.build());
            }
            case "set" -> System.setProperty(words[1], words[2]);
            case "clear" -> System.clearProperty(words[1]);
            case "get" -> {
                return String.valueOf(System.getProperty(words[1]));
            }
            case "host" -> {
                return OrtEnvironment.getEnvironment().toString();
            }
            default -> throw new IllegalArgumentException(words[0]);
        }
        return "done";
    }

    static String load(OnnxOptions options) {
        try (InferenceModel model = new OnnxModelLoader(options)
                .load(
                        WeightsModel.files(Map.of("model.onnx", CANCER.onnx)),
                        ModelDescriptor.ofFile("onnx", "model.onnx"))) {
            double[] found = model.predict(CANCER.inputs).get("probabilities").toDoubleArray();
            double[] expected = CANCER.expected("probabilities");
            for (int i = 0; i < expected.length; i++) {
                if (Math.abs(found[i] - expected[i]) > 1e-5) {
                    return "wrong";
                }
            }
            return "right";
        }
    }
}
