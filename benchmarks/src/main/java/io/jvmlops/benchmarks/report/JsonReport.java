package io.jvmlops.benchmarks.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** A report as JSON. What there is not (a peer, a target, a spread, a commit) is null, and so is what is not a number. */
public final class JsonReport {
    /** Goes up when a field changes its meaning or goes away. */
    static final int FORMAT = 1;

    private static final JsonFactory JSON = new JsonFactory();

    private JsonReport() {}

    /**
     * Writes the report under its final name in one move, so that whoever reads it sees the old one or the new one.
     *
     * @throws IOException if the file cannot be written
     */
    public static void write(Report report, Path file) throws IOException {
        Path folder = Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file has a folder");
        Files.createDirectories(folder);
        Path next = Files.createTempFile(folder, "." + report.study(), ".json");
        try {
            try (JsonGenerator json = JSON.createGenerator(Files.newBufferedWriter(next))) {
                json.setPrettyPrinter(new DefaultPrettyPrinter());
                report(json, report);
            }
            Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(next);
        }
    }

    private static void report(JsonGenerator json, Report report) throws IOException {
        json.writeStartObject();
        json.writeNumberField("format", FORMAT);
        json.writeStringField("study", report.study());
        json.writeBooleanField("quick", report.quick());
        json.writeObjectFieldStart("options");
        for (Map.Entry<String, String> option : report.options().entrySet()) {
            json.writeStringField(option.getKey(), option.getValue());
        }
        json.writeEndObject();
        json.writeStringField("status", report.status().name().toLowerCase(Locale.ROOT));
        string(json, "failure", report.failure());
        json.writeStringField("startedAt", report.startedAt().toString());
        json.writeNumberField("tookSeconds", report.took().toMillis() / 1e3);
        json.writeFieldName("machine");
        machine(json, report.machine());
        json.writeArrayFieldStart("notes");
        for (String note : report.notes()) {
            json.writeString(note);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("rows");
        for (Row row : report.rows()) {
            row(json, row);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void machine(JsonGenerator json, Machine machine) throws IOException {
        json.writeStartObject();
        json.writeNumberField("cores", machine.cores());
        json.writeStringField("cpu", machine.cpu());
        json.writeNumberField("memoryBytes", machine.memoryBytes());
        json.writeStringField("os", machine.os());
        json.writeStringField("jdk", machine.jdk());
        strings(json, "jvmFlags", machine.jvmFlags());
        strings(json, "forkFlags", machine.forkFlags());
        number(json, "load", machine.load());
        string(json, "commit", machine.commit());
        json.writeEndObject();
    }

    private static void row(JsonGenerator json, Row row) throws IOException {
        json.writeStartObject();
        json.writeStringField("what", row.what());
        json.writeStringField("unit", row.unit());
        number(json, "ours", row.oursMedian());
        number(json, "peer", row.peerMedian());
        number(json, "ratio", row.ratio());
        Target target = row.target();
        if (target == null) {
            json.writeNullField("target");
            json.writeNullField("met");
        } else {
            json.writeObjectFieldStart("target");
            json.writeStringField("of", target.of().name().toLowerCase(Locale.ROOT));
            number(json, target.bound() == Target.Bound.AT_MOST ? "atMost" : "atLeast", target.value());
            json.writeEndObject();
            json.writeBooleanField("met", row.met().orElse(false));
        }
        Row.Spread spread = row.spread().orElse(null);
        if (spread == null) {
            json.writeNullField("spread");
        } else {
            json.writeObjectFieldStart("spread");
            json.writeStringField("of", spread.of().name().toLowerCase(Locale.ROOT));
            number(json, "low", spread.low());
            number(json, "high", spread.high());
            json.writeEndObject();
        }
        numbers(json, "oursValues", row.ours());
        numbers(json, "peerValues", row.peer());
        json.writeEndObject();
    }

    private static void string(JsonGenerator json, String field, @Nullable String value) throws IOException {
        json.writeFieldName(field);
        json.writeString(value);
    }

    private static void strings(JsonGenerator json, String field, List<String> values) throws IOException {
        json.writeArrayFieldStart(field);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }

    private static void number(JsonGenerator json, String field, OptionalDouble value) throws IOException {
        number(json, field, value.orElse(Double.NaN));
    }

    private static void number(JsonGenerator json, String field, double value) throws IOException {
        json.writeFieldName(field);
        number(json, value);
    }

    private static void numbers(JsonGenerator json, String field, List<Double> values) throws IOException {
        json.writeArrayFieldStart(field);
        for (double value : values) {
            number(json, value);
        }
        json.writeEndArray();
    }

    private static void number(JsonGenerator json, double value) throws IOException {
        // JSON knows no NaN.
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            json.writeNull();
        } else {
            json.writeNumber(value);
        }
    }
}
