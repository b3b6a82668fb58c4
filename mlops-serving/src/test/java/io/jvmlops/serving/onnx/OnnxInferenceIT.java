package io.jvmlops.serving.onnx;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.Fixture;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import io.jvmlops.test.model.InferenceModelContract;
import org.junit.jupiter.api.Nested;

/** The contract on models with outputs that are pinned, copied, strings, and sequences of maps and of matrices. */
class OnnxInferenceIT {
    abstract static class Contract extends InferenceModelContract {
        private final Fixture fixture;

        Contract(String name) {
            fixture = Fixture.load(name);
        }

        @Override
        protected InferenceModel open() {
            return Models.load(ModelSource.bytes("model.onnx", fixture.onnx).trusted());
        }

        @Override
        protected Tensors inputs() {
            return fixture.inputs;
        }
    }

    @Nested
    class OfAMatrix extends Contract {
        OfAMatrix() {
            super("breast_cancer");
        }
    }

    @Nested
    class OfMaps extends Contract {
        OfMaps() {
            super("iris_zipmap");
        }
    }

    @Nested
    class OfStringsAndNumbers extends Contract {
        OfStringsAndNumbers() {
            super("mixed_columns");
        }
    }

    @Nested
    class OfMatricesInASequence extends Contract {
        OfMatricesInASequence() {
            super("several_targets");
        }
    }

    @Nested
    class OfTokensAndOtherFreeAxes extends Contract {
        OfTokensAndOtherFreeAxes() {
            super("torch_sentences");
        }
    }

    @Nested
    class OfARegression extends Contract {
        OfARegression() {
            super("friedman_regression");
        }

        @Override
        protected double tolerance() {
            // A sum over 100 trees in 32 bits, of values around 15.
            return 1e-4;
        }
    }
}
