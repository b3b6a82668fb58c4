package io.jvmlops.serving.tribuo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelLoader;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.test.model.InMemoryModelFiles;
import io.jvmlops.test.model.ModelLoaderContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TribuoModelLoaderTest extends ModelLoaderContract {
    @TempDir
    static Path folder;

    private static ModelDescriptor descriptor;
    private static InMemoryModelFiles files;

    @BeforeAll
    static void export() {
        descriptor = TribuoModels.export(Trained.logistic()).export(folder, null);
        files = InMemoryModelFiles.of(folder);
    }

    @Override
    protected ModelLoader loader() {
        return new TribuoModelLoader();
    }

    @Override
    protected InMemoryModelFiles files() {
        return files;
    }

    @Override
    protected ModelDescriptor descriptor() {
        return descriptor;
    }

    @Test
    void takesItsNamesFromTheModelIfTheFolderDoesNotSay() {
        ModelDescriptor bare = ModelDescriptor.ofFile("tribuo", "model.tribuo");
        try (InferenceModel model = loader().load(files.toModelFiles("m/1"), bare)) {
            assertThat(model.signature()).isEqualTo(descriptor.signature());
            assertThat(model.descriptor().labels()).containsExactly("Small", "large", "old");
        }
    }

    @Test
    void refusesADescriptorWithoutItsFlavor() {
        ModelDescriptor other = ModelDescriptor.ofFile("onnx", "model.tribuo");
        assertThatThrownBy(() -> loader().load(files.toModelFiles("m/1"), other))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("[onnx]");
    }

    @Test
    void refusesADescriptorWithOtherColumns() {
        TensorSpec input = TensorSpec.of("input", DataType.FP64, -1, 5)
                .withColumns(List.of("Zeta", "age", "colour=blue", "height", "width"));
        assertThatThrownBy(() -> load(new ModelSignature(List.of(input), List.of()), List.of()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("input column 2 is 'colour=red' in the model, 'colour=blue' in MLmodel");
    }

    @Test
    void refusesADescriptorWithAnotherWidth() {
        TensorSpec input = TensorSpec.of("input", DataType.FP64, -1, 4);
        assertThatThrownBy(() -> load(new ModelSignature(List.of(input), List.of()), List.of()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("input: FP64[-1, 5] in the model, input: FP64[-1, 4] in MLmodel");
    }

    @Test
    void refusesADescriptorWithOtherLabels() {
        assertThatThrownBy(() -> load(null, List.of("large", "old", "Small")))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("label 0 is 'Small' in the model, 'large' in MLmodel");
    }

    @Test
    void takesColumnsThatPythonListed() {
        List<TensorSpec> columns = List.of("Zeta", "age", "colour=red", "height", "width").stream()
                .map(name -> TensorSpec.of(name, DataType.FP64, -1))
                .toList();
        try (InferenceModel model = load(new ModelSignature(columns, List.of()), List.of())) {
            assertThat(model.signature()).isEqualTo(descriptor.signature());
        }
    }

    @Test
    void refusesColumnsInAnotherOrder() {
        List<TensorSpec> columns = Trained.FEATURES.stream()
                .map(name -> TensorSpec.of(name, DataType.FP64, -1))
                .toList();
        assertThatThrownBy(() -> load(new ModelSignature(columns, List.of()), List.of()))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("input column 0 is 'Zeta' in the model, 'width' in MLmodel");
    }

    private InferenceModel load(@Nullable ModelSignature signature, List<String> labels) {
        ModelDescriptor changed =
                new ModelDescriptor(descriptor.flavors(), signature, labels, null, Map.of(), Map.of(), null);
        return loader().load(files.toModelFiles("m/1"), changed);
    }
}
