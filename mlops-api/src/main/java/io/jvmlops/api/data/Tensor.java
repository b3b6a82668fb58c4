package io.jvmlops.api.data;

import java.lang.reflect.Array;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A typed, shaped array in row-major order. Immutable once made, and safe to share between threads: caches, listeners
 * and native code rely on it.
 *
 * <p>Who owns the array is decided by the factory: {@code copyOf} copies it, {@code transfer} takes it over, and the
 * caller must not touch it again. No dimensions at all make a scalar of one element.
 *
 * <p>Equality is of type, shape and elements; all NaN are equal and {@code -0.0} differs from {@code 0.0}, as in
 * {@link Arrays#equals(double[], double[])}. {@link #toString()} shows type and shape, never elements.
 */
public final class Tensor {
    private final DataType type;
    private final Shape shape;
    private final Object data;
    private final int size;

    private Tensor(DataType type, Object data, int length, Shape shape) {
        if (!shape.isStatic()) {
            throw new IllegalArgumentException("shape " + shape + " of a tensor: expected no dynamic axis");
        }
        long elements;
        try {
            elements = shape.elements();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("shape " + shape + ": its number of elements overflows", e);
        }
        if (elements != length) {
            throw new IllegalArgumentException(
                    "shape " + shape + " has " + elements + " elements, but the array has " + length);
        }
        this.type = type;
        this.shape = shape;
        this.data = data;
        this.size = length;
    }

    /** Copies the array into a tensor of type {@code FP32}. */
    public static Tensor copyOf(float[] data, long... shape) {
        return transfer(data.clone(), shape);
    }

    /** Takes the array over as a tensor of type {@code FP32}; the caller leaves it alone from now on. */
    public static Tensor transfer(float[] data, long... shape) {
        return new Tensor(DataType.FP32, data, data.length, Shape.of(shape));
    }

    /** Copies the array into a tensor of type {@code FP64}. */
    public static Tensor copyOf(double[] data, long... shape) {
        return transfer(data.clone(), shape);
    }

    /** Takes the array over as a tensor of type {@code FP64}; the caller leaves it alone from now on. */
    public static Tensor transfer(double[] data, long... shape) {
        return new Tensor(DataType.FP64, data, data.length, Shape.of(shape));
    }

    /** Copies the array into a tensor of type {@code INT64}. */
    public static Tensor copyOf(long[] data, long... shape) {
        return transfer(data.clone(), shape);
    }

    /** Takes the array over as a tensor of type {@code INT64}; the caller leaves it alone from now on. */
    public static Tensor transfer(long[] data, long... shape) {
        return new Tensor(DataType.INT64, data, data.length, Shape.of(shape));
    }

    /** Copies the array into a tensor of type {@code INT32}. */
    public static Tensor copyOf(int[] data, long... shape) {
        return transfer(data.clone(), shape);
    }

    /** Takes the array over as a tensor of type {@code INT32}; the caller leaves it alone from now on. */
    public static Tensor transfer(int[] data, long... shape) {
        return new Tensor(DataType.INT32, data, data.length, Shape.of(shape));
    }

    /** Copies the array into a tensor of type {@code BOOL}. */
    public static Tensor copyOf(boolean[] data, long... shape) {
        return transfer(data.clone(), shape);
    }

    /** Takes the array over as a tensor of type {@code BOOL}; the caller leaves it alone from now on. */
    public static Tensor transfer(boolean[] data, long... shape) {
        return new Tensor(DataType.BOOL, data, data.length, Shape.of(shape));
    }

    /**
     * Copies the strings into a tensor of type {@code BYTES}.
     *
     * @throws NullPointerException if an element is null
     */
    public static Tensor copyOf(String[] data, long... shape) {
        return transfer(data.clone(), shape);
    }

    /**
     * Takes the array over as a tensor of type {@code BYTES}; the caller leaves it alone from now on.
     *
     * @throws NullPointerException if an element is null: native runtimes crash on one
     */
    public static Tensor transfer(String[] data, long... shape) {
        requireElements(data);
        return new Tensor(DataType.BYTES, data, data.length, Shape.of(shape));
    }

    /**
     * Takes the bytes over as a tensor of type {@code INT8} or {@code UINT8}; the caller leaves them alone from now on.
     *
     * @throws IllegalArgumentException if the type is another
     */
    public static Tensor transfer(DataType type, byte[] data, long... shape) {
        if (type != DataType.INT8 && type != DataType.UINT8) {
            throw new IllegalArgumentException("type " + type + " of a byte array: expected INT8 or UINT8");
        }
        return new Tensor(type, data, data.length, Shape.of(shape));
    }

    /**
     * Takes the shorts over as a tensor of type {@code INT16}, or as the raw bits of {@code FP16} or {@code BF16}; the
     * caller leaves them alone from now on.
     *
     * @throws IllegalArgumentException if the type is another
     */
    public static Tensor transfer(DataType type, short[] data, long... shape) {
        if (type != DataType.INT16 && type != DataType.FP16 && type != DataType.BF16) {
            throw new IllegalArgumentException("type " + type + " of a short array: expected INT16, FP16 or BF16");
        }
        return new Tensor(type, data, data.length, Shape.of(shape));
    }

    /**
     * Takes over an array of whichever class carries the type ({@code float[]} for FP32, {@code short[]} for FP16, {@code
     * String[]} for BYTES, and so on); the caller leaves it alone from now on. For code that works on any type.
     *
     * @throws IllegalArgumentException if the array is of another class
     */
    public static Tensor transfer(DataType type, Object array, Shape shape) {
        int length;
        switch (type) {
            case FP32 -> length = carrier(float[].class, type, array).length;
            case FP64 -> length = carrier(double[].class, type, array).length;
            case INT64 -> length = carrier(long[].class, type, array).length;
            case INT32 -> length = carrier(int[].class, type, array).length;
            case INT16, FP16, BF16 -> length = carrier(short[].class, type, array).length;
            case INT8, UINT8 -> length = carrier(byte[].class, type, array).length;
            case BOOL -> length = carrier(boolean[].class, type, array).length;
            case BYTES -> {
                String[] strings = carrier(String[].class, type, array);
                requireElements(strings);
                length = strings.length;
            }
            default -> throw new IllegalArgumentException("type " + type);
        }
        return new Tensor(type, array, length, shape);
    }

    private static <A> A carrier(Class<A> expected, DataType type, Object array) {
        if (!expected.isInstance(array)) {
            throw new IllegalArgumentException("elements of " + type + " in a "
                    + array.getClass().getSimpleName() + ", expected a " + expected.getSimpleName());
        }
        return expected.cast(array);
    }

    private static void requireElements(String[] data) {
        for (int i = 0; i < data.length; i++) {
            if (data[i] == null) {
                throw new NullPointerException("element " + i + " of a string tensor is null");
            }
        }
    }

    public DataType type() {
        return type;
    }

    public Shape shape() {
        return shape;
    }

    /** The number of elements, over all axes. */
    public int size() {
        return size;
    }

    /** The extent of the leading axis, which is the batch; 1 for a scalar. */
    public int rows() {
        return shape.rank() == 0 ? 1 : Math.toIntExact(shape.dim(0));
    }

    /** Elements in one row: {@link #size()} over {@link #rows()}, or 0 where there are no rows. */
    public int rowSize() {
        int rows = rows();
        return rows == 0 ? 0 : size / rows;
    }

    /**
     * The element at a row-major position, widened to {@code double}; booleans are 0 and 1. An {@code INT64} beyond
     * 2^53 is rounded.
     *
     * @throws IllegalStateException if the type is {@code BYTES}
     */
    public double doubleAt(int index) {
        return switch (type) {
            case FP32 -> ((float[]) data)[index];
            case FP64 -> ((double[]) data)[index];
            case INT64 -> ((long[]) data)[index];
            case INT32 -> ((int[]) data)[index];
            case INT16 -> ((short[]) data)[index];
            case INT8 -> ((byte[]) data)[index];
            case UINT8 -> Byte.toUnsignedInt(((byte[]) data)[index]);
            case BOOL -> ((boolean[]) data)[index] ? 1 : 0;
            case FP16 -> HalfFloats.fromFp16(((short[]) data)[index]);
            case BF16 -> HalfFloats.fromBf16(((short[]) data)[index]);
            case BYTES -> throw wrongType("numbers");
        };
    }

    /**
     * The element at a row-major position as an integer; booleans are 0 and 1.
     *
     * @throws IllegalStateException if the type is a floating one or {@code BYTES}
     */
    public long longAt(int index) {
        return switch (type) {
            case INT64 -> ((long[]) data)[index];
            case INT32 -> ((int[]) data)[index];
            case INT16 -> ((short[]) data)[index];
            case INT8 -> ((byte[]) data)[index];
            case UINT8 -> Byte.toUnsignedInt(((byte[]) data)[index]);
            case BOOL -> ((boolean[]) data)[index] ? 1 : 0;
            default -> throw wrongType("integers");
        };
    }

    /** @throws IllegalStateException if the type is not {@code BOOL} */
    public boolean booleanAt(int index) {
        if (type != DataType.BOOL) {
            throw wrongType("booleans");
        }
        return ((boolean[]) data)[index];
    }

    /** @throws IllegalStateException if the type is not {@code BYTES} */
    public String stringAt(int index) {
        if (type != DataType.BYTES) {
            throw wrongType("strings");
        }
        return ((String[]) data)[index];
    }

    /**
     * A read-only view of the elements, without copying.
     *
     * @throws IllegalStateException if the type is not FP32
     */
    public FloatBuffer asFloatBuffer() {
        if (type != DataType.FP32) {
            throw wrongType("floats");
        }
        return FloatBuffer.wrap((float[]) data).asReadOnlyBuffer();
    }

    /**
     * A read-only view of the elements, without copying.
     *
     * @throws IllegalStateException if the type is not FP64
     */
    public DoubleBuffer asDoubleBuffer() {
        if (type != DataType.FP64) {
            throw wrongType("doubles");
        }
        return DoubleBuffer.wrap((double[]) data).asReadOnlyBuffer();
    }

    /**
     * A read-only view of the elements, without copying.
     *
     * @throws IllegalStateException if the type is not INT64
     */
    public LongBuffer asLongBuffer() {
        if (type != DataType.INT64) {
            throw wrongType("longs");
        }
        return LongBuffer.wrap((long[]) data).asReadOnlyBuffer();
    }

    /**
     * A read-only view of the elements, without copying.
     *
     * @throws IllegalStateException if the type is not INT32
     */
    public IntBuffer asIntBuffer() {
        if (type != DataType.INT32) {
            throw wrongType("ints");
        }
        return IntBuffer.wrap((int[]) data).asReadOnlyBuffer();
    }

    /**
     * A read-only view of the elements, without copying.
     *
     * @throws IllegalStateException if the type is not INT16, FP16 or BF16
     */
    public ShortBuffer asShortBuffer() {
        if (type != DataType.INT16 && type != DataType.FP16 && type != DataType.BF16) {
            throw wrongType("shorts");
        }
        return ShortBuffer.wrap((short[]) data).asReadOnlyBuffer();
    }

    /**
     * A read-only view of the elements, without copying.
     *
     * @throws IllegalStateException if the type is not INT8 or UINT8
     */
    public ByteBuffer asByteBuffer() {
        if (type != DataType.INT8 && type != DataType.UINT8) {
            throw wrongType("bytes");
        }
        return ByteBuffer.wrap((byte[]) data).asReadOnlyBuffer();
    }

    /**
     * Copies elements in bulk, as they are, without an array between.
     *
     * @param from the row-major position of the first
     * @param target the buffer of the type's carrier: a {@code FloatBuffer} for FP32, {@code DoubleBuffer}, {@code LongBuffer},
     *     {@code IntBuffer}, {@code ShortBuffer} for INT16, FP16 and BF16, {@code ByteBuffer} for INT8, UINT8 and BOOL; its own
     *     position does not count and stays
     * @param at where in the target, in elements
     * @throws IllegalStateException if the type is {@code BYTES}
     * @throws ClassCastException if the buffer is of another kind
     * @throws IndexOutOfBoundsException if there are not so many elements on either side
     */
    public void copyTo(int from, Buffer target, int at, int length) {
        switch (type) {
            case FP32 -> ((FloatBuffer) target).put(at, (float[]) data, from, length);
            case FP64 -> ((DoubleBuffer) target).put(at, (double[]) data, from, length);
            case INT64 -> ((LongBuffer) target).put(at, (long[]) data, from, length);
            case INT32 -> ((IntBuffer) target).put(at, (int[]) data, from, length);
            case INT16, FP16, BF16 -> ((ShortBuffer) target).put(at, (short[]) data, from, length);
            case INT8, UINT8 -> ((ByteBuffer) target).put(at, (byte[]) data, from, length);
            case BOOL -> {
                boolean[] flags = (boolean[]) data;
                ByteBuffer bytes = (ByteBuffer) target;
                Objects.checkFromIndexSize(from, length, flags.length);
                Objects.checkFromIndexSize(at, length, bytes.limit());
                for (int i = 0; i < length; i++) {
                    bytes.put(at + i, (byte) (flags[from + i] ? 1 : 0));
                }
            }
            case BYTES -> throw wrongType("numbers");
        }
    }

    /**
     * Some of the rows, copied, in the order given; a row may be taken twice.
     *
     * @param rows positions along the leading axis
     * @throws IllegalStateException if this is a scalar
     * @throws IndexOutOfBoundsException if there is no such row
     */
    public Tensor select(int... rows) {
        if (shape.rank() == 0) {
            throw new IllegalStateException("tensor " + this + " is a scalar: it has no rows");
        }
        int all = rows();
        int width = rowSize();
        Object selected = Array.newInstance(data.getClass().getComponentType(), Math.multiplyExact(rows.length, width));
        for (int i = 0; i < rows.length; i++) {
            Objects.checkIndex(rows[i], all);
            System.arraycopy(data, rows[i] * width, selected, i * width, width);
        }
        return new Tensor(type, selected, rows.length * width, withRows(shape, rows.length));
    }

    /**
     * The rows of all, one after the other, copied.
     *
     * @throws IllegalArgumentException if there are none, or they differ in type or in any extent but the leading one, or are
     *     scalars
     */
    public static Tensor concat(List<Tensor> tensors) {
        if (tensors.isEmpty()) {
            throw new IllegalArgumentException("no tensors to put together");
        }
        Tensor first = tensors.get(0);
        long rows = 0;
        long size = 0;
        for (Tensor tensor : tensors) {
            if (!tensor.sameRows(first)) {
                throw new IllegalArgumentException("tensors " + first + " and " + tensor
                        + " cannot be put together: expected the same type and rows of the same shape");
            }
            rows += tensor.rows();
            size += tensor.size;
        }
        if (size > Integer.MAX_VALUE - 8 || rows > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(tensors.size() + " tensors like " + first + " have " + size
                    + " elements together, more than fit in one");
        }
        Object all = Array.newInstance(first.data.getClass().getComponentType(), (int) size);
        int at = 0;
        for (Tensor tensor : tensors) {
            System.arraycopy(tensor.data, 0, all, at, tensor.size);
            at += tensor.size;
        }
        return new Tensor(first.type, all, at, withRows(first.shape, rows));
    }

    private boolean sameRows(Tensor other) {
        if (type != other.type || shape.rank() == 0 || shape.rank() != other.shape.rank()) {
            return false;
        }
        for (int axis = 1; axis < shape.rank(); axis++) {
            if (shape.dim(axis) != other.shape.dim(axis)) {
                return false;
            }
        }
        return true;
    }

    private static Shape withRows(Shape shape, long rows) {
        if (shape.dim(0) == rows) {
            return shape;
        }
        long[] dims = shape.dims();
        dims[0] = rows;
        return Shape.of(dims);
    }

    /**
     * The elements, copied.
     *
     * @throws IllegalStateException if the type is not FP32
     */
    public float[] toFloatArray() {
        if (type != DataType.FP32) {
            throw wrongType("floats");
        }
        return ((float[]) data).clone();
    }

    /** The elements as {@code double}s, copied; see {@link #doubleAt}. */
    public double[] toDoubleArray() {
        double[] values = new double[size];
        if (type == DataType.FP32) {
            float[] floats = (float[]) data;
            for (int i = 0; i < size; i++) {
                values[i] = floats[i];
            }
        } else if (type == DataType.FP64) {
            System.arraycopy(data, 0, values, 0, size);
        } else {
            for (int i = 0; i < size; i++) {
                values[i] = doubleAt(i);
            }
        }
        return values;
    }

    private IllegalStateException wrongType(String asked) {
        return new IllegalStateException("tensor " + this + " asked for " + asked);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof Tensor that) || type != that.type || !shape.equals(that.shape)) {
            return false;
        }
        return switch (type) {
            case FP32 -> Arrays.equals((float[]) data, (float[]) that.data);
            case FP64 -> Arrays.equals((double[]) data, (double[]) that.data);
            case INT64 -> Arrays.equals((long[]) data, (long[]) that.data);
            case INT32 -> Arrays.equals((int[]) data, (int[]) that.data);
            case INT16, FP16, BF16 -> Arrays.equals((short[]) data, (short[]) that.data);
            case INT8, UINT8 -> Arrays.equals((byte[]) data, (byte[]) that.data);
            case BOOL -> Arrays.equals((boolean[]) data, (boolean[]) that.data);
            case BYTES -> Arrays.equals((String[]) data, (String[]) that.data);
        };
    }

    /** Consistent with {@link #equals}, but weak on small integers; a cache should mix its own. */
    @Override
    public int hashCode() {
        int elements = switch (type) {
            case FP32 -> Arrays.hashCode((float[]) data);
            case FP64 -> Arrays.hashCode((double[]) data);
            case INT64 -> Arrays.hashCode((long[]) data);
            case INT32 -> Arrays.hashCode((int[]) data);
            case INT16, FP16, BF16 -> Arrays.hashCode((short[]) data);
            case INT8, UINT8 -> Arrays.hashCode((byte[]) data);
            case BOOL -> Arrays.hashCode((boolean[]) data);
            case BYTES -> Arrays.hashCode((String[]) data);
        };
        return 31 * (31 * type.name().hashCode() + shape.hashCode()) + elements;
    }

    /** Like {@code FP32[1, 4]}. */
    @Override
    public String toString() {
        return type + shape.toString();
    }
}
