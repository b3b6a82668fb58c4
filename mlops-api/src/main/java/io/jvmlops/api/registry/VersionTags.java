package io.jvmlops.api.registry;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.metadata.MetadataChanges;
import java.util.List;
import java.util.Map;

/** The keys of tags of model versions that mean something. */
public final class VersionTags {
    /**
     * The stage that MLflow's registry had the version in, before it had aliases: {@code None}, {@code Staging}, {@code
     * Production} or {@code Archived}. Is given when a version is registered, as by an import, and stays as it was: nothing
     * looks a version up by it.
     */
    public static final String LEGACY_STAGE = "mlflow.stage";

    private static final List<String> STAGES = List.of("None", "Staging", "Production", "Archived");

    private VersionTags() {}

    /**
     * Checks the tags of a new version.
     *
     * @throws InvalidInputException if one is over the limits of {@link Keys}, or the stage is not one
     */
    static void check(Map<String, String> tags) {
        Keys.checkTags(tags);
        String stage = tags.get(LEGACY_STAGE);
        if (stage != null && !STAGES.contains(stage)) {
            throw new InvalidInputException(
                    "tag '" + LEGACY_STAGE + "': expected one of " + STAGES + ", found '" + Keys.clipped(stage) + "'");
        }
    }

    /**
     * For a registry to implement {@link ModelRegistry#updateVersion} with.
     *
     * @throws InvalidInputException if the changes set or remove {@link #LEGACY_STAGE}
     */
    public static void requireStageUntouched(MetadataChanges changes) {
        if (changes.tags().containsKey(LEGACY_STAGE) || changes.removedTags().contains(LEGACY_STAGE)) {
            throw new InvalidInputException(
                    "tag '" + LEGACY_STAGE
                            + "' is what MLflow said of the version and does not change; point an alias at the version instead");
        }
    }
}
