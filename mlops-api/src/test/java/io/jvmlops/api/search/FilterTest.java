package io.jvmlops.api.search;

import static io.jvmlops.api.search.Fields.DATASET_CONTEXT;
import static io.jvmlops.api.search.Fields.DATASET_NAME;
import static io.jvmlops.api.search.Fields.START_TIME;
import static io.jvmlops.api.search.Fields.metric;
import static io.jvmlops.api.search.Fields.param;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilterTest {
    private final MapLookup run = new MapLookup()
            .with(metric("loss"), 0.25)
            .with(metric("nan"), Double.NaN)
            .with(metric("zero"), -0.0)
            .with(metric("inf"), Double.POSITIVE_INFINITY)
            .with(param("model"), "mlp")
            .with(START_TIME, 1_000)
            .with(DATASET_NAME, "iris", "wine");

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '\0',
            value = {
                "metrics.loss < 0.3; TRUE",
                "metrics.loss >= 0.3; FALSE",
                "metrics.lacking < 0.3; UNKNOWN",
                "NOT metrics.lacking < 0.3; UNKNOWN",
                "metrics.lacking IS NULL; TRUE",
                "metrics.loss IS NULL; FALSE",
                "metrics.nan IS NULL; FALSE",
                "metrics.nan = 1; FALSE",
                "metrics.nan != 1; TRUE",
                "metrics.nan < Infinity; FALSE",
                "NOT metrics.nan <= Infinity; TRUE",
                "NOT metrics.loss <= Infinity; FALSE",
                "metrics.zero = 0; TRUE",
                "metrics.zero < 0; FALSE",
                "metrics.inf = Infinity; TRUE",
                "metrics.inf > 1e308; TRUE",
                "params.model = 'mlp'; TRUE",
                "params.model = 'MLP'; FALSE",
                "params.model != 'x'; TRUE",
                "params.lacking != 'x'; UNKNOWN",
                "params.lacking NOT IN ('x', 'y'); UNKNOWN",
                "params.lacking NOT LIKE 'x'; UNKNOWN",
                "params.model IN ('x', 'mlp'); TRUE",
                "params.model NOT IN ('x', 'mlp'); FALSE",
                "params.model LIKE 'M%'; FALSE",
                "params.model ILIKE 'M%'; TRUE",
                "params.model NOT LIKE 'M%'; TRUE",
                "datasets.name = 'wine'; TRUE",
                "datasets.name != 'wine'; TRUE",
                "NOT datasets.name = 'wine'; FALSE",
                "datasets.name = 'x'; FALSE",
                "datasets.name NOT IN ('iris', 'wine'); FALSE",
                "datasets.name IS NULL; FALSE",
                "datasets.context = 'train'; UNKNOWN",
                "datasets.context IS NULL; TRUE",
                "metrics.loss < 1 AND metrics.lacking < 1; UNKNOWN",
                "metrics.loss > 1 AND metrics.lacking < 1; FALSE",
                "metrics.lacking < 1 AND metrics.loss > 1; FALSE",
                "metrics.loss < 1 OR metrics.lacking < 1; TRUE",
                "metrics.lacking < 1 OR metrics.loss > 1; UNKNOWN",
                "NOT (metrics.loss > 1 AND metrics.lacking < 1); TRUE",
                "metrics.loss BETWEEN 0.25 AND 1; TRUE",
                "metrics.nan NOT BETWEEN 0 AND 1; TRUE",
                "TRUE; TRUE",
                "NOT TRUE; FALSE"
            })
    void logicHasThreeValues(String text, Truth expected) {
        Filter filter = Filter.parse(text, Searchable.RUNS);

        assertThat(Truth.of(filter, run)).isEqualTo(expected);
        assertThat(filter.matches(run)).isEqualTo(expected == Truth.TRUE);
    }

    @Test
    void everythingMatchesWithoutAFilter() {
        assertThat(Filter.all().matches(new MapLookup())).isTrue();
        assertThat(Filter.all().and(metric("a").gt(1))).isEqualTo(metric("a").gt(1));
        assertThat(Filter.all().or(metric("a").gt(1))).isEqualTo(Filter.all());
    }

    @Test
    void instantsAreMilliseconds() {
        assertThat(START_TIME.eq(Instant.ofEpochMilli(1_000)).matches(run)).isTrue();
        assertThat(START_TIME.lt(Instant.ofEpochMilli(1_000)).matches(run)).isFalse();
        assertThat(START_TIME.between(Instant.EPOCH, Instant.ofEpochSecond(1)))
                .hasToString("start_time >= 0 AND start_time <= 1000");
    }

    @Test
    void datasetsWithTheirPropertyCount() {
        run.with(DATASET_CONTEXT, "test");
        assertThat(DATASET_CONTEXT.ne("train").matches(run)).isTrue();
        assertThat(DATASET_CONTEXT.isNotNull().matches(run)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "abc, abc, true",
                "abc, ab, false",
                "abc, a%, true",
                "abc, %c, true",
                "abc, %b%, true",
                "abc, a_c, true",
                "abc, ____, false",
                "abc, %%%, true",
                "'', '', true",
                "'', %, true",
                "'', _, false",
                "a, '', false",
                "\ud83d\ude00, _, true",
                "\ud83d\ude00, __, false",
                "a\ud83d\ude00b, %b, true",
                "aXbXc, a%X%c, true",
                "abcabd, %ab_d, false",
                "abcabd, %abd, true",
                "50%, 50\\%, false",
                "50\\x, 50\\%, true",
            })
    void patternsHavePercentAndUnderscoreOnly(String text, String pattern, boolean fits) {
        assertThat(Texts.like(text, pattern, false)).isEqualTo(fits);
    }

    @Test
    void aPercentGoesOverLineBreaks() {
        assertThat(Texts.like("a\nb", "a%b", false)).isTrue();
    }

    @Test
    void onlyLettersOfAsciiLoseTheirCase() {
        assertThat(Texts.like("RESNET[", "resnet[", true)).isTrue();
        assertThat(Texts.like("{", "[", true)).isFalse();
        assertThat(Texts.like("\u00c4", "\u00e4", true)).isFalse();
        assertThat(Texts.like("\u212a", "k", true)).isFalse();
    }

    @Test
    void aPatternOfManyPercentsEnds() {
        assertThat(Texts.like("a".repeat(8_000), "%a".repeat(3_999) + "b", false))
                .isFalse();
    }
}
