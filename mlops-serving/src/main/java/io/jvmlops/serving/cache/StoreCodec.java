package io.jvmlops.serving.cache;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Keys and answers as bytes, for the second level. Little-endian throughout, the same in every process and on every machine.
 * Whoever changes what the bytes are or mean changes {@link #VERSION}: keys of another version are other keys.
 *
 * <p>A key:
 *
 * <pre>
 * 1 byte    VERSION
 * 4 bytes   length h of the scope's header
 * h bytes   the header ({@link Layout#header}: the model's digest comes first), the bytes of which mean nothing here
 * the rest  the input's canonical bytes, as {@link Layout#write} lays them out
 * </pre>
 *
 * <p>A value:
 *
 * <pre>
 * 1 byte    VERSION
 * 8 bytes   XXH3 with 64 bits and seed 0 of all that follows
 * 4 bytes   length k of the key
 * k bytes   the key
 * 4 bytes   number of tensors; for each of them:
 *           4 bytes   length n of its name in UTF-16 code units
 *           2n bytes  the name; UTF-16, since not every Java string has a UTF-8 of its own
 *           1 byte    type: 1 BOOL, 2 UINT8, 3 INT8, 4 INT16, 5 INT32, 6 INT64, 7 FP16, 8 BF16, 9 FP32, 10 FP64, 11 BYTES
 *           1 byte    rank r
 *           8r bytes  extents
 *           elements  row-major, as many bytes each as the type has; a BOOL is 0 or 1; BYTES: length and UTF-16 as for names
 * </pre>
 */
final class StoreCodec {
    static final byte VERSION = 4;

    /** Larger keys are not asked for, larger values neither written nor believed. */
    static final int MAX_BYTES = 1 << 20;

    /** Where the part begins that the checksum is of. */
    private static final int BODY = 1 + Long.BYTES;

    private static final Hasher64 CHECKSUM = Hashing.xxh3_64();

    private StoreCodec() {}

    /** The length of {@link #key}. */
    static long keySize(CacheKey key) {
        return 1L + Integer.BYTES + key.scope().header().length + key.bytes().length;
    }

    /** All that the answer depends on, and nothing of this process. */
    static byte[] key(CacheKey key) {
        byte[] header = key.scope().header();
        return ByteBuffer.allocate(Math.toIntExact(keySize(key)))
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(VERSION)
                .putInt(header.length)
                .put(header)
                .put(key.bytes())
                .array();
    }

    /** The length of {@link #value}, reckoned without making it. */
    static long valueSize(long keySize, Tensors outputs) {
        long size = BODY + Integer.BYTES + keySize + Integer.BYTES;
        for (int i = 0; i < outputs.size(); i++) {
            Tensor tensor = outputs.at(i);
            size += textSize(outputs.nameAt(i)) + 2 + (long) tensor.shape().rank() * Long.BYTES;
            if (tensor.type() == DataType.BYTES) {
                for (int e = 0; e < tensor.size(); e++) {
                    size += textSize(tensor.stringAt(e));
                }
            } else {
                size += (long) tensor.size() * tensor.type().bytes();
            }
        }
        return size;
    }

    /** An answer with the key it belongs to, so that a store that gives what it has for another key is found out. */
    static byte[] value(byte[] key, Tensors outputs) {
        byte[] bytes = new byte[Math.toIntExact(valueSize(key.length, outputs))];
        ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        out.put(VERSION).position(BODY);
        out.putInt(key.length).put(key).putInt(outputs.size());
        for (int i = 0; i < outputs.size(); i++) {
            Tensor tensor = outputs.at(i);
            Shape shape = tensor.shape();
            text(out, outputs.nameAt(i));
            out.put(code(tensor.type())).put((byte) shape.rank());
            for (int axis = 0; axis < shape.rank(); axis++) {
                out.putLong(shape.dim(axis));
            }
            elements(out, tensor);
        }
        out.putLong(1, checksum(bytes));
        return bytes;
    }

    /**
     * The answer in a value. Takes no more memory than a few times the value's length, whatever is in it.
     *
     * @throws IOException if the value is not exactly what was written for this key, or no answer of this form
     */
    static Tensors decode(CacheKey key, byte[] value, AnswerForm form) throws IOException {
        if (value.length > MAX_BYTES) {
            throw new IOException("the value has " + value.length + " bytes, more than any that was written");
        }
        if (value.length <= BODY || value[0] != VERSION) {
            throw new IOException("the value is of another version, or none of ours");
        }
        ByteBuffer in = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN);
        if (in.getLong(1) != checksum(value)) {
            throw new IOException("the value's checksum is wrong");
        }
        in.position(BODY);
        try {
            if (in.getInt() != keySize(key) || in.remaining() < keySize(key) || !isAt(in, key)) {
                throw new IOException("the value is of another key");
            }
            Tensors outputs = tensors(in, form);
            if (in.hasRemaining()) {
                throw new IOException("the value has bytes left over");
            }
            return outputs;
        } catch (BufferUnderflowException | IllegalArgumentException | ArithmeticException e) {
            throw new IOException("the value is malformed", e);
        }
    }

    /** Reads a key, and whether it is that one; which is compared itself, since the store had its bytes in its hands. */
    private static boolean isAt(ByteBuffer in, CacheKey key) {
        byte[] header = key.scope().header();
        return in.get() == VERSION && in.getInt() == header.length && isAt(in, header) && isAt(in, key.bytes());
    }

    private static boolean isAt(ByteBuffer in, byte[] bytes) {
        ByteBuffer there = in.slice(in.position(), bytes.length);
        in.position(in.position() + bytes.length);
        return there.equals(ByteBuffer.wrap(bytes));
    }

    private static long checksum(byte[] value) {
        return CHECKSUM.hashBytesToLong(value, BODY, value.length - BODY);
    }

    private static Tensors tensors(ByteBuffer in, AnswerForm form) throws IOException {
        int count = in.getInt();
        if (count != form.count()) {
            throw new IOException("the value has " + count + " tensors, the model " + form.count());
        }
        Tensors.Builder tensors = Tensors.builder();
        for (int i = 0; i < count; i++) {
            TensorSpec spec = form.find(text(in));
            DataType type = type(in.get());
            if (spec == null || spec.type() != type) {
                throw new IOException("the value has a tensor that the model does not give");
            }
            long[] dims = new long[Byte.toUnsignedInt(in.get())];
            long size = 1;
            for (int axis = 0; axis < dims.length; axis++) {
                dims[axis] = in.getLong();
                if (dims[axis] < 0) {
                    throw new IOException("the value has a tensor with a negative extent");
                }
                size = Math.multiplyExact(size, dims[axis]);
            }
            Shape shape = Shape.of(dims);
            if (!form.accepts(spec, shape)) {
                throw new IOException("the value has a tensor of another shape than the model's");
            }
            // Nothing is allocated that cannot be there: a string has at least its length.
            if (size > in.remaining() / (type == DataType.BYTES ? Integer.BYTES : type.bytes())) {
                throw new IOException("the value is truncated");
            }
            tensors.put(spec.name(), Tensor.transfer(type, elements(in, type, (int) size), shape));
        }
        return tensors.build();
    }

    private static void elements(ByteBuffer out, Tensor tensor) {
        int size = tensor.size();
        if (tensor.type() == DataType.BYTES) {
            for (int i = 0; i < size; i++) {
                text(out, tensor.stringAt(i));
            }
            return;
        }
        switch (tensor.type()) {
            case FP32 -> tensor.copyTo(0, out.asFloatBuffer(), 0, size);
            case FP64 -> tensor.copyTo(0, out.asDoubleBuffer(), 0, size);
            case INT64 -> tensor.copyTo(0, out.asLongBuffer(), 0, size);
            case INT32 -> tensor.copyTo(0, out.asIntBuffer(), 0, size);
            case INT16, FP16, BF16 -> tensor.copyTo(0, out.asShortBuffer(), 0, size);
            default -> tensor.copyTo(0, out, out.position(), size);
        }
        out.position(out.position() + size * tensor.type().bytes());
    }

    private static Object elements(ByteBuffer in, DataType type, int size) throws IOException {
        Object array;
        switch (type) {
            case FP32 -> {
                float[] values = new float[size];
                in.asFloatBuffer().get(values);
                array = values;
            }
            case FP64 -> {
                double[] values = new double[size];
                in.asDoubleBuffer().get(values);
                array = values;
            }
            case INT64 -> {
                long[] values = new long[size];
                in.asLongBuffer().get(values);
                array = values;
            }
            case INT32 -> {
                int[] values = new int[size];
                in.asIntBuffer().get(values);
                array = values;
            }
            case INT16, FP16, BF16 -> {
                short[] values = new short[size];
                in.asShortBuffer().get(values);
                array = values;
            }
            case INT8, UINT8 -> {
                byte[] values = new byte[size];
                in.duplicate().get(values);
                array = values;
            }
            case BOOL -> array = flags(in, size);
            case BYTES -> {
                String[] values = new String[size];
                for (int i = 0; i < size; i++) {
                    values[i] = text(in);
                }
                return values;
            }
            default -> throw new IllegalStateException("type " + type);
        }
        in.position(in.position() + size * type.bytes());
        return array;
    }

    private static boolean[] flags(ByteBuffer in, int size) throws IOException {
        boolean[] values = new boolean[size];
        for (int i = 0; i < size; i++) {
            byte flag = in.get(in.position() + i);
            if (flag != 0 && flag != 1) {
                throw new IOException("the value has a BOOL that is neither 0 nor 1");
            }
            values[i] = flag == 1;
        }
        return values;
    }

    private static long textSize(String text) {
        return Integer.BYTES + 2L * text.length();
    }

    private static void text(ByteBuffer out, String text) {
        out.putInt(text.length());
        out.asCharBuffer().put(text);
        out.position(out.position() + 2 * text.length());
    }

    private static String text(ByteBuffer in) throws IOException {
        int length = in.getInt();
        if (length < 0 || length > in.remaining() / 2) {
            throw new IOException("the value is truncated");
        }
        String text = in.asCharBuffer().limit(length).toString();
        in.position(in.position() + 2 * length);
        return text;
    }

    private static byte code(DataType type) {
        return switch (type) {
            case BOOL -> 1;
            case UINT8 -> 2;
            case INT8 -> 3;
            case INT16 -> 4;
            case INT32 -> 5;
            case INT64 -> 6;
            case FP16 -> 7;
            case BF16 -> 8;
            case FP32 -> 9;
            case FP64 -> 10;
            case BYTES -> 11;
        };
    }

    private static DataType type(byte code) throws IOException {
        return switch (code) {
            case 1 -> DataType.BOOL;
            case 2 -> DataType.UINT8;
            case 3 -> DataType.INT8;
            case 4 -> DataType.INT16;
            case 5 -> DataType.INT32;
            case 6 -> DataType.INT64;
            case 7 -> DataType.FP16;
            case 8 -> DataType.BF16;
            case 9 -> DataType.FP32;
            case 10 -> DataType.FP64;
            case 11 -> DataType.BYTES;
            default -> throw new IOException("the value has a tensor of an unknown type");
        };
    }
}
