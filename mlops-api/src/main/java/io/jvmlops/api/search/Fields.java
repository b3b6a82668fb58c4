package io.jvmlops.api.search;

import io.jvmlops.api.error.InvalidInputException;

/**
 * The fields there are; to import statically: {@code metric("val/loss").lt(0.3).and(STATUS.eq("FINISHED"))}. A key over
 * the limits is an {@link InvalidInputException}.
 */
public final class Fields {
    // Of runs
    public static final TextField RUN_ID = textAttribute("run_id");
    public static final TextField RUN_NAME = textAttribute("run_name");
    /** RUNNING, FINISHED, FAILED or KILLED. */
    public static final TextField STATUS = textAttribute("status");

    public static final TextField USER_ID = textAttribute("user_id");
    public static final TextField ARTIFACT_URI = textAttribute("artifact_uri");
    public static final NumberField START_TIME = numberAttribute("start_time");
    /** Missing while it runs. */
    public static final NumberField END_TIME = numberAttribute("end_time");
    /** Missing unless it failed or was killed. */
    public static final TextField END_REASON = textAttribute("end_reason");

    public static final TextField DATASET_NAME = new TextField(Field.Kind.DATASET, "name");
    public static final TextField DATASET_DIGEST = new TextField(Field.Kind.DATASET, "digest");
    public static final TextField DATASET_CONTEXT = new TextField(Field.Kind.DATASET, "context");

    /** Of runs and of experiments. */
    public static final TextField EXPERIMENT_ID = textAttribute("experiment_id");

    // Of experiments
    public static final TextField NAME = textAttribute("name");
    public static final NumberField CREATION_TIME = numberAttribute("creation_time");
    public static final NumberField LAST_UPDATE_TIME = numberAttribute("last_update_time");

    private Fields() {}

    /** The latest value of a metric. */
    public static NumberField metric(String key) {
        return new NumberField(Field.Kind.METRIC, key);
    }

    public static TextField param(String key) {
        return new TextField(Field.Kind.PARAM, key);
    }

    public static TextField tag(String key) {
        return new TextField(Field.Kind.TAG, key);
    }

    /** A numeric attribute of something else than runs and experiments. */
    public static NumberField numberAttribute(String name) {
        return new NumberField(Field.Kind.ATTRIBUTE, name);
    }

    /** A textual attribute of something else than runs and experiments. */
    public static TextField textAttribute(String name) {
        return new TextField(Field.Kind.ATTRIBUTE, name);
    }
}
