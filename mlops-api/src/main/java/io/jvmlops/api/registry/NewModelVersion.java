package io.jvmlops.api.registry;

import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.model.ModelSignature;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What to register.
 *
 * @param name of the model; see {@link ModelRef#checkName}
 * @param files already in the registry's artifact store
 * @param signature what the model takes and gives, or null if that is not known
 * @param inputExample the path of an example among the files, or null
 * @param description for people; empty for none
 */
public record NewModelVersion(
        String name,
        Manifest files,
        ModelOrigin origin,
        @Nullable ModelSignature signature,
        @Nullable String inputExample,
        String description,
        Map<String, String> tags) {
    /** The longest fact of an origin's environment or provenance, in characters. */
    public static final int MAX_FACT = 65_535;

    /** @throws InvalidInputException if something is over the limits of {@link Keys}, or the example is not among the files */
    public NewModelVersion {
        ModelRef.checkName(name);
        if (origin.runId() != null) {
            Keys.check("run of model '" + name + "'", origin.runId());
        }
        if (origin.commit() != null) {
            Keys.checkValue("commit of model '" + name + "'", origin.commit(), Keys.MAX_TAG_VALUE);
        }
        checkFacts("environment", origin.environment());
        checkFacts("provenance", origin.provenance());
        if (inputExample != null && files.find(inputExample).isEmpty()) {
            throw new InvalidInputException("input example '" + Keys.clipped(inputExample) + "' of model '" + name
                    + "': expected a path among its " + files.files().size() + " files");
        }
        Keys.checkValue("description of model '" + name + "'", description, Keys.MAX_DESCRIPTION);
        VersionTags.check(tags);
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
    }

    private static void checkFacts(String what, Map<String, String> facts) {
        facts.forEach((key, value) -> {
            Keys.check("name of a fact of the " + what, key);
            Keys.checkValue(what + " '" + key + "'", value, MAX_FACT);
        });
    }

    /** A version of which nothing is known but its files. */
    public static Builder builder(String name, Manifest files) {
        return new Builder(name, files);
    }

    /** Not thread-safe. */
    public static final class Builder {
        private final String name;
        private final Manifest files;
        private ModelOrigin origin = ModelOrigin.none();
        private @Nullable ModelSignature signature;
        private @Nullable String inputExample;
        private String description = "";
        private final Map<String, String> tags = new LinkedHashMap<>();

        private Builder(String name, Manifest files) {
            this.name = name;
            this.files = files;
        }

        public Builder origin(ModelOrigin origin) {
            this.origin = Objects.requireNonNull(origin);
            return this;
        }

        public Builder signature(@Nullable ModelSignature signature) {
            this.signature = signature;
            return this;
        }

        /** @param path among the files, or null */
        public Builder inputExample(@Nullable String path) {
            this.inputExample = path;
            return this;
        }

        public Builder description(String description) {
            this.description = Objects.requireNonNull(description);
            return this;
        }

        public Builder tag(String key, String value) {
            tags.put(key, value);
            return this;
        }

        public Builder tags(Map<String, String> tags) {
            this.tags.putAll(tags);
            return this;
        }

        /** @throws InvalidInputException as the constructor */
        public NewModelVersion build() {
            return new NewModelVersion(name, files, origin, signature, inputExample, description, tags);
        }
    }
}
