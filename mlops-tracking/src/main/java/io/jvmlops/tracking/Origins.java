package io.jvmlops.tracking;

import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.registry.ModelOrigin;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunTags;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known of where a model comes from that a run has logged. */
final class Origins {
    /** The names of what the environment is made of, beside libraries. */
    private static final String JVM = "jvm";

    private static final String OS = "os";

    /** How flavors end the names of settings that say which library made them: {@code tribuo_version}. */
    private static final String LIBRARY = "_version";

    private Origins() {}

    static ModelOrigin of(RunInfo run, ModelDescriptor descriptor) {
        Map<String, String> environment = new LinkedHashMap<>();
        put(environment, JVM, run.tags().getOrDefault(RunTags.JVM, Source.jvm()));
        put(environment, OS, run.tags().getOrDefault(RunTags.OS, Source.os()));
        descriptor
                .flavors()
                .values()
                .forEach(settings -> settings.forEach((name, value) -> {
                    if (name.endsWith(LIBRARY)) {
                        put(environment, name, value);
                    }
                }));
        Map<String, String> provenance = new LinkedHashMap<>();
        descriptor.provenance().forEach((name, value) -> put(provenance, name, value));
        return new ModelOrigin(run.id(), trainedOn(run), run.tags().get(RunTags.GIT_COMMIT), environment, provenance);
    }

    private static List<DatasetVersion> trainedOn(RunInfo run) {
        return run.inputs().stream()
                .filter(input -> !isForEvaluation(input.context()))
                .map(input -> input.dataset())
                .distinct()
                .toList();
    }

    private static boolean isForEvaluation(@Nullable String context) {
        String lower = context == null ? "" : context.toLowerCase(Locale.ROOT);
        return lower.startsWith("eval") || lower.startsWith("valid") || lower.startsWith("test");
    }

    /** As it can be stored: an exporter that is too talkative is no reason to lose a trained model. */
    private static void put(Map<String, String> facts, String name, String value) {
        String key = Keys.tolerated(name, Keys.MAX_KEY).replaceAll("\\p{Cc}", " ");
        if (!key.isBlank()) {
            facts.put(key, Keys.tolerated(value, NewModelVersion.MAX_FACT));
        }
    }
}
