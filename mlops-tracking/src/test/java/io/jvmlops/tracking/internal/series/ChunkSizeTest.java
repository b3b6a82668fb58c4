package io.jvmlops.tracking.internal.series;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How many bytes a point takes, step and timestamp (1 to 5 ms apart, now and then a pause) with it. */
class ChunkSizeTest {
    static Stream<Arguments> limits() {
        return Stream.of(
                Arguments.of("a loss that began as floats", 1, 3.6),
                Arguments.of("a loss of full doubles", 0, 7.3),
                Arguments.of("four decimals", 2, 1.8),
                Arguments.of("floats of three decimals", 3, 1.8),
                Arguments.of("a counter", 4, 0.5),
                Arguments.of("a constant", 5, 0.5),
                Arguments.of("two decimals or NaN", 6, 1.6),
                Arguments.of("noise in all bits", 7, 8.7),
                Arguments.of("zeros of both signs", 10, 0.7),
                Arguments.of("-1, 0 and 1", 12, 0.8));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("limits")
    void isSmall(String name, int valueShape, double limit) {
        Random random = new Random(11);
        PointColumns points = new PointColumns();
        long at = 1_700_000_000_000L;
        for (int i = 0; i < 4_096; i++) {
            at += 1 + random.nextInt(5) + (random.nextInt(1_000) == 0 ? 3_000 : 0);
            points.add(i, at, SeriesSamples.value(random, valueShape, i));
        }
        assertThat(ChunkCodec.encode(points, 0, points.size()).length / 4_096.0)
                .as(name)
                .isLessThanOrEqualTo(limit);
    }
}
