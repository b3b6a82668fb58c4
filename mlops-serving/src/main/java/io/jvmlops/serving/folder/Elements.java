package io.jvmlops.serving.folder;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** The elements of one tensor as they come out of JSON, one after the other. */
final class Elements {
    private final DataType type;
    private final Object array;
    private final int size;
    private int next;

    Elements(DataType type, int size) {
        this.type = type;
        this.size = size;
        this.array = switch (type) {
            case BOOL -> new boolean[size];
            case UINT8, INT8 -> new byte[size];
            case INT16, FP16, BF16 -> new short[size];
            case INT32 -> new int[size];
            case INT64 -> new long[size];
            case FP32 -> new float[size];
            case FP64 -> new double[size];
            case BYTES -> new String[size];
        };
    }

    /** What a token that is no list and no object holds; null for {@code null}. */
    static @Nullable Object scalar(JsonParser json) throws IOException {
        return switch (json.currentToken()) {
            case VALUE_STRING -> json.getText();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> json.getNumberValue();
            case VALUE_NULL -> null;
            default -> throw new IOException(json.currentToken() + " where a value was expected");
        };
    }

    static void write(JsonGenerator json, Tensor tensor, int position) throws IOException {
        switch (tensor.type()) {
            case BOOL -> json.writeBoolean(tensor.booleanAt(position));
            case BYTES -> json.writeString(tensor.stringAt(position));
            case FP32 -> json.writeNumber((float) tensor.doubleAt(position));
            case FP64, FP16, BF16 -> json.writeNumber(tensor.doubleAt(position));
            default -> json.writeNumber(tensor.longAt(position));
        }
    }

    /**
     * @param value as {@link #scalar} gives it; what is missing among floats is NaN
     * @throws IOException if it is none of the type's values, or there are too many; the message does not show it
     */
    void add(@Nullable Object value) throws IOException {
        if (next == size) {
            throw new IOException("it has more than the " + size + " elements of its shape");
        }
        switch (type) {
            case BOOL -> ((boolean[]) array)[next] = bool(value);
            case UINT8 -> ((byte[]) array)[next] = (byte) integer(value, 0, 255);
            case INT8 -> ((byte[]) array)[next] = (byte) integer(value, Byte.MIN_VALUE, Byte.MAX_VALUE);
            case INT16 -> ((short[]) array)[next] = (short) integer(value, Short.MIN_VALUE, Short.MAX_VALUE);
            case INT32 -> ((int[]) array)[next] = (int) integer(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
            case INT64 -> ((long[]) array)[next] = integer(value, Long.MIN_VALUE, Long.MAX_VALUE);
            case FP16 -> ((short[]) array)[next] = toFp16((float) number(value));
            case BF16 -> ((short[]) array)[next] = toBf16((float) number(value));
            case FP32 -> ((float[]) array)[next] = (float) number(value);
            case FP64 -> ((double[]) array)[next] = number(value);
            case BYTES -> ((String[]) array)[next] = text(value);
        }
        next++;
    }

    /** @throws IOException if elements are missing */
    Tensor tensor(long... shape) throws IOException {
        if (next != size) {
            throw new IOException("it has " + next + " elements, but its shape has " + size);
        }
        return switch (type) {
            case BOOL -> Tensor.transfer((boolean[]) array, shape);
            case UINT8, INT8 -> Tensor.transfer(type, (byte[]) array, shape);
            case INT16, FP16, BF16 -> Tensor.transfer(type, (short[]) array, shape);
            case INT32 -> Tensor.transfer((int[]) array, shape);
            case INT64 -> Tensor.transfer((long[]) array, shape);
            case FP32 -> Tensor.transfer((float[]) array, shape);
            case FP64 -> Tensor.transfer((double[]) array, shape);
            case BYTES -> Tensor.transfer((String[]) array, shape);
        };
    }

    private boolean bool(@Nullable Object value) throws IOException {
        if (value instanceof Boolean truth) {
            return truth;
        }
        throw other(value);
    }

    private String text(@Nullable Object value) throws IOException {
        if (value instanceof String text) {
            return text;
        }
        throw other(value);
    }

    private double number(@Nullable Object value) throws IOException {
        if (value == null) {
            return Double.NaN;
        }
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw other(value);
    }

    private long integer(@Nullable Object value, long min, long max) throws IOException {
        BigInteger exact;
        if (value instanceof Integer || value instanceof Long) {
            exact = BigInteger.valueOf(((Number) value).longValue());
        } else if (value instanceof BigInteger big) {
            exact = big;
        } else if (value instanceof Double d && d == Math.rint(d) && Math.abs(d) < 1L << 53) {
            // Tables of Python's have integers beside missing ones as 3.0.
            exact = BigDecimal.valueOf(d).toBigInteger();
        } else {
            throw other(value);
        }
        if (exact.compareTo(BigInteger.valueOf(min)) < 0 || exact.compareTo(BigInteger.valueOf(max)) > 0) {
            throw new IOException("element " + next + " is beyond the numbers that " + type + " has");
        }
        return exact.longValue();
    }

    private IOException other(@Nullable Object value) {
        String found = value == null
                ? "missing"
                : value instanceof Number ? "a number" : value instanceof String ? "text" : "a truth value";
        return new IOException("element " + next + " is " + found + ", expected " + type);
    }

    /** IEEE 754 binary16, the nearest, and of two the even one. */
    static short toFp16(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        int magnitude = bits & 0x7fff_ffff;
        if (magnitude > 0x7f80_0000) {
            return (short) (sign | 0x7e00);
        }
        // 65,520 and more are nearer to infinity than to the largest, 65,504.
        if (magnitude >= 0x477f_f000) {
            return (short) (sign | 0x7c00);
        }
        // From 2^-14 on there is an exponent; below, and above 2^-25, subnormals.
        if (magnitude >= 0x3880_0000) {
            int shifted = magnitude - 0x3800_0000;
            return (short) (sign | (shifted + 0xfff + ((shifted >>> 13) & 1)) >>> 13);
        }
        if (magnitude <= 0x3300_0000) {
            return (short) sign;
        }
        int shift = 126 - (magnitude >>> 23);
        int mantissa = (magnitude & 0x7f_ffff) | 0x80_0000;
        int half = mantissa >>> shift;
        int rest = mantissa & ((1 << shift) - 1);
        int middle = 1 << (shift - 1);
        if (rest > middle || rest == middle && (half & 1) == 1) {
            half++;
        }
        return (short) (sign | half);
    }

    /** bfloat16, the nearest, and of two the even one. */
    static short toBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }
}
