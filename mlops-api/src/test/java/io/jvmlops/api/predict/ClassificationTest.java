package io.jvmlops.api.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClassificationTest {
    @Test
    void choosesTheGreatestScoreAndTheFirstOfEquals() {
        assertThat(Classification.of(List.of("a", "b", "c"), 0.1, 0.7, 0.2).label())
                .isEqualTo("b");
        assertThat(Classification.of(List.of("a", "b"), 0.5, 0.5).index()).isZero();
        assertThat(Classification.of(List.of("a", "b"), Double.NaN, 0.1).label())
                .isEqualTo("b");
        assertThat(Classification.of(List.of("a", "b"), -1, Double.NaN).label()).isEqualTo("a");
    }

    @Test
    void isImmutable() {
        double[] scores = {0.9, 0.1};
        Classification c = Classification.of(List.of("a", "b"), scores);
        scores[0] = 0;
        c.scores()[1] = 5;
        assertThat(c.score()).isEqualTo(0.9);
        assertThat(c.score(1)).isEqualTo(0.1);
        assertThat(c).isEqualTo(Classification.of(List.of("a", "b"), 0.9, 0.1)).hasToString("a (0.9)");
    }

    @Test
    void needsALabelForEveryScore() {
        assertThatThrownBy(() -> Classification.of(List.of("a"), 1, 2)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Classification.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
