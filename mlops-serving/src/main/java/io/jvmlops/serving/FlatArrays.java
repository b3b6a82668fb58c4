package io.jvmlops.serving;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelFailureException;
import io.jvmlops.api.model.InferenceModel;
import java.lang.reflect.Array;
import java.util.List;
import java.util.Objects;

/** Rows of numbers one after the other, in a {@code float[]} or {@code double[]} of the caller's, for a model's one input. */
final class FlatArrays {
    private final TensorSpec input;
    private final int width;
    private final Class<?> type;

    private FlatArrays(TensorSpec input, int width, Class<?> type) {
        this.input = input;
        this.width = width;
        this.type = type;
    }

    static boolean is(Class<?> type) {
        return type == float[].class || type == double[].class;
    }

    /** @throws InvalidInputException if the model takes something else than rows of as many numbers */
    static FlatArrays of(Class<?> type, InferenceModel model) {
        List<TensorSpec> inputs = model.signature().inputs();
        TensorSpec only = inputs.size() == 1 ? inputs.get(0) : null;
        if (only == null
                || only.type() != DataType.FP32 && only.type() != DataType.FP64
                || only.shape().rank() == 0
                || only.width() < 1
                || only.width() > Integer.MAX_VALUE) {
            throw new InvalidInputException("input as " + type.getSimpleName()
                    + " needs one input of type FP32 or FP64 with rows of a known width, the model has " + inputs
                    + "; use a record or Tensors");
        }
        return new FlatArrays(only, (int) only.width(), type);
    }

    /** @throws InvalidInputException if the array's length is no multiple of the width */
    int rows(Object array) {
        int length = Array.getLength(Objects.requireNonNull(array, "an array to predict is null"));
        if (length % width != 0) {
            throw new InvalidInputException(type.getSimpleName() + " of " + length + " elements: input " + input
                    + " takes rows of " + width + ", expected a multiple of that");
        }
        return length / width;
    }

    /** A copy, since a cache, a listener or a decorator may keep it. */
    Tensors tensors(Object array) {
        return tensors(List.of(array), rows(array));
    }

    /** @param rows the sum of {@link #rows} of the arrays */
    Tensors tensors(List<?> arrays, int rows) {
        long size = (long) rows * width;
        if (size > Integer.MAX_VALUE - 8) {
            throw new InvalidInputException("input " + input + ": " + rows + " rows have " + size
                    + " elements, more than fit in a tensor; send fewer at a time");
        }
        boolean narrow = input.type() == DataType.FP32;
        float[] floats = new float[narrow ? (int) size : 0];
        double[] doubles = new double[narrow ? 0 : (int) size];
        int at = 0;
        for (Object array : arrays) {
            if (array instanceof float[] from) {
                if (narrow) {
                    System.arraycopy(from, 0, floats, at, from.length);
                } else {
                    for (int i = 0; i < from.length; i++) {
                        doubles[at + i] = from[i];
                    }
                }
                at += from.length;
            } else if (array instanceof double[] from) {
                if (narrow) {
                    narrow(from, floats, at);
                } else {
                    System.arraycopy(from, 0, doubles, at, from.length);
                }
                at += from.length;
            }
        }
        long[] shape = input.shape().dims();
        // What is known of the leading axis is the model's to check.
        shape[0] = rows;
        return Tensors.of(input.name(), narrow ? Tensor.transfer(floats, shape) : Tensor.transfer(doubles, shape));
    }

    private void narrow(double[] from, float[] to, int at) {
        for (int i = 0; i < from.length; i++) {
            float value = (float) from[i];
            if (Float.isInfinite(value) && !Double.isInfinite(from[i])) {
                throw new InvalidInputException("element " + (at + i) % width + " of row " + (at + i) / width
                        + " is beyond what the FP32 of input " + input + " can hold");
            }
            to[at + i] = value;
        }
    }

    /**
     * Elements of a floating tensor as an array of the type, copied.
     *
     * @throws ModelFailureException if one is beyond what the type can hold
     */
    static Object read(Class<?> type, Tensor tensor, int from, int length) {
        if (type == float[].class) {
            float[] floats = new float[length];
            if (tensor.type() == DataType.FP32) {
                tensor.asFloatBuffer().get(from, floats);
            } else {
                for (int i = 0; i < length; i++) {
                    double value = tensor.doubleAt(from + i);
                    floats[i] = (float) value;
                    if (Float.isInfinite(floats[i]) && !Double.isInfinite(value)) {
                        throw new ModelFailureException("the model answered with a number at position " + (from + i)
                                + " that is beyond what a float can hold; ask for double[]");
                    }
                }
            }
            return floats;
        }
        double[] doubles = new double[length];
        if (tensor.type() == DataType.FP64) {
            tensor.asDoubleBuffer().get(from, doubles);
        } else {
            for (int i = 0; i < length; i++) {
                doubles[i] = tensor.doubleAt(from + i);
            }
        }
        return doubles;
    }
}
