package io.jvmlops.serving;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Writes ONNX models field by field, as onnx.proto numbers them. */
final class OnnxBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private OnnxBytes() {}

    /** {@code y = max over k of (x * w[k])}, all weights being the factor: {@code FP32[-1, 1]} to the same. */
    static byte[] times(float factor, int weights) {
        float[] values = new float[weights];
        Arrays.fill(values, factor);
        OnnxBytes graph = new OnnxBytes()
                .message(
                        1,
                        new OnnxBytes().text(1, "x").text(1, "w").text(2, "xw").text(4, "MatMul"))
                .message(
                        1,
                        new OnnxBytes()
                                .text(1, "xw")
                                .text(2, "y")
                                .text(4, "ReduceMax")
                                .message(
                                        5,
                                        new OnnxBytes()
                                                .text(1, "axes")
                                                .number(8, 1)
                                                .number(20, 7))
                                .message(
                                        5,
                                        new OnnxBytes()
                                                .text(1, "keepdims")
                                                .number(3, 1)
                                                .number(20, 2)))
                .text(2, "times")
                .message(
                        5,
                        new OnnxBytes()
                                .number(1, 1)
                                .number(1, weights)
                                .number(2, 1)
                                .text(8, "w")
                                .bytes(9, raw(values)))
                .message(11, value("x"))
                .message(12, value("y"));
        return new OnnxBytes()
                .number(1, 8)
                .message(7, graph)
                .message(8, new OnnxBytes().text(1, "").number(2, 13))
                .out
                .toByteArray();
    }

    /** A float matrix of one column. */
    private static OnnxBytes value(String name) {
        OnnxBytes shape =
                new OnnxBytes().message(1, new OnnxBytes().text(2, "batch")).message(1, new OnnxBytes().number(1, 1));
        return new OnnxBytes()
                .text(1, name)
                .message(
                        2,
                        new OnnxBytes().message(1, new OnnxBytes().number(1, 1).message(2, shape)));
    }

    private static byte[] raw(float[] values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            buffer.putFloat(value);
        }
        return buffer.array();
    }

    private OnnxBytes number(int field, long value) {
        varint((long) field << 3);
        varint(value);
        return this;
    }

    private OnnxBytes text(int field, String text) {
        return bytes(field, text.getBytes(StandardCharsets.UTF_8));
    }

    private OnnxBytes message(int field, OnnxBytes message) {
        return bytes(field, message.out.toByteArray());
    }

    private OnnxBytes bytes(int field, byte[] bytes) {
        varint((long) field << 3 | 2);
        varint(bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
