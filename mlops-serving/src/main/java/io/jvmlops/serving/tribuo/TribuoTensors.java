package io.jvmlops.serving.tribuo;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.ModelSignature;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.tribuo.Example;
import org.tribuo.Feature;

/**
 * The examples of a Tribuo dataset as tensors that a model takes: to ask it for all of them, or to make the reference profile
 * that a monitor compares with from the very data that it was trained on.
 */
public final class TribuoTensors {
    /** Rows of a batch, but for the last. */
    public static final int BATCH_ROWS = 1024;

    private TribuoTensors() {}

    /**
     * Batches of up to {@value #BATCH_ROWS} examples, in their order, made as they are asked for.
     *
     * <p>A feature that an example does not have is 0, which is what Tribuo's models take it for; features that the signature does
     * not have are left out, as the model does not know them. Outputs of the examples are not looked at.
     *
     * @param examples a dataset; iterated anew by each iterator
     * @param signature of a model that {@link TribuoModels} exported: one input of FP64 or FP32, its columns named as features
     * @throws InvalidInputException if the signature is another
     */
    public static Iterable<Tensors> batches(Iterable<? extends Example<?>> examples, ModelSignature signature) {
        TensorSpec input = input(signature);
        Map<String, Integer> positions = new HashMap<>();
        List<String> columns = input.columns();
        for (int i = 0; i < columns.size(); i++) {
            positions.put(columns.get(i), i);
        }
        return () -> new Batches(examples.iterator(), input, positions);
    }

    private static TensorSpec input(ModelSignature signature) {
        List<TensorSpec> inputs = signature.inputs();
        if (inputs.size() != 1
                || inputs.get(0).columns().isEmpty()
                || inputs.get(0).shape().rank() != 2
                || inputs.get(0).type() != DataType.FP64 && inputs.get(0).type() != DataType.FP32) {
            throw new InvalidInputException("examples of Tribuo as tensors: the signature's inputs are " + inputs
                    + ", expected one of FP64[-1, n] or FP32[-1, n] with columns that are named as Tribuo's features, as"
                    + " TribuoModels exports it");
        }
        return inputs.get(0);
    }

    private static final class Batches implements Iterator<Tensors> {
        private final Iterator<? extends Example<?>> examples;
        private final TensorSpec input;
        private final Map<String, Integer> positions;

        Batches(Iterator<? extends Example<?>> examples, TensorSpec input, Map<String, Integer> positions) {
            this.examples = examples;
            this.input = input;
            this.positions = positions;
        }

        @Override
        public boolean hasNext() {
            return examples.hasNext();
        }

        @Override
        public Tensors next() {
            if (!examples.hasNext()) {
                throw new NoSuchElementException("no example is left");
            }
            int width = positions.size();
            double[] values = new double[Math.multiplyExact(BATCH_ROWS, width)];
            int rows = 0;
            while (rows < BATCH_ROWS && examples.hasNext()) {
                for (Feature feature : examples.next()) {
                    Integer position = positions.get(feature.getName());
                    if (position != null) {
                        values[rows * width + position] = feature.getValue();
                    }
                }
                rows++;
            }
            return Tensors.of(input.name(), tensor(values, rows, width));
        }

        private Tensor tensor(double[] values, int rows, int width) {
            if (input.type() == DataType.FP32) {
                float[] floats = new float[rows * width];
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = (float) values[i];
                }
                return Tensor.transfer(floats, rows, width);
            }
            return Tensor.transfer(Arrays.copyOf(values, rows * width), rows, width);
        }
    }
}
