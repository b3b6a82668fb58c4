package io.jvmlops.api.tracking;

import io.jvmlops.api.search.Field;
import io.jvmlops.api.search.Lookup;
import io.jvmlops.api.search.NumberField;
import io.jvmlops.api.search.TextField;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A run's values, as the fields of {@code Searchable.RUNS} name them. */
record RunLookup(RunInfo run) implements Lookup {
    @Override
    public OptionalDouble number(NumberField field) {
        if (field.kind() == Field.Kind.METRIC) {
            MetricPoint latest = run.metrics().get(field.key());
            return latest == null ? OptionalDouble.empty() : OptionalDouble.of(latest.value());
        }
        return switch (field.key()) {
            case "start_time" -> millis(run.startedAt());
            case "end_time" -> millis(run.endedAt());
            default -> throw unknown(field);
        };
    }

    @Override
    public List<String> texts(TextField field) {
        return switch (field.kind()) {
            case PARAM -> one(run.params().get(field.key()));
            case TAG -> one(run.tags().get(field.key()));
            case DATASET ->
                run.inputs().stream()
                        .map(input -> switch (field.key()) {
                            case "name" -> input.dataset().name();
                            case "digest" -> input.dataset().digest().hex();
                            case "context" -> input.context();
                            default -> throw unknown(field);
                        })
                        .flatMap(Stream::ofNullable)
                        .toList();
            case ATTRIBUTE ->
                one(
                        switch (field.key()) {
                            case "run_id" -> run.id();
                            case "run_name" -> run.name();
                            case "status" -> run.status().name();
                            case "user_id" -> run.tags().get(RunTags.USER);
                            case "artifact_uri" -> run.artifactUri();
                            case "experiment_id" -> run.experimentId();
                            case "end_reason" -> run.endReason();
                            default -> throw unknown(field);
                        });
            case METRIC -> throw unknown(field);
        };
    }

    static OptionalDouble millis(@Nullable Instant at) {
        return at == null ? OptionalDouble.empty() : OptionalDouble.of((double) at.toEpochMilli());
    }

    static List<String> one(@Nullable String value) {
        return value == null ? List.of() : List.of(value);
    }

    static IllegalArgumentException unknown(Field field) {
        return new IllegalArgumentException("no such field: " + field);
    }
}
