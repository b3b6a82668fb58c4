package io.jvmlops.benchmarks.predict;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Who takes part: ours first, and peers from the strongest on. */
enum ContenderKind {
    /** {@code Models.load}. */
    MODEL("our model", true),
    /** {@code Serving} over a registry, asked with tensors. */
    SERVING("our serving", true),
    /** {@code Serving} over a registry, asked with records. */
    RECORD("our serving, records", true),
    /** ONNX Runtime by hand and done well. */
    RAW("ONNX Runtime, reused buffers", false),
    /** ONNX Runtime by hand, as its tutorials show it. */
    TUTORIAL("ONNX Runtime, float[][]", false),
    /** DJL's engine over ONNX Runtime. */
    DJL("DJL", false);

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

    /** For the command line. */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    static ContenderKind of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT));
    }

    static List<String> ids() {
        return Arrays.stream(values()).map(ContenderKind::id).toList();
    }

    /** Loads the model and makes ready for the first {@code batch} rows. */
    Contender open(Fixture fixture, int batch) throws Exception {
        return switch (this) {
            case MODEL -> new ModelContender(fixture, batch);
            case SERVING -> new ServingContender.OfTensors(fixture, batch);
            case RECORD -> new ServingContender.OfRecords(fixture, batch);
            case RAW -> new PinnedContender(fixture, batch);
            case TUTORIAL -> new TutorialContender(fixture, batch);
            case DJL -> new DjlContender(fixture, batch);
        };
    }
}
