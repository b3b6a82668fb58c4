package io.jvmlops.serving.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.MissingDependencyException;
import io.jvmlops.api.error.ModelLoadException;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class OnnxOptionsIT {
    private static String load(OnnxOptions.Builder options) {
        return NativesProgram.load(options.build());
    }

    @Test
    void theDefaultsSuitAnApplicationWithThreadsOfItsOwn() {
        OnnxOptions options = OnnxOptions.ofDefaults();
        assertThat(options.intraOpThreads()).isEqualTo(1);
        assertThat(options.spinning()).isFalse();
        assertThat(options.sharedPool()).isEqualTo(OptionalInt.empty());
        assertThat(options.providers()).isEmpty();
    }

    @Test
    void everyKindOfOptionReachesTheRuntime() {
        assertThat(load(OnnxOptions.builder().intraOpThreads(2).spinning(true))).isEqualTo("right");
        assertThat(load(OnnxOptions.builder().provider("CPU", Map.of("use_arena", "0"))))
                .isEqualTo("right");
        assertThat(load(OnnxOptions.builder()
                        .provider("CPUExecutionProvider")
                        .config("session.disable_prepacking", "1")))
                .isEqualTo("right");
        for (OnnxOptions.Optimization optimization : OnnxOptions.Optimization.values()) {
            assertThat(load(OnnxOptions.builder().optimization(optimization))).isEqualTo("right");
        }
        // Proof that what is set is read: the runtime refuses a value.
        assertThatThrownBy(() -> load(OnnxOptions.builder()
                        .intraOpThreads(3)
                        .config("session.intra_op_thread_affinities", "nonsense")))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("nonsense");
    }

    @Test
    void anAbsentProviderIsAnsweredByNameWithWhatThereIsAndWhatToAdd() {
        assertThatThrownBy(() -> load(OnnxOptions.builder().provider("cuda", Map.of("device_id", "0"))))
                .isInstanceOf(MissingDependencyException.class)
                .hasMessageContaining("CUDA")
                .hasMessageContaining("[CPU")
                .hasMessageContaining("com.microsoft.onnxruntime:onnxruntime_gpu:1.28.0");
        for (String name : new String[] {
            "DNNL",
            "OPENVINO",
            "OpenVINOExecutionProvider",
            "TENSORRT",
            "CoreML",
            "ROCM",
            "DML",
            "DIRECTML",
            "QNN",
            "WebGPU"
        }) {
            assertThatThrownBy(() -> load(OnnxOptions.builder().provider(name)))
                    .as(name)
                    .isInstanceOf(MissingDependencyException.class)
                    .hasMessageContaining("is not in the ONNX Runtime on the class path");
        }
        assertThatThrownBy(() -> load(OnnxOptions.builder().provider("ABACUS")))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("no execution provider 'ABACUS'")
                .hasMessageContaining("CUDA");
    }

    @Test
    void wrongOptionsOfAProviderAreNamed() {
        assertThatThrownBy(() -> load(OnnxOptions.builder().provider("CPU", Map.of("use_arena", "maybe"))))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("'use_arena'")
                .hasMessageContaining("maybe");
        assertThatThrownBy(() -> load(OnnxOptions.builder().provider("CPU", Map.of("speed", "high"))))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("[speed]");
    }

    @Test
    void whatWouldUndoACheckCannotBeSet() {
        assertThatThrownBy(() -> OnnxOptions.builder().config("session.load_model_format", "ORT"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () -> OnnxOptions.builder().config("session.model_external_initializers_file_folder_path", "/"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> OnnxOptions.builder().intraOpThreads(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> OnnxOptions.builder().sharedPool(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> OnnxOptions.builder().provider(" ")).isInstanceOf(IllegalArgumentException.class);
    }
}
