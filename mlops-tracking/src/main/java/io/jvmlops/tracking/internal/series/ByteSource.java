package io.jvmlops.tracking.internal.series;

import io.jvmlops.api.error.StorageException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Bytes being read that may be anything: every read is within what is there, or fails. A checksum finds accidents; the
 * rest of the checks are there because a checksum proves nothing about bytes that somebody made.
 */
final class ByteSource {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final String what;
    private final byte[] bytes;
    private final int end;
    private int at;

    private ByteSource(String what, byte[] bytes, int end) {
        this.what = what;
        this.bytes = bytes;
        this.end = end;
    }

    /**
     * Checks the checksum and the first byte.
     *
     * @param what for messages: {@code "chunk of a series"}
     */
    static ByteSource open(String what, int format, byte[] sealed) {
        int end = sealed.length - Integer.BYTES;
        if (end < 1) {
            throw new StorageException(
                    what + ": found " + sealed.length + " bytes, expected a header and a checksum; the data is cut off",
                    null);
        }
        if (sealed[0] != (byte) format) {
            throw new StorageException(
                    String.format(
                            "%s: found format 0x%02x, expected 0x%02x; the data is damaged or from a newer version",
                            what, sealed[0] & 0xFF, format),
                    null);
        }
        CRC32C crc = new CRC32C();
        crc.update(sealed, 0, end);
        if ((int) INT.get(sealed, end) != (int) crc.getValue()) {
            throw new StorageException(what + ": the checksum does not fit; the data is damaged", null);
        }
        ByteSource source = new ByteSource(what, sealed, end);
        source.at = 1;
        return source;
    }

    StorageException damaged(String found) {
        return new StorageException(
                what + ": " + found + " near byte " + at + " of " + end + "; the data is damaged", null);
    }

    /** Nothing may be left. */
    void close() {
        if (at != end) {
            throw damaged("bytes left over");
        }
    }

    int takeByte() {
        if (at == end) {
            throw damaged("no more bytes");
        }
        return bytes[at++] & 0xFF;
    }

    long takeVarint() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            long b = takeByte();
            if (shift == 63 && b > 1) {
                break;
            }
            value |= (b & 0x7F) << shift;
            if (b < 0x80) {
                return value;
            }
        }
        throw damaged("a number of more than 64 bits");
    }

    long takeZigzag() {
        long value = takeVarint();
        return (value >>> 1) ^ -(value & 1);
    }

    /** A number from 0 to {@code most}. */
    int takeCount(String name, int most) {
        long count = takeVarint();
        if (count < 0 || count > most) {
            throw damaged(Long.toUnsignedString(count) + " " + name + " where there can be " + most);
        }
        return (int) count;
    }

    /** Passes over bytes and says where they begin; {@link #word} reads them. */
    int skip(int count) {
        if (count > end - at) {
            throw damaged(count + " bytes expected where there are " + (end - at));
        }
        int from = at;
        at += count;
        return from;
    }

    long takeLong() {
        return (long) LONG.get(bytes, skip(Long.BYTES));
    }

    /** The word at an offset; what lies at or after {@code limit} reads as zero. */
    long word(int offset, int limit) {
        if (limit - offset >= Long.BYTES) {
            return (long) LONG.get(bytes, offset);
        }
        long word = 0;
        for (int i = offset; i < limit; i++) {
            word |= (bytes[i] & 0xFFL) << (8 * (i - offset));
        }
        return word;
    }
}
