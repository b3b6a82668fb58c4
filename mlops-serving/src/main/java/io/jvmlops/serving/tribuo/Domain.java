package io.jvmlops.serving.tribuo;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.ModelSignature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.VariableIDInfo;
import org.tribuo.classification.Label;
import org.tribuo.regression.Regressor;
import org.tribuo.transform.TransformedModel;

/**
 * What a Tribuo model takes and gives.
 *
 * @param features their names, by Tribuo's id
 * @param kind what it answers with
 * @param outputs the classes, the dimensions of a regression, or the types of events, by Tribuo's id; of a clustering,
 *     the name of the number beside the cluster, if there is one
 */
record Domain(List<String> features, Kind kind, List<String> outputs) {
    static final String INPUT = "input";
    static final String OUTPUT = "output";
    static final String CLUSTER = "cluster";
    static final String LABEL = "label";
    static final String SCORE = "score";

    /** Types of events, by Tribuo's id. */
    private static final List<String> EVENTS = List.of("EXPECTED", "ANOMALOUS");

    /** Where the names of columns would make a descriptor unwieldy, they are left to the model's own file. */
    private static final int MAX_COLUMN_CHARS = 1 << 20;

    /** What a model is for, and which numbers a {@link Scorer} writes for a row. */
    enum Kind {
        /** A score per class. */
        CLASSIFICATION("org.tribuo.classification.Label"),
        /** A value per dimension. */
        REGRESSION("org.tribuo.regression.Regressor"),
        /** The id of the cluster; then a number about it, if the model has one. */
        CLUSTERING("org.tribuo.clustering.ClusterID"),
        /** The score of the event; then its Tribuo id. */
        ANOMALY_DETECTION("org.tribuo.anomaly.Event");

        private final String output;

        Kind(String output) {
            this.output = output;
        }

        /**
         * By name, since the class of the other kinds may be absent.
         *
         * @return null if outputs of that class are of none
         */
        static @Nullable Kind ofOutput(String className) {
            for (Kind kind : values()) {
                // A regression's dimension is a class within Regressor.
                if (className.equals(kind.output) || className.startsWith(kind.output + "$")) {
                    return kind;
                }
            }
            return null;
        }

        /** For messages. */
        static String supported() {
            return Arrays.stream(values())
                    .map(kind -> kind.name().toLowerCase(Locale.ROOT).replace('_', ' ') + " (" + kind.output + ")")
                    .collect(Collectors.joining(", "));
        }
    }

    /**
     * @param what names the model in messages
     * @throws ModelLoadException if the model is of none of the kinds, or has no usable names
     */
    static Domain of(Model<?> model, String what) {
        ImmutableFeatureMap map = model.getFeatureIDMap();
        if (map.getClass() != ImmutableFeatureMap.class) {
            throw new ModelLoadException(what + " has features in a "
                    + map.getClass().getName() + ", whose names are not those of the data; train it without hashing");
        }
        List<String> features = new ArrayList<>();
        for (int id = 0; id < map.size(); id++) {
            VariableIDInfo info = map.get(id);
            if (info == null) {
                throw new ModelLoadException(what + " has " + map.size() + " features, but none with the id " + id);
            }
            features.add(info.getName());
        }
        ImmutableOutputInfo<?> info = model.getOutputIDInfo();
        if (features.isEmpty() || info.size() == 0) {
            throw new ModelLoadException(
                    what + " has " + features.size() + " features and " + info.size() + " outputs, expected some");
        }
        Kind kind = kind(info.getOutput(0), what);
        List<String> outputs = switch (kind) {
            case CLUSTERING -> nameOfNumber(model);
            case ANOMALY_DETECTION -> EVENTS;
            case CLASSIFICATION, REGRESSION -> names(info, kind, what);
        };
        return new Domain(List.copyOf(features), kind, List.copyOf(outputs));
    }

    private static Kind kind(@Nullable Output<?> output, String what) {
        String type = output == null ? "nothing" : output.getClass().getName();
        Kind kind = Kind.ofOutput(type);
        if (kind == null) {
            throw new ModelLoadException(what + " gives " + type + "; supported are " + Kind.supported());
        }
        return kind;
    }

    private static List<String> names(ImmutableOutputInfo<?> info, Kind kind, String what) {
        List<String> names = new ArrayList<>();
        for (int id = 0; id < info.size(); id++) {
            Output<?> output = info.getOutput(id);
            if (kind(output, what) != kind) {
                throw new ModelLoadException(what + " gives outputs of several kinds");
            }
            names.add(
                    kind == Kind.CLASSIFICATION
                            ? ((Label) output).getLabel()
                            : ((Regressor) output).getDimensionNamesString());
        }
        return names;
    }

    private static List<String> nameOfNumber(Model<?> model) {
        Model<?> inner = model;
        while (inner instanceof TransformedModel<?> transformed) {
            inner = transformed.getInnerModel();
        }
        // Tribuo's k-means tells no distance; here it is computed, where the centres are those of the rows as they are.
        String type = inner.getClass().getName();
        if (type.equals(KMeansScorer.MODEL)) {
            return inner == model ? List.of("distance") : List.of();
        }
        return List.of(SCORE);
    }

    /** How many numbers a scorer writes for a row. */
    int width() {
        return switch (kind) {
            case CLASSIFICATION, REGRESSION -> outputs.size();
            case CLUSTERING -> 1 + outputs.size();
            case ANOMALY_DETECTION -> 2;
        };
    }

    /** The names of the scores that a classification reads; empty for other kinds. */
    List<String> labels() {
        return kind == Kind.CLASSIFICATION || kind == Kind.ANOMALY_DETECTION ? outputs : List.of();
    }

    ModelSignature signature(DataType type) {
        return new ModelSignature(List.of(input(INPUT, type)), outputs(OUTPUT, type));
    }

    TensorSpec input(String name, DataType type) {
        return spec(name, type, features);
    }

    /**
     * @param name of the one output of a classification or regression; those of the other kinds have their own
     * @param type of what is floating
     */
    List<TensorSpec> outputs(String name, DataType type) {
        return switch (kind) {
            case CLASSIFICATION, REGRESSION -> List.of(spec(name, type, outputs));
            case CLUSTERING -> {
                List<TensorSpec> specs = new ArrayList<>();
                specs.add(TensorSpec.of(CLUSTER, DataType.INT64, Shape.DYNAMIC));
                outputs.forEach(number -> specs.add(TensorSpec.of(number, type, Shape.DYNAMIC)));
                yield List.copyOf(specs);
            }
            case ANOMALY_DETECTION ->
                List.of(
                        TensorSpec.of(LABEL, DataType.BYTES, Shape.DYNAMIC),
                        TensorSpec.of(SCORE, type, Shape.DYNAMIC),
                        spec(OUTPUT, type, outputs));
        };
    }

    private static TensorSpec spec(String name, DataType type, List<String> columns) {
        TensorSpec spec = TensorSpec.of(name, type, Shape.DYNAMIC, columns.size());
        boolean nameable = columns.stream().mapToLong(String::length).sum() <= MAX_COLUMN_CHARS
                && columns.stream().noneMatch(String::isEmpty);
        return nameable ? spec.withColumns(columns) : spec;
    }
}
