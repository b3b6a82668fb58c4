package io.jvmlops.api.data;

/**
 * The element types of a {@link Tensor}, under the names of the Open Inference Protocol (version 2) plus {@code BF16}.
 *
 * <p>{@code BYTES} holds Unicode strings. {@code FP16} and {@code BF16} are held as raw bits in {@code short}s,
 * {@code UINT8} as raw bits in {@code byte}s.
 */
public enum DataType {
    BOOL(1),
    UINT8(1),
    INT8(1),
    INT16(2),
    INT32(4),
    INT64(8),
    FP16(2),
    BF16(2),
    FP32(4),
    FP64(8),
    BYTES(0);

    private final int bytes;

    DataType(int bytes) {
        this.bytes = bytes;
    }

    /** The size of one element in bytes; 0 for {@link #BYTES}, whose elements vary. */
    public int bytes() {
        return bytes;
    }

    public boolean isFloating() {
        return this == FP16 || this == BF16 || this == FP32 || this == FP64;
    }

    public boolean isInteger() {
        return this == UINT8 || this == INT8 || this == INT16 || this == INT32 || this == INT64;
    }

    public boolean isNumeric() {
        return isFloating() || isInteger();
    }
}
