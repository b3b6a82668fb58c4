package io.jvmlops.monitoring;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.monitoring.ColumnDrift;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.Finding;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Drift reports as JSON and back, without loss: equal reports give equal text, on every machine and JDK.
 *
 * <p>The form, of which version {@value #VERSION} only ever gains fields; readers leave fields that they do not know alone. Fields come in
 * this order. Numbers that are not known (NaN) are {@code null}, infinite ones the strings {@code "Infinity"} and {@code
 * "-Infinity"}; constants are in lower case, with {@code _} between words.
 *
 * <pre>
 * {
 *   "format": "jvmlops-drift-report", "version": 1,
 *   "model": "churn", "at": "2026-01-01T00:00:00Z",
 *   "reference_rows": 100000, "current_rows": 2000,
 *   "sampling": 0,                     2^-sampling is the chance that a row had to be compared
 *   "drift": true,                     whether any column drifted; not read back
 *   "columns": [ {
 *     "column": "age", "kind": "input" | "output",
 *     "verdict": "stable" | "drift" | "insufficient_data",
 *     "reference_count": 99800, "current_count": 1990,      values that are there
 *     "choice": "numeric, ...",        why the values were tested as they were
 *     "findings": [ {                  the leading one first
 *       "check": "values" | "missing" | "new_levels" | "lost_levels" | "range" | "constant" | "column",
 *       "alarm": true,
 *       "test": "ks", "statistic": 0.21, "p_value": 1e-9,
 *       "corrected_p": 1e-8,           Benjamini-Hochberg over the report
 *       "effect": "ks", "effect_size": 0.21, "limit": 0.1,
 *       "score_effect": 0.21,          the test's own effect
 *       "error": 0.01,                 how far that may be from the effect of the rows themselves
 *       "reference_count": 99800, "current_count": 1990,    values that the test compared
 *       "why": "values moved up: ..."
 *     } ]
 *   } ]
 * }
 * </pre>
 *
 * <p>It names levels and values of the data: store it like them.
 */
public final class ReportJson {
    /** The version that is written, and the newest that is read. */
    public static final int VERSION = 1;

    private static final String FORMAT = "jvmlops-drift-report";

    private static final JsonFactory JSON = new JsonFactoryBuilder()
            // The JDK's own writer of doubles gives other digits before version 19.
            .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .build();

    private ReportJson() {}

    public static String write(DriftReport report) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("format", FORMAT);
            json.writeNumberField("version", VERSION);
            json.writeStringField("model", report.model());
            json.writeStringField("at", report.at().toString());
            json.writeNumberField("reference_rows", report.referenceRows());
            json.writeNumberField("current_rows", report.currentRows());
            json.writeNumberField("sampling", report.sampling());
            json.writeBooleanField("drift", report.hasDrift());
            json.writeArrayFieldStart("columns");
            for (ColumnDrift column : report.columns()) {
                write(json, column);
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot be written", e);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, ColumnDrift column) throws IOException {
        json.writeStartObject();
        json.writeStringField("column", column.column());
        json.writeStringField("kind", word(column.kind()));
        json.writeStringField("verdict", word(column.verdict()));
        json.writeNumberField("reference_count", column.referenceCount());
        json.writeNumberField("current_count", column.currentCount());
        json.writeStringField("choice", column.choice());
        json.writeArrayFieldStart("findings");
        for (Finding finding : column.findings()) {
            json.writeStartObject();
            json.writeStringField("check", word(finding.check()));
            json.writeBooleanField("alarm", finding.alarm());
            json.writeStringField("test", finding.test());
            write(json, "statistic", finding.score().statistic());
            write(json, "p_value", finding.score().pValue());
            write(json, "corrected_p", finding.correctedP());
            json.writeStringField("effect", finding.effect());
            write(json, "effect_size", finding.effectSize());
            write(json, "limit", finding.limit());
            write(json, "score_effect", finding.score().effect());
            write(json, "error", finding.score().error());
            json.writeNumberField("reference_count", finding.score().referenceCount());
            json.writeNumberField("current_count", finding.score().currentCount());
            json.writeStringField("why", finding.why());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, String field, double value) throws IOException {
        json.writeFieldName(field);
        if (Double.isNaN(value)) {
            json.writeNull();
        } else if (Double.isInfinite(value)) {
            json.writeString(String.valueOf(value));
        } else {
            json.writeNumber(value);
        }
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws InvalidInputException if the text is no JSON, no report, of a later version, or lacks a field
     */
    public static DriftReport read(String json) {
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            Map<String, Object> fields = object(parser);
            if (parser.nextToken() != null) {
                throw invalid("something follows it");
            }
            Fields report = new Fields(fields, "the report");
            if (!report.text("format").equals(FORMAT)) {
                throw invalid("its format is not " + FORMAT);
            }
            long version = report.whole("version");
            if (version < 1 || version > VERSION) {
                throw invalid("version " + version + " is unknown, expected 1 to " + VERSION);
            }
            return report(report);
        } catch (JsonProcessingException e) {
            // What exceeds the parser's own limits, of depth and length, has no place.
            JsonLocation at = e.getLocation();
            throw invalid(
                    at == null
                            ? "no JSON of a depth and lengths that can be read"
                            : "no JSON at line " + at.getLineNr() + ", column " + at.getColumnNr());
        } catch (DateTimeException e) {
            throw invalid("'at' is no instant of ISO 8601");
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot be read", e);
        }
    }

    private static DriftReport report(Fields report) {
        List<ColumnDrift> columns = new ArrayList<>();
        for (Fields column : report.objects("columns")) {
            List<Finding> findings = new ArrayList<>();
            for (Fields finding : column.objects("findings")) {
                DriftScore score = new DriftScore(
                        finding.number("statistic"),
                        finding.number("p_value"),
                        finding.number("score_effect"),
                        finding.whole("reference_count"),
                        finding.whole("current_count"),
                        finding.number("error"));
                findings.add(new Finding(
                        finding.constant("check", Finding.Check.class),
                        finding.truth("alarm"),
                        finding.text("test"),
                        score,
                        finding.number("corrected_p"),
                        finding.text("effect"),
                        finding.number("effect_size"),
                        finding.number("limit"),
                        finding.text("why")));
            }
            columns.add(new ColumnDrift(
                    column.text("column"),
                    column.constant("kind", ColumnDrift.Kind.class),
                    column.constant("verdict", ColumnDrift.Verdict.class),
                    findings,
                    column.whole("reference_count"),
                    column.whole("current_count"),
                    column.text("choice")));
        }
        return new DriftReport(
                report.text("model"),
                Instant.parse(report.text("at")),
                report.whole("reference_rows"),
                report.whole("current_rows"),
                Math.toIntExact(Math.min(Integer.MAX_VALUE, report.whole("sampling"))),
                columns);
    }

    private static InvalidInputException invalid(String why) {
        return new InvalidInputException("drift report: " + why);
    }

    /** Fields by name: text, whole numbers, doubles, truth values, lists of objects; NaN for null. */
    private static Map<String, Object> object(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw invalid(
                    "expected an object at line " + parser.currentLocation().getLineNr());
        }
        Map<String, Object> fields = new HashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            switch (parser.nextToken()) {
                case VALUE_STRING -> fields.put(name, parser.getText());
                case VALUE_NUMBER_INT -> fields.put(name, parser.getLongValue());
                case VALUE_NUMBER_FLOAT -> fields.put(name, parser.getDoubleValue());
                case VALUE_TRUE, VALUE_FALSE -> fields.put(name, parser.getBooleanValue());
                case VALUE_NULL -> fields.put(name, Double.NaN);
                case START_ARRAY ->
                    fields.put(
                            name, name.equals("columns") || name.equals("findings") ? objects(parser) : skip(parser));
                default -> skip(parser);
            }
        }
        return fields;
    }

    private static List<Map<String, Object>> objects(JsonParser parser) throws IOException {
        List<Map<String, Object>> objects = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            objects.add(object(parser));
        }
        return objects;
    }

    private static Object skip(JsonParser parser) throws IOException {
        parser.skipChildren();
        return Double.NaN;
    }

    /** The fields of an object, each of the kind that is expected. */
    private record Fields(Map<String, Object> fields, String of) {
        private Object field(String name) {
            Object value = fields.get(name);
            if (value == null) {
                throw invalid(of + " lacks '" + name + "'");
            }
            return value;
        }

        private InvalidInputException unexpected(String name, String expected) {
            return invalid("'" + name + "' of " + of + " is no " + expected);
        }

        String text(String name) {
            if (field(name) instanceof String text) {
                return text;
            }
            throw unexpected(name, "text");
        }

        long whole(String name) {
            if (field(name) instanceof Long number && number >= 0) {
                return number;
            }
            throw unexpected(name, "whole number from 0 on");
        }

        boolean truth(String name) {
            if (field(name) instanceof Boolean truth) {
                return truth;
            }
            throw unexpected(name, "truth value");
        }

        double number(String name) {
            Object value = field(name);
            if (value instanceof Number number) {
                return number.doubleValue();
            }
            if (value.equals("Infinity") || value.equals("-Infinity")) {
                return value.equals("Infinity") ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
            }
            throw unexpected(name, "number");
        }

        <E extends Enum<E>> E constant(String name, Class<E> type) {
            String word = text(name);
            for (E constant : type.getEnumConstants()) {
                if (word(constant).equals(word)) {
                    return constant;
                }
            }
            throw unexpected(name, "constant that is known");
        }

        List<Fields> objects(String name) {
            if (!(field(name) instanceof List<?> list)) {
                throw unexpected(name, "list");
            }
            List<Fields> objects = new ArrayList<>();
            for (Object item : list) {
                @SuppressWarnings("unchecked") // Only objects() makes lists.
                Map<String, Object> map = (Map<String, Object>) item;
                objects.add(new Fields(map, name + "[" + objects.size() + "]"));
            }
            return objects;
        }
    }
}
