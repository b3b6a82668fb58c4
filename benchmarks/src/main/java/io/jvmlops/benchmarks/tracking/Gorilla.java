package io.jvmlops.benchmarks.tracking;

import java.util.Arrays;

/**
 * The codec of Pelkonen et al., "Gorilla: A Fast, Scalable, In-Memory Time Series Database", VLDB 2015, written after the
 * paper as something to compare with: stamps (and steps, in the same way) as differences of differences in codes of 1 to
 * 68 bits, values XORed with the one before.
 */
final class Gorilla {
    private byte[] bytes = new byte[1 << 16];
    private long position;

    static byte[] encode(long[] steps, long[] stamps, double[] values) {
        Gorilla out = new Gorilla();
        out.encodeIntegers(steps);
        out.encodeIntegers(stamps);
        out.encodeValues(values);
        return Arrays.copyOf(out.bytes, (int) ((out.position + 7) / 8));
    }

    static void decode(byte[] from, long[] steps, long[] stamps, double[] values) {
        Gorilla in = new Gorilla();
        in.bytes = Arrays.copyOf(from, from.length + 8);
        in.decodeIntegers(steps);
        in.decodeIntegers(stamps);
        in.decodeValues(values);
    }

    private void encodeIntegers(long[] values) {
        put(values[0], 64);
        long before = values[0];
        long delta = 0;
        for (int i = 1; i < values.length; i++) {
            long next = values[i] - before;
            long change = next - delta;
            if (change == 0) {
                put(0, 1);
            } else if (change >= -63 && change <= 64) {
                put(0b10, 2);
                put(change + 63, 7);
            } else if (change >= -255 && change <= 256) {
                put(0b110, 3);
                put(change + 255, 9);
            } else if (change >= -2047 && change <= 2048) {
                put(0b1110, 4);
                put(change + 2047, 12);
            } else {
                put(0b1111, 4);
                put(change, 64);
            }
            delta = next;
            before = values[i];
        }
    }

    private void decodeIntegers(long[] values) {
        values[0] = take(64);
        long delta = 0;
        for (int i = 1; i < values.length; i++) {
            long change;
            if (take(1) == 0) {
                change = 0;
            } else if (take(1) == 0) {
                change = take(7) - 63;
            } else if (take(1) == 0) {
                change = take(9) - 255;
            } else if (take(1) == 0) {
                change = take(12) - 2047;
            } else {
                change = take(64);
            }
            delta += change;
            values[i] = values[i - 1] + delta;
        }
    }

    private void encodeValues(double[] values) {
        long before = Double.doubleToRawLongBits(values[0]);
        put(before, 64);
        int windowLeading = -1;
        int windowTrailing = 0;
        for (int i = 1; i < values.length; i++) {
            long bits = Double.doubleToRawLongBits(values[i]);
            long xor = bits ^ before;
            before = bits;
            if (xor == 0) {
                put(0, 1);
                continue;
            }
            int leading = Math.min(31, Long.numberOfLeadingZeros(xor));
            int trailing = Long.numberOfTrailingZeros(xor);
            if (windowLeading >= 0 && leading >= windowLeading && trailing >= windowTrailing) {
                put(0b10, 2);
                put(xor >>> windowTrailing, 64 - windowLeading - windowTrailing);
            } else {
                put(0b11, 2);
                put(leading, 5);
                int length = 64 - leading - trailing;
                put(length - 1, 6);
                put(xor >>> trailing, length);
                windowLeading = leading;
                windowTrailing = trailing;
            }
        }
    }

    private void decodeValues(double[] values) {
        long bits = take(64);
        values[0] = Double.longBitsToDouble(bits);
        int leading = 0;
        int trailing = 0;
        for (int i = 1; i < values.length; i++) {
            if (take(1) == 1) {
                if (take(1) == 1) {
                    leading = (int) take(5);
                    trailing = 64 - leading - ((int) take(6) + 1);
                }
                bits ^= take(64 - leading - trailing) << trailing;
            }
            values[i] = Double.longBitsToDouble(bits);
        }
    }

    private void put(long value, int length) {
        if (position + 72 > bytes.length * 8L) {
            bytes = Arrays.copyOf(bytes, 2 * bytes.length);
        }
        int left = length;
        while (left > 0) {
            int at = (int) (position >>> 3);
            int free = 8 - (int) (position & 7);
            int taken = Math.min(free, left);
            long part = value >>> (left - taken) & (1L << taken) - 1;
            bytes[at] = (byte) (bytes[at] | part << (free - taken));
            position += taken;
            left -= taken;
        }
    }

    private long take(int length) {
        long value = 0;
        int left = length;
        while (left > 0) {
            int at = (int) (position >>> 3);
            int free = 8 - (int) (position & 7);
            int taken = Math.min(free, left);
            value = value << taken | (bytes[at] & 0xff) >>> (free - taken) & (1L << taken) - 1;
            position += taken;
            left -= taken;
        }
        return value;
    }
}
