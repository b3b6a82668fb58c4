package io.jvmlops.tracking.internal.series;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/** Bytes being written, little-endian; closed by a checksum over all of them. */
final class ByteSink {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes;
    private int size;

    ByteSink(int capacity) {
        bytes = new byte[Math.max(16, capacity)];
    }

    int size() {
        return size;
    }

    /** Takes back what was written after the first {@code length} bytes. */
    void truncate(int length) {
        size = length;
    }

    void putByte(int value) {
        reserve(1);
        bytes[size++] = (byte) value;
    }

    void putLong(long value) {
        reserve(Long.BYTES);
        LONG.set(bytes, size, value);
        size += Long.BYTES;
    }

    /** The lowest {@code count} bytes of a word. */
    void putLow(long value, int count) {
        reserve(Long.BYTES);
        LONG.set(bytes, size, value);
        size += count;
    }

    /** Seven bits per byte, the lowest first; as an unsigned number. */
    void putVarint(long value) {
        reserve(10);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    /** As {@link #putVarint}, small for small negative numbers too. */
    void putZigzag(long value) {
        putVarint((value << 1) ^ (value >> 63));
    }

    void putAll(ByteSink other) {
        reserve(other.size);
        System.arraycopy(other.bytes, 0, bytes, size, other.size);
        size += other.size;
    }

    /** All bytes and their checksum. */
    byte[] sealed() {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, size);
        byte[] sealed = Arrays.copyOf(bytes, size + Integer.BYTES);
        INT.set(sealed, size, (int) crc.getValue());
        return sealed;
    }

    private void reserve(int more) {
        if (more > bytes.length - size) {
            bytes = Arrays.copyOf(bytes, (int) Math.max(size + (long) more, Math.min(1L << 30, 2L * bytes.length)));
        }
    }
}
