package io.jvmlops.api.search;

import static io.jvmlops.api.search.Fields.DATASET_NAME;
import static io.jvmlops.api.search.Fields.RUN_ID;
import static io.jvmlops.api.search.Fields.RUN_NAME;
import static io.jvmlops.api.search.Fields.START_TIME;
import static io.jvmlops.api.search.Fields.STATUS;
import static io.jvmlops.api.search.Fields.metric;
import static io.jvmlops.api.search.Fields.param;
import static io.jvmlops.api.search.Fields.tag;
import static io.jvmlops.api.search.Searchable.EXPERIMENTS;
import static io.jvmlops.api.search.Searchable.RUNS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.jvmlops.api.error.InvalidInputException;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FilterParserTest {
    @Test
    void theTextAndTheTypedFormAreEqual() {
        assertThat(runs("metrics.\"val/loss\" < 0.3 and params.model = 'mlp' and not tags.stage is null"))
                .isEqualTo(metric("val/loss")
                        .lt(0.3)
                        .and(param("model").eq("mlp"))
                        .and(tag("stage").isNotNull()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\t\n", "\u00a0"})
    void blankTextFindsEverything(String text) {
        assertThat(runs(text)).isEqualTo(Filter.all());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "metrics.loss < 1",
                "metric.loss<1",
                "METRICS.loss < 1.0",
                "metrics.\"loss\" < 1e0",
                "metrics.`loss` < 10E-1",
                "`metrics`.loss < +1",
                "(metrics.loss < 1.)",
                "metrics.loss\n<\t1"
            })
    void aMetricIsWrittenInManyWays(String text) {
        assertThat(runs(text)).isEqualTo(metric("loss").lt(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "param.a = 'x'",
                "params.a = 'x'",
                "parameter.a = \"x\"",
                "parameters.\"a\"='x'",
                "params.a IN ('x')",
                "params.`a` in (\"x\")"
            })
    void aParamIsWrittenInManyWays(String text) {
        assertThat(runs(text)).isEqualTo(param("a").eq("x"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run_name = 'x'",
                "attributes.run_name = 'x'",
                "attribute.run_name = 'x'",
                "attr.run_name = 'x'",
                "run.run_name = 'x'",
                "`run name` = 'x'",
                "\"Run name\" = 'x'",
                "attributes.\"Run Name\" = 'x'",
                "attributes.`Run Name` = 'x'",
                "run name = 'x'",
                "attributes.Run name = 'x'"
            })
    void aRunNameIsWrittenInManyWays(String text) {
        assertThat(runs(text)).isEqualTo(RUN_NAME.eq("x"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"created > 5", "Created > 5", "start_time > 5", "attributes.Created > 5", "\"created\" > 5"})
    void aStartTimeIsWrittenInManyWays(String text) {
        assertThat(runs(text)).isEqualTo(START_TIME.gt(5));
    }

    @Test
    void everyOperatorIsRead() {
        assertThat(runs("metrics.a = 1 AND metrics.a != 2 AND metrics.a > 3 AND metrics.a >= 4 AND metrics.a <= -5"))
                .isEqualTo(Filter.allOf(List.of(
                        metric("a").eq(1),
                        metric("a").ne(2),
                        metric("a").gt(3),
                        metric("a").ge(4),
                        metric("a").le(-5))));
        assertThat(runs("tags.a LIKE '%x' AND tags.a not like 'y' AND tags.a Ilike 'z' AND tags.a NOT ILIKE 'w'"))
                .isEqualTo(Filter.allOf(List.of(
                        tag("a").like("%x"), tag("a").notLike("y"), tag("a").ilike("z"), tag("a").notIlike("w"))));
        assertThat(runs("run_id IN ('a','b') AND dataset.name NOT IN (\"c\", 'd')"))
                .isEqualTo(RUN_ID.in("a", "b").and(DATASET_NAME.notIn("c", "d")));
        assertThat(runs("metrics.a IS NULL AND tags.b IS NOT NULL"))
                .isEqualTo(metric("a").isNull().and(tag("b").isNotNull()));
        assertThat(runs("metrics.a between -1 and .5"))
                .isEqualTo(metric("a").between(-1, 0.5))
                .isEqualTo(metric("a").ge(-1).and(metric("a").le(0.5)));
        assertThat(runs("metrics.a not between 1 and 2 and metrics.b > -Infinity"))
                .isEqualTo(metric("a").between(1, 2).not().and(metric("b").gt(Double.NEGATIVE_INFINITY)));
    }

    @Test
    void notBindsCloserThanAndAndAndCloserThanOr() {
        Filter a = metric("a").lt(1);
        Filter b = metric("b").lt(2);
        Filter c = metric("c").lt(3);
        assertThat(runs("metrics.a<1 or metrics.b<2 and not metrics.c<3")).isEqualTo(a.or(b.and(c.not())));
        assertThat(runs("(metrics.a<1 or metrics.b<2) and metrics.c<3"))
                .isEqualTo(a.or(b).and(c));
        assertThat(runs("not (metrics.a<1 and metrics.b<2)")).isEqualTo(a.and(b).not());
        assertThat(runs("not not metrics.a<1")).isEqualTo(a.not().not());
        assertThat(runs("not true or metrics.a<1"))
                .isEqualTo(new Filter.Or(List.of(Filter.all().not(), a)));
    }

    @Test
    void quotesAreDoubledAndABackslashIsNoEscape() {
        assertThat(runs("tags.a = 'it''s'")).isEqualTo(tag("a").eq("it's"));
        assertThat(runs("tags.a = \"say \"\"x\"\" 'y'\"")).isEqualTo(tag("a").eq("say \"x\" 'y'"));
        assertThat(runs("tags.a = 'c:\\'")).isEqualTo(tag("a").eq("c:\\"));
        assertThat(runs("tags.a = ''")).isEqualTo(tag("a").eq(""));
        assertThat(runs("tags.\"a\"\"b`c\" = ''")).isEqualTo(tag("a\"b`c").eq(""));
        assertThat(runs("tags.`a``b` = ''")).isEqualTo(tag("a`b").eq(""));
    }

    @Test
    void keysHaveDotsAndMayLookLikeOtherThings() {
        assertThat(runs("tags.mlflow.source.name = 'x'"))
                .isEqualTo(tag("mlflow.source.name").eq("x"));
        assertThat(runs("metrics.5 > 1 and metrics.1e5 > 1 and metrics.and > 1 and params.größe = 'L'"))
                .isEqualTo(Filter.allOf(List.of(
                        metric("5").gt(1),
                        metric("1e5").gt(1),
                        metric("and").gt(1),
                        param("größe").eq("L"))));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsPointedAt(String text, int position, String problem) {
        assertThatThrownBy(() -> runs(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("filter, position " + position + ": ")
                .hasMessageContaining(problem)
                .hasMessageContaining("\n  " + text + "\n  " + " ".repeat(position - 1) + "^");
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                arguments(
                        "metrics.loss = 'a'",
                        16,
                        "found 'a', expected a number without quotes, since metrics.loss is a number"),
                arguments("params.x = 5", 12, "found 5, expected a text in quotes: '5', since params.x is a text"),
                arguments(
                        "params.x = abc", 12, "found abc, expected a text in quotes: 'abc', since params.x is a text"),
                arguments(
                        "metrics.loss",
                        13,
                        "found the end, expected =, !=, <, <=, >, >=, BETWEEN or IS NULL, since metrics.loss"),
                arguments("metrics.loss <", 15, "found the end, expected a number"),
                arguments("metrics.val/loss < 1", 12, "needs quotes: metrics.\"val/loss\""),
                arguments("metrics.loss-1 < 1", 13, "needs quotes"),
                arguments("metrics.loss == 1", 14, "found ==, expected"),
                arguments("metrics.loss LIKE 'a'", 14, "found LIKE, expected =, !=, <"),
                arguments("params.a < 'x'", 10, "found <, expected =, !=, LIKE"),
                arguments("params.a = 'x", 12, "found ' that nothing closes"),
                arguments("params.a = 'x' tags.b = 'y'", 16, "found tags, expected AND, OR or the end"),
                arguments("params.a = 'x' and", 19, "found the end, expected a field"),
                arguments("(params.a = 'x'", 16, "the ) that closes the ( at position 1"),
                arguments("params.a = 'x')", 15, "found ), expected AND, OR or the end"),
                arguments("params.a in ()", 14, "found ), expected a text in quotes"),
                arguments("params.a in ('x' 'y')", 18, "found 'y', expected , or )"),
                arguments("params.a in 'x'", 13, "found 'x', expected a list of texts"),
                arguments("params.a in ('x'", 17, "found the end, expected , or )"),
                arguments("params.a not = 'x'", 14, "found =, expected LIKE, ILIKE or IN"),
                arguments("metrics.a not > 1", 15, "found >, expected BETWEEN"),
                arguments("metrics.a between 1", 20, "expected AND and the upper bound"),
                arguments("metrics.a is 5", 14, "found 5, expected NULL or NOT NULL"),
                arguments("5 > metrics.a", 1, "the field comes first"),
                arguments("metrics. a > 1", 10, "found a, expected a key right after the dot"),
                arguments("metrics.\"\" > 1", 9, "key of metrics of 0 characters; expected 1 to 250"),
                arguments(
                        "foo.a = 'x'",
                        1,
                        "found foo, expected metrics, params, tags, attributes or datasets before the dot"),
                arguments("params.a = 'x' or or", 19, "found or, expected a field"),
                arguments("loss < 1", 1, "what is none is written with its kind: tags.name, metrics.name, params.name"),
                arguments("foo = 'x'", 1, "runs have no attribute \"foo\"; expected one of run_id, run_name, status"),
                arguments(
                        "dataset.size = 'x'",
                        9,
                        "dataset property \"size\" does not exist; expected name, digest or context"),
                arguments("metrics.a > 1e999", 13, "a number within the range of a double"),
                arguments("metrics.a > 0.3and", 13, "found 0.3and, expected a number"),
                arguments("metrics.a = NaN", 13, "to find it: NOT metrics.a <= Infinity"));
    }

    @Test
    void whatIsWrongIsPointedAt() {
        assertThatThrownBy(() -> runs("metrics.loss = 'a'"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("filter, position 16: found 'a', expected a number without quotes, since metrics.loss is a"
                        + " number\n  metrics.loss = 'a'\n                 ^");
    }

    @Test
    void ofALongTextThePlaceIsShown() {
        String text = "params.a = '" + "x".repeat(500) + "' and params.b = 7 and params.c = '" + "y".repeat(500) + "'";
        assertThatThrownBy(() -> runs(text))
                .hasMessageContaining("filter, position 530: found 7")
                .hasMessageEndingWith("\n  ..." + "x".repeat(23) + "' and params.b = 7 and params.c = '"
                        + "y".repeat(22) + "...\n  " + " ".repeat(43) + "^");
    }

    @Test
    void theCaretStandsBelowTheCharacterAlsoAfterWideOnesAndLineBreaks() {
        assertThatThrownBy(() -> runs("params.a = '\ud83d\ude00'\nand params.b = 7"))
                .hasMessageContaining("position 32")
                .hasMessageEndingWith("\n  params.a = '\ud83d\ude00' and params.b = 7\n  " + " ".repeat(30) + "^");
    }

    @Test
    void experimentsHaveTheirOwnAttributesAndNoMetrics() {
        assertThat(Filter.parse("name LIKE 'a%' and tags.team = 'x' and creation_time > 3", EXPERIMENTS))
                .isEqualTo(Fields.NAME.like("a%").and(tag("team").eq("x")).and(Fields.CREATION_TIME.gt(3)));
        assertThatThrownBy(() -> Filter.parse("metrics.a > 1", EXPERIMENTS))
                .hasMessageContaining("position 1: experiments have no metrics");
        assertThatThrownBy(() -> Filter.parse("status = 'a'", EXPERIMENTS))
                .hasMessageContaining("expected one of name, experiment_id, creation_time, last_update_time");
    }

    @Test
    void limitsOfTextsArePointedAt() {
        String clause = "metrics.a > 1";
        assertThatThrownBy(() -> runs("(".repeat(101) + clause + ")".repeat(101)))
                .hasMessageContaining("position 101: more than 100 levels");
        assertThat(runs("(".repeat(100) + clause + ")".repeat(100)))
                .isEqualTo(metric("a").gt(1));
        assertThatThrownBy(() -> runs("not ".repeat(101) + clause)).hasMessageContaining("position 401: more than 100");
        assertThatThrownBy(() -> runs("(metrics.a > 1 or metrics.b > 1 and ".repeat(60) + clause + ")".repeat(60)))
                .hasMessageContaining("levels of AND, OR and NOT");
        assertThatThrownBy(() -> runs(clause + (" and " + clause).repeat(500)))
                .hasMessageContaining("more than 500 clauses");
        assertThatThrownBy(() -> runs("(" + clause + (" and " + clause).repeat(300) + ") or " + clause
                        + (" and " + clause).repeat(300)))
                .hasMessageContaining("position")
                .hasMessageContaining("more than 500 clauses");
        assertThat(runs(clause + (" and " + clause).repeat(499))).isInstanceOf(Filter.And.class);
        assertThatThrownBy(() -> runs(" ".repeat(100_001)))
                .hasMessageContaining("position 100001: 100001 characters; expected at most 100000");
        assertThatThrownBy(() -> runs("run_id in ('a'" + ", 'a'".repeat(1_000) + ")"))
                .hasMessageContaining("more than 1000 values in a list");
        assertThatThrownBy(() -> runs("params.a = '" + "x".repeat(8_001) + "'"))
                .hasMessageContaining("position 12: text of 8001 characters for params.a; expected at most 8000");
        assertThatThrownBy(() -> runs("params." + "x".repeat(251) + " = ''")).hasMessageContaining("position 8: key");
        assertThatThrownBy(() -> runs("params.a = '\ud800'")).hasMessageContaining("position 12: text for params.a");
    }

    @Test
    void limitsHoldForWhatIsBuiltByHand() {
        Filter clause = metric("a").gt(1);
        assertThatThrownBy(() -> {
                    Filter filter = clause;
                    for (int i = 0; i < 101; i++) {
                        filter = filter.not();
                    }
                })
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("100 levels");
        assertThatThrownBy(() -> Filter.allOf(Collections.nCopies(501, clause)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("500 clauses");
        assertThatThrownBy(() -> param("a").in(List.of()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("list of 0 values for params.a; expected 1 to 1000");
        assertThatThrownBy(() -> param("a").in(Collections.nCopies(1001, "x")))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> param("a").in(Collections.nCopies(20, "x".repeat(6_000))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("120000 characters");
        Filter large = param("a").in(Collections.nCopies(10, "x".repeat(6_000)));
        assertThatThrownBy(() -> large.and(large)).hasMessageContaining("when written out");
        assertThatThrownBy(() -> metric("a").gt(Double.NaN)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> metric(" ")).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new Filter.And(List.of(clause))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFilterBuiltByHandIsCheckedAgainstWhatIsSearched() {
        assertThat(RUNS.check(STATUS.eq("FAILED"))).isEqualTo(STATUS.eq("FAILED"));
        assertThatThrownBy(
                        () -> RUNS.check(STATUS.eq("x").or(Fields.NAME.eq("x").not())))
                .hasMessageContaining("name: runs have no attribute \"name\"; expected one of run_id");
        assertThatThrownBy(() -> RUNS.check(Fields.textAttribute("start_time").isNull()))
                .hasMessageContaining("start_time of runs is a number, found a text field");
        assertThatThrownBy(() -> EXPERIMENTS.check(metric("a").gt(1)))
                .hasMessageContaining("metrics.a: experiments have no metrics");
    }

    @Test
    void filtersPrintAsTheyAreRead() {
        assertThat(
                        runs(
                                "(metric.\"val/loss\"<.30 and params.a!=\"it's\") or not (attr.Created>=1e3)or tags.x in('a','b')"))
                .hasToString("(metrics.\"val/loss\" < 0.3 AND params.a != 'it''s') OR NOT start_time >= 1000"
                        + " OR tags.x IN ('a', 'b')");
        assertThat(Fields.textAttribute("not").eq("x")).hasToString("attributes.not = 'x'");
        assertThat(metric("a").lt(-0.0)).hasToString("metrics.a < -0.0");
        assertThat(Filter.all()).hasToString("");
        assertThat(Filter.all().not()).hasToString("NOT TRUE");
    }

    private static Filter runs(String text) {
        return Filter.parse(text, RUNS);
    }
}
