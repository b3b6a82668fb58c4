package io.jvmlops.benchmarks.predict;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Who takes part: ours first, and peers from the strongest on. */
enum ContenderKind {
    /** {@code Serving} over a registry, asked with arrays. */
    ARRAY("our serving, float[]", true),
    /** {@code Serving} over a registry, asked with records. */
    RECORD("our serving, records", true),
    /** {@code Serving} over a registry, asked with tensors. */
    SERVING("our serving, tensors", true),
    /** {@code Models.load}. */
    MODEL("our model", true),
    /** ONNX Runtime by hand and done well. */
    RAW("ONNX Runtime, reused buffers", false),
    /** The same for callers that have records and want answers. */
    RAW_RECORD("ONNX Runtime, reused buffers, from records", false),
    /** ONNX Runtime by hand, as its tutorials show it. */
    TUTORIAL("ONNX Runtime, float[][]", false),
    /** DJL's engine over ONNX Runtime. */
    DJL("DJL", false),
    /** Tribuo's bridge to ONNX Runtime. */
    EXTERNAL("Tribuo's ONNXExternalModel", false),
    /** Tribuo's own models. */
    TRIBUO("Tribuo's Model.predict", false);

    private final String title;
    private final boolean ours;

    ContenderKind(String title, boolean ours) {
        this.title = title;
        this.ours = ours;
    }

    /** For people. */
    String title() {
        return title;
    }

    boolean isOurs() {
        return ours;
    }

    /** Whether it can answer for the model. */
    boolean takes(ModelKind model) {
        return switch (this) {
            case ARRAY -> true;
            case RECORD -> model.hasRecords();
            case RAW_RECORD, EXTERNAL -> model.isOnnx() && model.hasRecords();
            case SERVING, MODEL, RAW, TUTORIAL, DJL -> model.isOnnx();
            case TRIBUO -> !model.isOnnx();
        };
    }

    /** Whom one of ours stands beside. */
    List<ContenderKind> peers() {
        return switch (this) {
            case ARRAY -> List.of(RAW, TUTORIAL, DJL, TRIBUO);
            case RECORD -> List.of(RAW_RECORD, RAW, DJL, EXTERNAL, TRIBUO);
            case SERVING, MODEL -> List.of(RAW);
            default -> List.of();
        };
    }

    /** For the command line. */
    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static ContenderKind of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    static List<String> ids() {
        return Arrays.stream(values()).map(ContenderKind::id).toList();
    }

    /** Loads the model and makes ready for the first {@code batch} rows. */
    Contender open(Fixture fixture, int batch) throws Exception {
        return switch (this) {
            case ARRAY -> new ServingContender.OfArrays(fixture, batch);
            case RECORD -> new ServingContender.OfRecords(fixture, batch);
            case SERVING -> new ServingContender.OfTensors(fixture, batch);
            case MODEL -> new ModelContender(fixture, batch);
            case RAW -> new PinnedContender(fixture, batch);
            case RAW_RECORD -> new PinnedRecordsContender(fixture, batch);
            case TUTORIAL -> new TutorialContender(fixture, batch);
            case DJL -> new DjlContender(fixture, batch);
            case EXTERNAL -> TribuoContender.external(fixture, batch);
            case TRIBUO -> TribuoContender.own(fixture, batch);
        };
    }
}
