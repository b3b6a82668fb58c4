package io.jvmlops.serving.cache;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Tensors as bytes, for the second level. Big-endian: a version byte, the number of tensors, then for each its name, its
 * type's name, rank, extents and elements; strings as a length and UTF-16, since not every string has its own UTF-8.
 */
final class StoreCodec {
    private static final int VERSION = 3;
    private static final DataType[] TYPES = DataType.values();

    private StoreCodec() {}

    /** All that the answer depends on, and nothing of this process. */
    static byte[] encode(CacheKey key) {
        byte[] header = key.scope().header();
        byte[] bytes = key.bytes();
        ByteBuffer all = ByteBuffer.allocate(1 + Integer.BYTES + header.length + bytes.length);
        return all.put((byte) VERSION)
                .putInt(header.length)
                .put(header)
                .put(bytes)
                .array();
    }

    /** A value that holds the key it belongs to, so that a store that answers for another key is found out. */
    static byte[] encode(byte[] key, Tensors outputs) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(key.length);
            out.write(key);
            write(out, outputs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** @throws IOException if the value is of another key, or no value of ours */
    static Tensors decode(byte[] key, byte[] value) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(value))) {
            int length = in.readInt();
            if (length != key.length || !Arrays.equals(in.readNBytes(length), key)) {
                throw new IOException("the value is of another key");
            }
            Tensors outputs = read(in);
            if (in.read() != -1) {
                throw new IOException("the value has bytes left over");
            }
            return outputs;
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new IOException("the value is malformed", e);
        }
    }

    private static void write(DataOutputStream out, Tensors tensors) throws IOException {
        out.writeByte(VERSION);
        out.writeInt(tensors.size());
        for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = tensors.at(i);
            string(out, tensors.nameAt(i));
            string(out, tensor.type().name());
            out.writeByte(tensor.shape().rank());
            for (int axis = 0; axis < tensor.shape().rank(); axis++) {
                out.writeLong(tensor.shape().dim(axis));
            }
            elements(out, tensor);
        }
    }

    private static void elements(DataOutputStream out, Tensor tensor) throws IOException {
        int size = tensor.size();
        for (int i = 0; i < size; i++) {
            switch (tensor.type()) {
                case FP32 -> out.writeFloat((float) tensor.doubleAt(i));
                case FP64 -> out.writeDouble(tensor.doubleAt(i));
                case INT64 -> out.writeLong(tensor.longAt(i));
                case INT32 -> out.writeInt((int) tensor.longAt(i));
                case INT16 -> out.writeShort((int) tensor.longAt(i));
                case INT8, UINT8, BOOL -> out.writeByte((int) tensor.longAt(i));
                case FP16, BF16 -> out.writeShort(tensor.asShortBuffer().get(i));
                case BYTES -> string(out, tensor.stringAt(i));
            }
        }
    }

    private static Tensors read(DataInputStream in) throws IOException {
        if (in.readByte() != VERSION) {
            throw new IOException("the value is of another version");
        }
        Tensors.Builder tensors = Tensors.builder();
        int count = in.readInt();
        for (int t = 0; t < count; t++) {
            String name = string(in);
            String typeName = string(in);
            DataType type = Arrays.stream(TYPES)
                    .filter(candidate -> candidate.name().equals(typeName))
                    .findFirst()
                    .orElseThrow(() -> new IOException("the value has an unknown type"));
            long[] dims = new long[in.readUnsignedByte()];
            long size = 1;
            for (int axis = 0; axis < dims.length; axis++) {
                dims[axis] = in.readLong();
                size = Math.multiplyExact(size, dims[axis]);
            }
            // Every element takes at least one byte, but strings, which take four: no allocation beyond what is there.
            if (size < 0 || size * Math.max(1, type.bytes()) > in.available()) {
                throw new IOException("the value is truncated");
            }
            tensors.put(name, elements(in, type, (int) size, dims));
        }
        return tensors.build();
    }

    private static Tensor elements(DataInputStream in, DataType type, int size, long[] dims) throws IOException {
        switch (type) {
            case FP32 -> {
                float[] values = new float[size];
                for (int i = 0; i < size; i++) {
                    values[i] = in.readFloat();
                }
                return Tensor.transfer(values, dims);
            }
            case FP64 -> {
                double[] values = new double[size];
                for (int i = 0; i < size; i++) {
                    values[i] = in.readDouble();
                }
                return Tensor.transfer(values, dims);
            }
            case INT64 -> {
                long[] values = new long[size];
                for (int i = 0; i < size; i++) {
                    values[i] = in.readLong();
                }
                return Tensor.transfer(values, dims);
            }
            case INT32 -> {
                int[] values = new int[size];
                for (int i = 0; i < size; i++) {
                    values[i] = in.readInt();
                }
                return Tensor.transfer(values, dims);
            }
            case INT16, FP16, BF16 -> {
                short[] values = new short[size];
                for (int i = 0; i < size; i++) {
                    values[i] = in.readShort();
                }
                return Tensor.transfer(type, values, dims);
            }
            case INT8, UINT8 -> {
                byte[] values = new byte[size];
                in.readFully(values);
                return Tensor.transfer(type, values, dims);
            }
            case BOOL -> {
                boolean[] values = new boolean[size];
                for (int i = 0; i < size; i++) {
                    values[i] = in.readBoolean();
                }
                return Tensor.transfer(values, dims);
            }
            case BYTES -> {
                String[] values = new String[size];
                for (int i = 0; i < size; i++) {
                    values[i] = string(in);
                }
                return Tensor.transfer(values, dims);
            }
        }
        throw new IllegalStateException("type " + type);
    }

    private static void string(DataOutputStream out, String text) throws IOException {
        out.writeInt(text.length());
        out.writeChars(text);
    }

    private static String string(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available() / 2) {
            throw new IOException("the value is truncated");
        }
        char[] chars = new char[length];
        for (int i = 0; i < length; i++) {
            chars[i] = in.readChar();
        }
        return new String(chars);
    }
}
