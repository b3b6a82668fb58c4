package io.jvmlops.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelRefTest {
    @Test
    void readsAliasesAndVersions() {
        assertThat(ModelRef.parse("iris@champion")).isEqualTo(new ModelRef.Alias("iris", "champion"));
        assertThat(ModelRef.parse("iris/3")).isEqualTo(new ModelRef.Version("iris", 3));
        assertThat(ModelRef.parse("models:/iris/3")).hasToString("iris/3");
        assertThat(ModelRef.parse("models:/iris@champion")).hasToString("iris@champion");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "iris",
                "",
                "iris/",
                "iris/x",
                "iris/0",
                "iris/-1",
                "@champion",
                "iris@",
                "iris@7",
                "iris@v7",
                "iris@a b",
                "a/b/3",
                "a:b/3",
                "iris/99999999999",
                "models:/",
                "  /1"
            })
    void refusesTheRest(String text) {
        assertThatThrownBy(() -> ModelRef.parse(text)).isInstanceOf(InvalidInputException.class);
    }
}
