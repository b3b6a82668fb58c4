package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.InvalidInputException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonTextTest {
    private static String json(@Nullable Object value) {
        return new String(JsonText.of("it", value), StandardCharsets.UTF_8);
    }

    @Test
    void thePlatformsOwnTypesAreWritten() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("z", 1);
        map.put("a", Arrays.asList(true, null, "ü\n☃\uD83D\uDE80"));
        map.put("", new double[][] {{0.1, -0.0}, {}});
        assertThat(json(map)).isEqualTo("{\"z\":1,\"a\":[true,null,\"ü\\n☃\uD83D\uDE80\"],\"\":[[0.1,-0.0],[]]}");
        assertThat(json(null)).isEqualTo("null");
        assertThat(json("text")).isEqualTo("\"text\"");
        assertThat(json(List.of((byte) -1, (short) 2, 3, Long.MIN_VALUE, 0.1f, 1e300)))
                .isEqualTo("[-1,2,3,-9223372036854775808,0.1,1.0E300]");
        assertThat(json(List.of(BigInteger.TWO.pow(80), new BigDecimal("1.50"))))
                .isEqualTo("[1208925819614629174706176,1.50]");
        assertThat(json(new Object[] {new int[] {1}, new boolean[] {true}, new String[] {"a"}}))
                .isEqualTo("[[1],[true],[\"a\"]]");
    }

    @Test
    void whatIsNoJsonIsNamedByItsPlaceAndNeverByItsValue() {
        for (Object bad : List.of(
                Double.NaN,
                Float.POSITIVE_INFINITY,
                Double.NEGATIVE_INFINITY,
                Instant.EPOCH,
                'c',
                new char[] {'s'},
                java.nio.CharBuffer.wrap("secret"),
                new AtomicInteger(7),
                Map.of(1, "secret"),
                new Object())) {
            assertThatThrownBy(() -> json(Map.of("rows", List.of("secret", Map.of("b", bad)))))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageStartingWith("it: ")
                    .hasMessageContaining("at $.rows[1].b")
                    .hasMessageNotContaining("secret");
        }
        assertThatThrownBy(() -> json(Collections.singletonMap(null, 1))).isInstanceOf(InvalidInputException.class);
        for (String half : List.of("\uD83D", "a\uDE80", "\uDE80\uD83D")) {
            assertThatThrownBy(() -> json(List.of(half)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("$[0]");
            assertThatThrownBy(() -> json(Map.of(half, 1))).isInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    void whatContainsItselfIsRefused() {
        List<Object> list = new ArrayList<>();
        list.add(list);
        assertThatThrownBy(() -> json(list))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("contain itself");
        Map<String, Object> map = new HashMap<>();
        map.put("x".repeat(1_000_000), map);
        assertThatThrownBy(() -> json(map))
                .isInstanceOf(InvalidInputException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1_000));
        Object deep = 1;
        for (int i = 0; i < 200; i++) {
            deep = List.of(deep);
        }
        assertThat(json(deep)).startsWith("[[[").contains("1");
    }
}
