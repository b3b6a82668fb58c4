package io.jvmlops.api.model;

import io.jvmlops.api.artifact.Digest;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model folder says of itself: the content of its {@code MLmodel} file.
 *
 * @param flavors the forms in which the folder holds the model, by name ({@code onnx}, {@code tribuo}), each with its
 *     settings; {@link #DATA} names the file. In order of preference.
 * @param signature null if the folder does not say; a loader then reads it from the model
 * @param labels the classes of a classifier, in the order of its scores; empty for other models
 * @param runId the run that logged the model, if one did
 * @param provenance facts about how the model was made, flattened to names and values
 * @param digests digests of the folder's files by path, as its exporter saw them; may be empty
 * @param inputExample the path of an example of its inputs, relative to the folder, or null
 * @param goldenRows the path of inputs with the answers that they must get, relative to the folder, or null
 */
public record ModelDescriptor(
        Map<String, Map<String, String>> flavors,
        @Nullable ModelSignature signature,
        List<String> labels,
        @Nullable String runId,
        Map<String, String> provenance,
        Map<String, Digest> digests,
        @Nullable String inputExample,
        @Nullable String goldenRows) {
    /** The flavor setting that names the file which holds the model, relative to the folder. */
    public static final String DATA = "data";

    /** The name of the descriptor's file within a model folder, as MLflow has it. */
    public static final String FILE = "MLmodel";

    public ModelDescriptor {
        Map<String, Map<String, String>> copy = new LinkedHashMap<>();
        flavors.forEach((name, settings) -> copy.put(name, unmodifiable(settings)));
        flavors = Collections.unmodifiableMap(copy);
        labels = List.copyOf(labels);
        provenance = unmodifiable(provenance);
        digests = unmodifiable(digests);
    }

    /** A descriptor without golden rows. */
    public ModelDescriptor(
            Map<String, Map<String, String>> flavors,
            @Nullable ModelSignature signature,
            List<String> labels,
            @Nullable String runId,
            Map<String, String> provenance,
            Map<String, Digest> digests,
            @Nullable String inputExample) {
        this(flavors, signature, labels, runId, provenance, digests, inputExample, null);
    }

    /** A descriptor of one flavor whose model is in one file, and nothing else known. */
    public static ModelDescriptor ofFile(String flavor, String path) {
        return new ModelDescriptor(Map.of(flavor, Map.of(DATA, path)), null, List.of(), null, Map.of(), Map.of(), null);
    }

    public ModelDescriptor withSignature(ModelSignature signature) {
        return new ModelDescriptor(flavors, signature, labels, runId, provenance, digests, inputExample, goldenRows);
    }

    /** The same model with what its loader found in it. */
    public ModelDescriptor with(ModelSignature signature, List<String> labels) {
        return new ModelDescriptor(flavors, signature, labels, runId, provenance, digests, inputExample, goldenRows);
    }

    public ModelDescriptor withGoldenRows(@Nullable String path) {
        return new ModelDescriptor(flavors, signature, labels, runId, provenance, digests, inputExample, path);
    }

    private static <V> Map<String, V> unmodifiable(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }
}
