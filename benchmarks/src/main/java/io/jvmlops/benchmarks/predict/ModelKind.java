package io.jvmlops.benchmarks.predict;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What is asked. */
public enum ModelKind {
    /** A logistic regression, in ONNX. */
    LOGISTIC("logistic regression", 30, 2, true),
    /** A net of 32-256-256-1 with a sigmoid at the end, in ONNX. */
    MLP("MLP 32-256-256-1", 32, 1, true),
    /** The logistic regression again, in Tribuo's own form. */
    TRIBUO("Tribuo, logistic regression", 30, 2, false),
    /** A random forest, in Tribuo's own form. */
    FOREST("Tribuo, random forest", 30, 2, false);

    private final String title;
    private final int features;
    private final int outputs;
    private final boolean onnx;

    ModelKind(String title, int features, int outputs, boolean onnx) {
        this.title = title;
        this.features = features;
        this.outputs = outputs;
        this.onnx = onnx;
    }

    /** For people. */
    String title() {
        return title;
    }

    int features() {
        return features;
    }

    /** Numbers in one answer. */
    int outputs() {
        return outputs;
    }

    boolean isOnnx() {
        return onnx;
    }

    /** Whether there is a record of its features, and its answers are classifications. */
    boolean hasRecords() {
        return features == Row30.COMPONENTS;
    }

    /** For the command line. */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    static ModelKind of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT));
    }

    static List<String> ids() {
        return Arrays.stream(values()).map(ModelKind::id).toList();
    }
}
