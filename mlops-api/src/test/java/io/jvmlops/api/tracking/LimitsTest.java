package io.jvmlops.api.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.metadata.Keys;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitsTest {
    @Test
    void keysHaveOneTo250CharactersAndNoControlCharacter() {
        assertThat(Keys.check("key", "x".repeat(250))).hasSize(250);
        assertThatThrownBy(() -> Keys.check("key", "loss of\n" + "x".repeat(250)))
                .hasMessageContaining("found 258: 'loss of xxx")
                .hasMessageEndingWith("x...'");
        assertThat(Keys.check("key", "\uD83D\uDE80")).hasSize(2);
        for (String bad : List.of("", " ", "x".repeat(251), "a\u0000b", "a\nb", "a\uD83D", "\uDE80b", "\uDE80\uD83D")) {
            assertThatThrownBy(() -> Keys.check("key", bad)).isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> new MetricPoint(bad, 0, 0, 0)).isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> RunChanges.builder().param(bad, "v").build())
                    .isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> RunChanges.builder().tag(bad, "v").build())
                    .isInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    void valuesHaveTheirLimitsToo() {
        assertThatThrownBy(
                        () -> RunChanges.builder().param("p", "x".repeat(6001)).build())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'p'")
                .hasMessageContaining("6001");
        assertThatThrownBy(() -> RunChanges.builder().tag("t", "x".repeat(8001)).build())
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void valuesAreTextThatEveryEncodingHolds() {
        assertThatThrownBy(() -> RunChanges.builder().param("p", "cut \uD83D").build())
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'p'")
                .hasMessageContaining("U+D83D")
                .hasMessageContaining("position 4");
        assertThatThrownBy(() -> RunChanges.builder().tag("t", "\uDE80").build())
                .isInstanceOf(InvalidInputException.class);
        String rockets = "\uD83D\uDE80".repeat(3_000);
        assertThat(RunChanges.builder().param("p", rockets).build().params()).containsValue(rockets);
    }

    @Test
    void aReasonIsCutBetweenCharacters() {
        String reason = "x".repeat(Keys.MAX_TAG_VALUE - 1);
        assertThat(new RunChanges.End(RunStatus.FAILED, Instant.EPOCH, reason + "\uD83D\uDE80").reason())
                .isEqualTo(reason);
    }

    @Test
    void aRunEndsOnceItEnds() {
        assertThatThrownBy(() -> new RunChanges.End(RunStatus.RUNNING, Instant.EPOCH, null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(new RunChanges.End(RunStatus.FAILED, Instant.EPOCH, "x".repeat(100_000)).reason())
                .hasSize(Keys.MAX_TAG_VALUE);
    }
}
