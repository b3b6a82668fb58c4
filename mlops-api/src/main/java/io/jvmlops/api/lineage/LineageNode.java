package io.jvmlops.api.lineage;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.ModelVersion;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A thing that has come from others, or others from it: what names it, and nothing else. Whoever switches over the kinds
 * should be ready for more of them: predictions will be one.
 */
public sealed interface LineageNode {
    /** {@code dataset}, {@code run}, {@code artifact}, {@code model_version} or {@code alias_move}. */
    String kind();

    /** One line that no other thing has, and that {@link #parse} reads: {@code model_version:iris/3}. */
    String id();

    /** The node of a dataset version. */
    static LineageNode of(DatasetVersion dataset) {
        return new Dataset(dataset.name(), dataset.digest());
    }

    /** The node of a registered version. */
    static LineageNode of(ModelVersion version) {
        return new Version(version.name(), version.version());
    }

    /** The node of an alias's move. */
    static LineageNode of(AliasChange move) {
        return new AliasMove(move.model(), move.alias(), move.sequence());
    }

    /** The node of a run. */
    static LineageNode ofRun(String runId) {
        return new Run(runId);
    }

    /**
     * A dataset version: data by their content, under the name that a run has for them.
     *
     * @param name 1 to {@value Keys#MAX_KEY} characters, see {@link Keys#check}
     */
    record Dataset(String name, Digest digest) implements LineageNode {
        private static final String KIND = "dataset";
        private static final Pattern ID = Pattern.compile("([0-9a-f]{64}):(.+)", Pattern.DOTALL);

        public Dataset {
            Keys.check("name of a dataset", name);
            Objects.requireNonNull(digest);
        }

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public String id() {
            return KIND + ":" + digest.hex() + ":" + name;
        }
    }

    /** A run. */
    record Run(String runId) implements LineageNode {
        private static final String KIND = "run";

        public Run {
            Keys.check("id of a run", runId);
        }

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public String id() {
            return KIND + ":" + runId;
        }
    }

    /**
     * A file that a run has logged.
     *
     * @param path within the run
     * @param digest of its content: a file that was overwritten is another
     */
    record Artifact(String runId, String path, Digest digest) implements LineageNode {
        private static final String KIND = "artifact";
        private static final Pattern ID = Pattern.compile("(.+):([0-9a-f]{64}):([^:]+)", Pattern.DOTALL);

        public Artifact {
            Keys.check("id of a run", runId);
            FileEntry.checkPath(path);
            Objects.requireNonNull(digest);
        }

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public String id() {
            return KIND + ":" + runId + ":" + digest.hex() + ":" + path;
        }
    }

    /** A registered version of a model. */
    record Version(String model, int version) implements LineageNode {
        private static final String KIND = "model_version";

        /** @throws InvalidInputException as {@link ModelRef.Version} */
        public Version {
            ref(model, version);
        }

        private static ModelRef.Version ref(String model, int version) {
            return new ModelRef.Version(model, version);
        }

        public ModelRef.Version ref() {
            return ref(model, version);
        }

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public String id() {
            return KIND + ":" + model + "/" + version;
        }
    }

    /**
     * A move of an alias.
     *
     * @param sequence see {@link AliasChange#sequence}
     */
    record AliasMove(String model, String alias, long sequence) implements LineageNode {
        private static final String KIND = "alias_move";
        private static final Pattern ID = Pattern.compile("([0-9]{1,18}):([^@]+)@(.+)");

        /** @throws InvalidInputException as {@link ModelRef.Alias} */
        public AliasMove {
            ref(model, alias);
        }

        private static ModelRef.Alias ref(String model, String alias) {
            return new ModelRef.Alias(model, alias);
        }

        @Override
        public String kind() {
            return KIND;
        }

        @Override
        public String id() {
            return KIND + ":" + sequence + ":" + model + "@" + alias;
        }
    }

    /**
     * Reads an {@link #id}.
     *
     * @throws InvalidInputException if it is none
     */
    static LineageNode parse(String id) {
        int colon = id.indexOf(':');
        String rest = id.substring(colon + 1);
        try {
            switch (colon < 0 ? "" : id.substring(0, colon)) {
                case Dataset.KIND -> {
                    Matcher parts = match(Dataset.ID, rest);
                    return new Dataset(parts.group(2), new Digest(parts.group(1)));
                }
                case Run.KIND -> {
                    return new Run(rest);
                }
                case Artifact.KIND -> {
                    Matcher parts = match(Artifact.ID, rest);
                    return new Artifact(parts.group(1), parts.group(3), new Digest(parts.group(2)));
                }
                case Version.KIND -> {
                    if (ModelRef.parse(rest) instanceof ModelRef.Version version) {
                        return new Version(version.name(), version.version());
                    }
                }
                case AliasMove.KIND -> {
                    Matcher parts = match(AliasMove.ID, rest);
                    return new AliasMove(parts.group(2), parts.group(3), Long.parseLong(parts.group(1)));
                }
                default -> {}
            }
        } catch (MlopsException | IllegalArgumentException e) {
            throw new InvalidInputException("id of a node '" + Keys.clipped(id) + "': " + e.getMessage());
        }
        throw new InvalidInputException("id of a node '" + Keys.clipped(id)
                + "': expected one like 'model_version:iris/3', 'run:0123', 'dataset:<64 hexadecimal digits>:iris'");
    }

    private static Matcher match(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("expected " + pattern);
        }
        return matcher;
    }
}
