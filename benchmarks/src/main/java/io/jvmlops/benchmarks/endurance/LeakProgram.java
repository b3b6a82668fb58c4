package io.jvmlops.benchmarks.endurance;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import java.util.Arrays;

/** Loads and closes a model over and over, then asks one over and over, and says what memory the process has. */
final class LeakProgram {
    private LeakProgram() {}

    /** Arguments: loads, calls. */
    public static void main(String[] args) throws Exception {
        int loads = Integer.parseInt(args[0]);
        int calls = Integer.parseInt(args[1]);
        float[] row = new float[VersionedModel.WIDTH * 4];
        byte[] onnx = VersionedModel.onnx(7);
        ModelSource source = ModelSource.bytes("m.onnx", onnx).trusted();
        for (int load = 1; load <= loads; load++) {
            try (InferenceModel model = Models.load(source)) {
                ask(model, row, 1 + load % 4);
            }
            if (load == Math.max(1, loads / 10)) {
                say("loads-base");
            }
        }
        say("loads-end");
        try (InferenceModel model = Models.load(source)) {
            for (int call = 1; call <= calls; call++) {
                ask(model, row, 1 + (call >>> 10) % 4);
                if (call == Math.max(1, calls / 10)) {
                    say("calls-base");
                }
            }
            say("calls-end");
        }
    }

    private static void ask(InferenceModel model, float[] row, int rows) {
        Tensor input = Tensor.copyOf(Arrays.copyOf(row, rows * VersionedModel.WIDTH), rows, VersionedModel.WIDTH);
        Tensor answer = model.predict(Tensors.of(VersionedModel.INPUT, input)).at(0);
        if (answer.size() != rows || answer.doubleAt(rows - 1) != 7) {
            throw new IllegalStateException("a wrong answer");
        }
    }

    private static void say(String what) throws Exception {
        System.out.println(what + " " + ProcessMemory.residentMegabytes());
        Runtime runtime = Runtime.getRuntime();
        System.out.println(what + "-heap " + (runtime.totalMemory() - runtime.freeMemory()) / 1e6);
    }
}
