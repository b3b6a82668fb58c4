package io.jvmlops.serving.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.error.InvalidInputException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Element types and arrays, ours to ONNX Runtime's and back. Direct buffers have the machine's byte order throughout. */
final class OnnxTypes {
    private OnnxTypes() {}

    static @Nullable DataType dataType(OnnxJavaType type) {
        return switch (type) {
            case FLOAT -> DataType.FP32;
            case DOUBLE -> DataType.FP64;
            case INT8 -> DataType.INT8;
            case INT16 -> DataType.INT16;
            case INT32 -> DataType.INT32;
            case INT64 -> DataType.INT64;
            case BOOL -> DataType.BOOL;
            case STRING -> DataType.BYTES;
            case UINT8 -> DataType.UINT8;
            case FLOAT16 -> DataType.FP16;
            case BFLOAT16 -> DataType.BF16;
            case UNKNOWN -> null;
        };
    }

    /** A native tensor over the start of a direct buffer, which has room for it. Not for strings. */
    static OnnxTensor over(OrtEnvironment environment, DataType type, ByteBuffer buffer, long[] shape, int elements)
            throws OrtException {
        ByteBuffer bytes = buffer.duplicate().order(buffer.order());
        bytes.clear().limit(elements * type.bytes());
        return switch (type) {
            case FP32 -> OnnxTensor.createTensor(environment, bytes.asFloatBuffer(), shape);
            case FP64 -> OnnxTensor.createTensor(environment, bytes.asDoubleBuffer(), shape);
            case INT64 -> OnnxTensor.createTensor(environment, bytes.asLongBuffer(), shape);
            case INT32 -> OnnxTensor.createTensor(environment, bytes.asIntBuffer(), shape);
            case INT16 -> OnnxTensor.createTensor(environment, bytes.asShortBuffer(), shape, OnnxJavaType.INT16);
            case FP16 -> OnnxTensor.createTensor(environment, bytes.asShortBuffer(), shape, OnnxJavaType.FLOAT16);
            case BF16 -> OnnxTensor.createTensor(environment, bytes.asShortBuffer(), shape, OnnxJavaType.BFLOAT16);
            case INT8 -> OnnxTensor.createTensor(environment, bytes, shape, OnnxJavaType.INT8);
            case UINT8 -> OnnxTensor.createTensor(environment, bytes, shape, OnnxJavaType.UINT8);
            case BOOL -> OnnxTensor.createTensor(environment, bytes, shape, OnnxJavaType.BOOL);
            case BYTES -> throw new IllegalStateException("strings are not kept in buffers");
        };
    }

    /**
     * A native tensor of strings. What is checked is a copy: the array itself may still be in the hands of a caller who should
     * have left it alone, and native code crashes on a null.
     *
     * @throws InvalidInputException if it cannot be handed on as it is; the message begins with the element
     */
    static OnnxTensor ofStrings(OrtEnvironment environment, String name, Tensor tensor) throws OrtException {
        String[] strings = new String[tensor.size()];
        for (int i = 0; i < strings.length; i++) {
            String text = tensor.stringAt(i);
            requireCarried(name, i, text);
            strings[i] = text;
        }
        return OnnxTensor.createTensor(environment, strings, tensor.shape().dims());
    }

    /** The runtime's Java interface hands strings on in Java's own UTF-8, where these have other bytes than the model's. */
    private static void requireCarried(String name, int element, @Nullable String text) {
        if (text == null) {
            throw new InvalidInputException(
                    "element " + element + " of tensor '" + name + "' is null: its array was changed"
                            + " after Tensor.transfer had taken it over; expected a string: leave the array alone, or use"
                            + " Tensor.copyOf");
        }
        for (int c = 0; c < text.length(); c++) {
            if (text.charAt(c) == 0 || Character.isSurrogate(text.charAt(c))) {
                throw new InvalidInputException("element " + element + " of tensor '" + name + "' has a character at"
                        + " position " + c + " that is zero or beyond U+FFFF, which ONNX Runtime would see altered;"
                        + " expected U+0001 to U+FFFF: replace it, here and in training");
            }
        }
    }

