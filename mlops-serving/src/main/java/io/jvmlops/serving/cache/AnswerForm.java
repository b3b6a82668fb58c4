package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an answer of a model has to look like: all the outputs that its signature declares, of one row if the key is one. The
 * leading extent of other answers is not looked at: LightGBM's converter declares one label for any number of rows.
 */
final class AnswerForm {
    private final List<TensorSpec> outputs;
    private final boolean row;

    AnswerForm(List<TensorSpec> outputs, boolean row) {
        this.outputs = outputs;
        this.row = row;
    }

    /** The number of outputs. */
    int count() {
        return outputs.size();
    }

    /** The output of a name, or null. */
    @Nullable
    TensorSpec find(String name) {
        for (TensorSpec spec : outputs) {
            if (spec.name().equals(name)) {
                return spec;
            }
        }
        return null;
    }

    boolean accepts(TensorSpec spec, Shape shape) {
        int rank = spec.shape().rank();
        if (shape.rank() != rank || row && (rank == 0 || shape.dim(0) != 1)) {
            return false;
        }
        for (int axis = 1; axis < rank; axis++) {
            long declared = spec.shape().dim(axis);
            if (declared != Shape.DYNAMIC && declared != shape.dim(axis)) {
                return false;
            }
        }
        return true;
    }

    boolean accepts(Tensors answer) {
        if (answer.size() != outputs.size()) {
            return false;
        }
        for (TensorSpec spec : outputs) {
            int position = answer.indexOf(spec.name());
            if (position < 0
                    || answer.at(position).type() != spec.type()
                    || !accepts(spec, answer.at(position).shape())) {
                return false;
            }
        }
        return true;
    }
}
