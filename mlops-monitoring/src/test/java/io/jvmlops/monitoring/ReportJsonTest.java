package io.jvmlops.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.monitoring.ColumnDrift;
import io.jvmlops.api.monitoring.ColumnDrift.Kind;
import io.jvmlops.api.monitoring.ColumnDrift.Verdict;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.Finding;
import io.jvmlops.api.monitoring.Finding.Check;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportJsonTest {
    private static final DriftReport REPORT = new DriftReport(
            "churn",
            Instant.parse("2026-01-02T03:04:05.678Z"),
            100_000,
            2000,
            1,
            List.of(
                    new ColumnDrift(
                            "age",
                            Kind.INPUT,
                            Verdict.DRIFT,
                            List.of(new Finding(
                                    Check.VALUES,
                                    true,
                                    "ks",
                                    new DriftScore(0.21, 0x1p-44, 0.21, 99_000, 1990, 0.01),
                                    2.0E-3,
                                    "ks",
                                    0.21,
                                    0.1,
                                    "values moved \"up\"\n\ud800")),
                            99_000,
                            1990,
                            "numeric"),
                    new ColumnDrift(
                            "score",
                            Kind.OUTPUT,
                            Verdict.INSUFFICIENT_DATA,
                            List.of(new Finding(
                                    Check.NEW_LEVELS,
                                    false,
                                    "mine",
                                    new DriftScore(Double.POSITIVE_INFINITY, Double.NaN, Double.NaN, 0, 0, Double.NaN),
                                    Double.NaN,
                                    "mine",
                                    Double.NEGATIVE_INFINITY,
                                    0,
                                    "")),
                            0,
                            0,
                            "too few"),
                    new ColumnDrift("empty", Kind.OUTPUT, Verdict.STABLE, List.of(), 0, 0, "")));

    private static final String TEXT = "{\"format\":\"jvmlops-drift-report\",\"version\":1,\"model\":\"churn\","
            + "\"at\":\"2026-01-02T03:04:05.678Z\",\"reference_rows\":100000,\"current_rows\":2000,\"sampling\":1,"
            + "\"drift\":true,\"columns\":[{\"column\":\"age\",\"kind\":\"input\",\"verdict\":\"drift\","
            + "\"reference_count\":99000,\"current_count\":1990,\"choice\":\"numeric\",\"findings\":[{"
            + "\"check\":\"values\",\"alarm\":true,\"test\":\"ks\",\"statistic\":0.21,\"p_value\":5.684341886080802E-14,"
            + "\"corrected_p\":0.002,\"effect\":\"ks\",\"effect_size\":0.21,\"limit\":0.1,\"score_effect\":0.21,"
            + "\"error\":0.01,\"reference_count\":99000,\"current_count\":1990,"
            + "\"why\":\"values moved \\\"up\\\"\\n\ud800\"}]},"
            + "{\"column\":\"score\",\"kind\":\"output\",\"verdict\":\"insufficient_data\",\"reference_count\":0,"
            + "\"current_count\":0,\"choice\":\"too few\",\"findings\":[{\"check\":\"new_levels\",\"alarm\":false,"
            + "\"test\":\"mine\",\"statistic\":\"Infinity\",\"p_value\":null,\"corrected_p\":null,\"effect\":\"mine\","
            + "\"effect_size\":\"-Infinity\",\"limit\":0.0,\"score_effect\":null,\"error\":null,"
            + "\"reference_count\":0,\"current_count\":0,\"why\":\"\"}]},"
            + "{\"column\":\"empty\",\"kind\":\"output\",\"verdict\":\"stable\",\"reference_count\":0,"
            + "\"current_count\":0,\"choice\":\"\",\"findings\":[]}]}";

    /** The form is a promise: a change of it that is not one more field is a new version. */
    @Test
    void theFormIsStable() {
        assertThat(ReportJson.write(REPORT)).isEqualTo(TEXT);
    }

    @Test
    void whatWasWrittenIsReadBack() {
        assertThat(ReportJson.read(TEXT)).isEqualTo(REPORT);
    }

    /** Before version 19 the JDK writes 5.6843418860808015E-14. */
    @Test
    void doublesHaveTheSameDigitsOnEveryJdk() {
        assertThat(ReportJson.write(REPORT)).contains("\"p_value\":5.684341886080802E-14,");
    }

    @Test
    void fieldsOfLaterWritersAreLeftAlone() {
        String later = TEXT.replace("\"sampling\":1", "\"sampling\":1,\"more\":{\"a\":[1,{}]},\"list\":[[1],{\"b\":2}]")
                .replace("\"alarm\":true", "\"alarm\":true,\"colour\":null");

        assertThat(ReportJson.read(later)).isEqualTo(REPORT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "{",
                "{}",
                "{\"format\":\"other\"}",
                "{\"format\":\"jvmlops-drift-report\",\"version\":2}",
                "{\"format\":\"jvmlops-drift-report\",\"version\":1}",
                "{\"format\":\"jvmlops-drift-report\",\"version\":1} {}",
                "{\"format\":\"jvmlops-drift-report\",\"version\":1,\"columns\":[1]}",
                "{\"format\":\"jvmlops-drift-report\",\"format\":\"jvmlops-drift-report\"}",
                "{\"format\":\"jvmlops-drift-report\",\"version\":99999999999999999999}",
            })
    void whatIsNoReportIsRefused(String text) {
        assertThatThrownBy(() -> ReportJson.read(text))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("drift report: ");
    }

    /** The parser's own limits come without a place in the text. */
    @Test
    void whatExceedsTheParsersLimitsIsRefused() {
        String start = "{\"format\":\"jvmlops-drift-report\",\"version\":1,\"more\":";
        for (String text : List.of(
                start + "[".repeat(3000) + "]".repeat(3000) + "}",
                start + "1".repeat(3000) + "}",
                "{\"" + "x".repeat(300_000) + "\":1}")) {
            assertThatThrownBy(() -> ReportJson.read(text))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageStartingWith("drift report: no JSON");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"2026-01-02T03:04:05.678Z\"",
                "100000",
                "\"drift\",\"reference_count\"",
                "0.21",
                "\"values\"",
                "true,\"test\"",
            })
    void aFieldOfAnotherKindIsRefused(String replaced) {
        String replacement = replaced.contains(",") ? "\"odd\"" + replaced.substring(replaced.indexOf(',')) : "\"odd\"";
        assertThatThrownBy(() -> ReportJson.read(TEXT.replace(replaced, replacement)))
                .isInstanceOf(InvalidInputException.class);
    }
}
