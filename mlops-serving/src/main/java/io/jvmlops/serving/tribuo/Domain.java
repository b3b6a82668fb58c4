package io.jvmlops.serving.tribuo;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.ModelSignature;
import java.util.ArrayList;
import java.util.List;
import org.tribuo.ImmutableFeatureMap;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.VariableIDInfo;
import org.tribuo.classification.Label;
import org.tribuo.regression.Regressor;

/**
 * What a Tribuo model takes and gives.
 *
 * @param features their names, by Tribuo's id
 * @param outputs the classes, or the dimensions of a regression, by Tribuo's id
 * @param classifier whether the outputs are classes
 */
record Domain(List<String> features, List<String> outputs, boolean classifier) {
    static final String INPUT = "input";
    static final String OUTPUT = "output";

    /** Where the names of columns would make a descriptor unwieldy, they are left to the model's own file. */
    private static final int MAX_COLUMN_CHARS = 1 << 20;

    /**
     * @param what names the model in messages
     * @throws ModelLoadException if the model is neither a classifier nor a regression, or has no usable names
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
        List<String> outputs = new ArrayList<>();
        boolean classifier = false;
        for (int id = 0; id < info.size(); id++) {
            Output<?> output = info.getOutput(id);
            // By name, since the class of the other kind may be absent.
            String type = output == null ? "nothing" : output.getClass().getName();
            if (type.equals("org.tribuo.classification.Label")) {
                classifier = true;
                outputs.add(((Label) output).getLabel());
            } else if (type.startsWith("org.tribuo.regression.Regressor")) {
                outputs.add(((Regressor) output).getDimensionNamesString());
            } else {
                throw new ModelLoadException(what + " gives " + type + " as output " + id
                        + "; supported are classification (org.tribuo.classification.Label) and regression"
                        + " (org.tribuo.regression.Regressor)");
            }
        }
        if (features.isEmpty() || outputs.isEmpty()) {
            throw new ModelLoadException(
                    what + " has " + features.size() + " features and " + outputs.size() + " outputs, expected some");
        }
        return new Domain(List.copyOf(features), List.copyOf(outputs), classifier);
    }

    ModelSignature signature(DataType type) {
        return new ModelSignature(List.of(input(INPUT, type)), List.of(output(OUTPUT, type)));
    }

    TensorSpec input(String name, DataType type) {
        return spec(name, type, features);
    }

    TensorSpec output(String name, DataType type) {
        return spec(name, type, outputs);
    }

    private static TensorSpec spec(String name, DataType type, List<String> columns) {
        TensorSpec spec = TensorSpec.of(name, type, Shape.DYNAMIC, columns.size());
        boolean nameable = columns.stream().mapToLong(String::length).sum() <= MAX_COLUMN_CHARS
                && columns.stream().noneMatch(String::isEmpty);
        return nameable ? spec.withColumns(columns) : spec;
    }
}
