package io.jvmlops.test.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import java.nio.ByteBuffer;
import java.nio.ShortBuffer;

/** Rows of tensors, for suites and tests: some of a batch, and comparisons of answers. */
public final class ModelRows {
    private ModelRows() {}

    /** Rows {@code from} to {@code to} (exclusive) of every input whose leading axis is dynamic; the others whole. */
    public static Tensors slice(ModelSignature signature, Tensors inputs, int from, int to) {
        Tensors.Builder sliced = Tensors.builder();
        for (TensorSpec spec : signature.inputs()) {
            Tensor tensor = inputs.get(spec.name());
            boolean batched = spec.shape().rank() > 0 && spec.shape().dim(0) == -1;
            sliced.put(spec.name(), batched ? slice(tensor, from, to) : tensor);
        }
        return sliced.build();
    }

    /** Rows {@code from} to {@code to} (exclusive), copied. */
    public static Tensor slice(Tensor tensor, int from, int to) {
        long[] shape = tensor.shape().dims();
        shape[0] = (long) to - from;
        int start = from * tensor.rowSize();
        int size = (to - from) * tensor.rowSize();
        return switch (tensor.type()) {
            case FP32 -> {
                float[] data = new float[size];
                tensor.asFloatBuffer().get(start, data);
                yield Tensor.transfer(data, shape);
            }
            case FP64 -> {
                double[] data = new double[size];
                tensor.asDoubleBuffer().get(start, data);
                yield Tensor.transfer(data, shape);
            }
            case INT64 -> {
                long[] data = new long[size];
                tensor.asLongBuffer().get(start, data);
                yield Tensor.transfer(data, shape);
            }
            case INT32 -> {
                int[] data = new int[size];
                tensor.asIntBuffer().get(start, data);
                yield Tensor.transfer(data, shape);
            }
            case INT16, FP16, BF16 -> {
                short[] data = new short[size];
                ShortBuffer shorts = tensor.asShortBuffer();
                shorts.get(start, data);
                yield Tensor.transfer(tensor.type(), data, shape);
            }
            case INT8, UINT8 -> {
                byte[] data = new byte[size];
                ByteBuffer bytes = tensor.asByteBuffer();
                bytes.get(start, data);
                yield Tensor.transfer(tensor.type(), data, shape);
            }
            case BOOL -> {
                boolean[] data = new boolean[size];
                for (int i = 0; i < size; i++) {
                    data[i] = tensor.booleanAt(start + i);
                }
                yield Tensor.transfer(data, shape);
            }
            case BYTES -> {
                String[] data = new String[size];
                for (int i = 0; i < size; i++) {
                    data[i] = tensor.stringAt(start + i);
                }
                yield Tensor.transfer(data, shape);
            }
        };
    }

    /** Asserts the same names, types and shapes, equal text, and numbers within the tolerance of each other. */
    public static void assertClose(Tensors actual, Tensors expected, double tolerance) {
        assertThat(actual.names()).containsExactlyInAnyOrderElementsOf(expected.names());
        for (String name : expected.names()) {
            assertClose(actual.get(name), expected.get(name), tolerance);
        }
    }

    /** Asserts the same type and shape, equal text, and numbers within the tolerance of each other. */
    public static void assertClose(Tensor actual, Tensor expected, double tolerance) {
        assertThat(actual.type()).isEqualTo(expected.type());
        assertThat(actual.shape()).isEqualTo(expected.shape());
        if (actual.type() == DataType.BYTES || tolerance == 0) {
            assertThat(actual).isEqualTo(expected);
            return;
        }
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.doubleAt(i)).as("element %d", i).isCloseTo(expected.doubleAt(i), within(tolerance));
        }
    }
}
