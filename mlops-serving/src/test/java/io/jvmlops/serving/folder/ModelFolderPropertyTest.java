package io.jvmlops.serving.folder;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.test.model.InMemoryModelFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;

class ModelFolderPropertyTest {
    /** Any text at all survives, whatever YAML makes of it. */
    @Property(tries = 500)
    void textComesBackAsItWas(
            @ForAll @Size(max = 5) List<String> labels,
            @ForAll @Size(max = 5) Map<@NotEmpty String, String> provenance) {
        Map<String, Object> tree = Map.of("labels", printable(labels), "provenance", printable(provenance));
        byte[] yaml = Yaml.write(tree);
        assertThat(Yaml.read(yaml, "test")).isEqualTo(tree);
        // Python's YAML 1.1 breaks lines at characters beyond ASCII.
        assertThat(yaml).isEqualTo(new String(yaml, StandardCharsets.US_ASCII).getBytes(StandardCharsets.US_ASCII));
    }

    private static List<String> printable(List<String> texts) {
        return texts.stream().map(ModelFolderPropertyTest::printable).toList();
    }

    private static Map<String, String> printable(Map<String, String> texts) {
        Map<String, String> result = new LinkedHashMap<>();
        texts.forEach((k, v) -> result.put(printable(k), printable(v)));
        return result;
    }

    /** Half a surrogate pair is no text in UTF-8. */
    private static String printable(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    /** A descriptor with bytes changed is read or refused, with an exception of ours, and never hangs. */
    @Property(tries = 1_000)
    void damageIsReadOrRefused(
            @ForAll @IntRange(max = 1_200) int at, @ForAll byte value, @ForAll @IntRange(max = 1_500) int length)
            throws IOException {
        byte[] bytes;
        try (InputStream in =
                Objects.requireNonNull(ModelFolderPropertyTest.class.getResourceAsStream("/mlflow/tensors/MLmodel"))) {
            bytes = in.readAllBytes();
        }
        bytes = Arrays.copyOf(bytes, Math.min(bytes.length, length));
        if (at < bytes.length) {
            bytes[at] = value;
        }
        try {
            ModelDescriptor read = ModelFolder.read(
                    InMemoryModelFiles.of(Map.of("MLmodel", bytes)).toModelFiles("m/1"));
            assertThat(read.flavors()).isNotEmpty();
        } catch (MlopsException e) {
            assertThat(e.getMessage()).contains("MLmodel of model m/1");
        }
    }
}
