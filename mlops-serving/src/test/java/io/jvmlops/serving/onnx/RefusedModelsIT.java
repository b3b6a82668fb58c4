package io.jvmlops.serving.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Models with a type of value that cannot be carried to Java, or back: each is refused by that type's name. */
class RefusedModelsIT {
    @TestFactory
    List<DynamicTest> isRefusedByTheNameOfItsType() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        Path folder = Path.of(Objects.requireNonNull(RefusedModelsIT.class.getResource("/refused"))
                .toURI());
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString().replace(".onnx", "");
                String type = name.substring(0, name.indexOf('_'));
                String tensor = name.endsWith("_in") ? "'x'" : "'y'";
                tests.add(DynamicTest.dynamicTest(
                        name,
                        () -> assertThatThrownBy(
                                        () -> Models.load(ModelSource.file(file).trusted()))
                                .isInstanceOf(ModelLoadException.class)
                                .hasMessageContaining(name)
                                .satisfies(e -> assertThat(e.getMessage())
                                        .satisfiesAnyOf(
                                                // Ours, or the runtime's own.
                                                m -> assertThat(m)
                                                        .contains(tensor)
                                                        .containsIgnoringCase(type),
                                                m -> assertThat(m).contains("tensor(" + type + ")")))));
            }
        }
        assertThat(tests).hasSizeGreaterThan(15);
        return tests;
    }
}