    /** Copies the elements of a tensor to the start of a direct buffer. */
    static void write(Tensor tensor, ByteBuffer buffer) {
        switch (tensor.type()) {
            case FP32 -> buffer.asFloatBuffer().put(tensor.asFloatBuffer());
            case FP64 -> buffer.asDoubleBuffer().put(tensor.asDoubleBuffer());
            case INT64 -> buffer.asLongBuffer().put(tensor.asLongBuffer());
            case INT32 -> buffer.asIntBuffer().put(tensor.asIntBuffer());
            case INT16, FP16, BF16 -> buffer.asShortBuffer().put(tensor.asShortBuffer());
            case INT8, UINT8 -> buffer.put(0, tensor.asByteBuffer(), 0, tensor.size());
            case BOOL -> {
                for (int i = 0; i < tensor.size(); i++) {
                    buffer.put(i, (byte) (tensor.booleanAt(i) ? 1 : 0));
                }
            }
            case BYTES -> throw new IllegalStateException("strings are not kept in buffers");
        }
    }

    /** Copies elements out of the start of a direct buffer. */
    static Tensor read(DataType type, ByteBuffer buffer, Shape shape) {
        int elements = Math.toIntExact(shape.elements());
        return Tensor.transfer(type, array(type, buffer, elements), shape);
    }

    private static Object array(DataType type, ByteBuffer buffer, int elements) {
        switch (type) {
            case FP32 -> {
                float[] values = new float[elements];
                buffer.asFloatBuffer().get(values);
                return values;
            }
            case FP64 -> {
                double[] values = new double[elements];
                buffer.asDoubleBuffer().get(values);
                return values;
            }
            case INT64 -> {
                long[] values = new long[elements];
                buffer.asLongBuffer().get(values);
                return values;
            }
            case INT32 -> {
                int[] values = new int[elements];
                buffer.asIntBuffer().get(values);
                return values;
            }
            case INT16, FP16, BF16 -> {
                short[] values = new short[elements];
                buffer.asShortBuffer().get(values);
                return values;
            }
            case INT8, UINT8 -> {
                byte[] values = new byte[elements];
                buffer.get(0, values);
                return values;
            }
            case BOOL -> {
                boolean[] values = new boolean[elements];
                for (int i = 0; i < elements; i++) {
                    values[i] = buffer.get(i) != 0;
                }
                return values;
            }
            default -> throw new IllegalStateException("elements of " + type + " are not kept in buffers");
        }
    }

    /** The elements of a native tensor, copied. */
    static Tensor copy(OnnxTensor tensor) throws OrtException {
        long[] shape = tensor.getInfo().getShape();
        DataType type = dataType(tensor.getInfo().type);
        if (type == null) {
            throw new OrtException("an output of type " + tensor.getInfo().onnxType + " cannot be carried to Java");
        }
        return type == DataType.BYTES
                ? Tensor.transfer(strings(tensor, shape), shape)
                // The raw bytes in the machine's order, whatever the type.
                : read(type, tensor.getByteBuffer(), Shape.of(shape));
    }

    private static int count(OnnxTensor tensor) {
        return Math.toIntExact(tensor.getInfo().getNumElements());
    }

    private static String[] strings(OnnxTensor tensor, long[] shape) throws OrtException {
        Object value = tensor.getValue();
        if (shape.length == 0) {
            return new String[] {(String) value};
        }
        String[] flat = new String[count(tensor)];
        flatten(value, flat, 0);
        return flat;
    }

    private static int flatten(Object nested, String[] into, int position) {
        int next = position;
        if (nested instanceof Object[] array) {
            for (Object element : array) {
                next = flatten(element, into, next);
            }
        } else {
            into[next++] = (String) nested;
        }
        return next;
    }
}
