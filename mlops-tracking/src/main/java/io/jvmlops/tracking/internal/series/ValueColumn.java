package io.jvmlops.tracking.internal.series;

/**
 * Codes columns of doubles, given and returned as raw bits, every bit of them. What comes out smallest of:
 *
 * <ul>
 *   <li>the bits as integers, without the zeros all of them end in. A double that began as a float, a half or a small
 *       fraction ends in zeros, so this is also the code for those, and values that are near each other are near each
 *       other as integers;
 *   <li>decimals: {@code d / 10^e} with one {@code e} for all, when that gives back exactly nearly all of them, rounded
 *       to float or not (accuracies, learning rates, counts). The idea is that of ALP (Afroozeh et al., SIGMOD 2024).
 *       Those that it does not give back (NaN) are
 *       apart.
 * </ul>
 */
final class ValueColumn {
    private static final int BITS = 0;
    private static final int DECIMAL = 1;
    private static final int DECIMAL_FLOAT = 2;

    /** All positive, all negative, or the sign as lowest bit of each. */
    private static final int POSITIVE = 0;

    private static final int NEGATIVE = 1;
    private static final int MIXED = 2;

    private static final int MAX_EXPONENT = 15;
    /** A float has seven digits; more only say that it is no decimal. */
    private static final int MAX_FLOAT_EXPONENT = 7;

    private static final int SAMPLES = 32;
    private static final double EXACT = 1L << 53;
    /** Exact doubles, each of them. */
    private static final double[] POWERS = {
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15
    };

    private ValueColumn() {}

    static void encode(long[] bits, int n, ByteSink out) {
        int start = out.size();
        encodeBits(bits, n, out);
        ByteSink decimal = new ByteSink(n);
        if (encodeDecimal(bits, n, DECIMAL, MAX_EXPONENT, decimal)
                || encodeDecimal(bits, n, DECIMAL_FLOAT, MAX_FLOAT_EXPONENT, decimal)) {
            if (decimal.size() < out.size() - start) {
                out.truncate(start);
                out.putAll(decimal);
            }
        }
    }

    static void decode(ByteSource in, long[] into, int n) {
        int scheme = in.takeByte();
        switch (scheme) {
            case BITS -> decodeBits(in, into, n);
            case DECIMAL, DECIMAL_FLOAT -> decodeDecimal(in, into, n, scheme);
            default -> throw in.damaged("values of scheme " + scheme);
        }
    }

    private static void encodeBits(long[] bits, int n, ByteSink out) {
        long any = 0;
        long all = -1;
        for (int i = 0; i < n; i++) {
            any |= bits[i];
            all &= bits[i];
        }
        long magnitudes = any & Long.MAX_VALUE;
        int zeros = magnitudes == 0 ? 0 : Long.numberOfTrailingZeros(magnitudes);
        int sign = any >= 0 ? POSITIVE : all < 0 ? NEGATIVE : MIXED;
        long[] integers = new long[n];
        for (int i = 0; i < n; i++) {
            long magnitude = (bits[i] & Long.MAX_VALUE) >>> zeros;
            integers[i] = sign == MIXED ? (magnitude << 1) | (bits[i] >>> 63) : magnitude;
        }
        out.putByte(BITS);
        out.putByte((zeros << 2) | sign);
        LongColumn.encode(integers, n, out);
    }

    private static void decodeBits(ByteSource in, long[] into, int n) {
        int head = in.takeByte();
        int zeros = head >>> 2;
        int sign = head & 3;
        if (sign > MIXED) {
            throw in.damaged("values of sign " + sign);
        }
        LongColumn.decode(in, into, n);
        if (sign == MIXED) {
            for (int i = 0; i < n; i++) {
                into[i] = ((into[i] >>> 1) << zeros) | (into[i] << 63);
            }
        } else {
            long top = sign == NEGATIVE ? Long.MIN_VALUE : 0;
            for (int i = 0; i < n; i++) {
                into[i] = (into[i] << zeros) | top;
            }
        }
    }

    /** Writes nothing and says so when the values are no decimals. */
    private static boolean encodeDecimal(long[] bits, int n, int scheme, int maxExponent, ByteSink out) {
        int exponent = exponent(bits, n, scheme, maxExponent);
        if (exponent < 0) {
            return false;
        }
        double power = POWERS[exponent];
        int most = mostStrangers(n);
        long[] strangers = new long[most];
        long[] strangerBits = new long[most];
        int found = 0;
        long[] digits = new long[n];
        for (int i = 0; i < n; i++) {
            long d = digits(bits[i], power);
            if (back(d, power, scheme) == bits[i]) {
                digits[i] = d;
            } else if (found == most) {
                return false;
            } else {
                // Whatever disturbs its neighbours least.
                digits[i] = i == 0 ? 0 : digits[i - 1];
                strangers[found] = i;
                strangerBits[found++] = bits[i];
            }
        }
        out.putByte(scheme);
        out.putByte(exponent);
        LongColumn.encode(digits, n, out);
        out.putVarint(found);
        if (found > 0) {
            LongColumn.encode(strangers, found, out);
            LongColumn.encode(strangerBits, found, out);
        }
        return true;
    }

    private static void decodeDecimal(ByteSource in, long[] into, int n, int scheme) {
        int exponent = in.takeByte();
        if (exponent > MAX_EXPONENT) {
            throw in.damaged("decimals of exponent " + exponent);
        }
        double power = POWERS[exponent];
        LongColumn.decode(in, into, n);
        for (int i = 0; i < n; i++) {
            into[i] = back(into[i], power, scheme);
        }
        int found = in.takeCount("values apart", mostStrangers(n));
        if (found == 0) {
            return;
        }
        long[] strangers = new long[found];
        LongColumn.decode(in, strangers, found);
        long[] strangerBits = new long[found];
        LongColumn.decode(in, strangerBits, found);
        for (int i = 0; i < found; i++) {
            if (strangers[i] < 0 || strangers[i] >= n) {
                throw in.damaged("a value apart at position " + strangers[i] + " of " + n);
            }
            into[(int) strangers[i]] = strangerBits[i];
        }
    }

    private static int mostStrangers(int n) {
        return n / 4 + 1;
    }

    /** The exponent that suits nearly all of a sample; -1 if none does. */
    private static int exponent(long[] bits, int n, int scheme, int maxExponent) {
        int step = Math.max(1, n / SAMPLES);
        int tolerated = Math.min(n, SAMPLES) / 4;
        int exponent = 0;
        boolean fits = false;
        for (int i = 0; i < n; i += step) {
            int own = 0;
            // Most values of a series need as many digits as those before them.
            if (back(digits(bits[i], POWERS[exponent]), POWERS[exponent], scheme) == bits[i]) {
                fits = true;
                continue;
            }
            for (own = exponent + 1; own <= maxExponent; own++) {
                if (back(digits(bits[i], POWERS[own]), POWERS[own], scheme) == bits[i]) {
                    break;
                }
            }
            if (own <= maxExponent) {
                exponent = own;
                fits = true;
            } else if (--tolerated < 0) {
                return -1;
            }
        }
        return fits ? exponent : -1;
    }

    private static long digits(long bits, double power) {
        double scaled = Math.rint(Double.longBitsToDouble(bits) * power);
        return Math.abs(scaled) <= EXACT ? (long) scaled : 0;
    }

    private static long back(long digits, double power, int scheme) {
        double value = digits / power;
        return Double.doubleToRawLongBits(scheme == DECIMAL_FLOAT ? (float) value : value);
    }
}
