package io.jvmlops.serving.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ElementsTest {
    @Test
    void everyHalfFloatComesBackFromItsValue() {
        for (int bits = 0; bits <= 0xffff; bits++) {
            float fp16 = (float) Tensor.transfer(DataType.FP16, new short[] {(short) bits}, 1)
                    .doubleAt(0);
            float bf16 = (float) Tensor.transfer(DataType.BF16, new short[] {(short) bits}, 1)
                    .doubleAt(0);
            if (Float.isNaN(fp16)) {
                assertThat(Elements.toFp16(fp16) & 0x7fff).isGreaterThan(0x7c00);
            } else {
                assertThat(Elements.toFp16(fp16)).isEqualTo((short) bits);
            }
            if (Float.isNaN(bf16)) {
                assertThat(Elements.toBf16(bf16) & 0x7fff).isGreaterThan(0x7f80);
            } else {
                assertThat(Elements.toBf16(bf16)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void whatLiesBetweenHalfFloatsGoesToTheNearestAndThenToTheEvenOne() {
        // Halfway between 1 and its successor, and a little to either side.
        assertThat(Elements.toFp16(1 + 0x1p-11f)).isEqualTo((short) 0x3c00);
        assertThat(Elements.toFp16(1 + 0x1p-11f + 0x1p-20f)).isEqualTo((short) 0x3c01);
        assertThat(Elements.toFp16(1 + 3 * 0x1p-11f)).isEqualTo((short) 0x3c02);
        assertThat(Elements.toFp16(65519.9f)).isEqualTo((short) 0x7bff);
        assertThat(Elements.toFp16(65520f)).isEqualTo((short) 0x7c00);
        assertThat(Elements.toFp16(-1e30f)).isEqualTo((short) 0xfc00);
        assertThat(Elements.toFp16(0x1p-25f)).isEqualTo((short) 0);
        assertThat(Elements.toFp16(0x1.000002p-25f)).isEqualTo((short) 1);
        assertThat(Elements.toFp16(3 * 0x1p-25f)).isEqualTo((short) 2);
        assertThat(Elements.toFp16(-0f)).isEqualTo((short) 0x8000);
        assertThat(Elements.toBf16(1 + 0x1p-8f)).isEqualTo((short) 0x3f80);
        assertThat(Elements.toBf16(1 + 3 * 0x1p-8f)).isEqualTo((short) 0x3f82);
        assertThat(Elements.toBf16(Float.MAX_VALUE)).isEqualTo((short) 0x7f80);
    }

    private static Tensor read(DataType type, Object... values) throws IOException {
        Elements elements = new Elements(type, values.length);
        for (Object value : values) {
            elements.add(value);
        }
        return elements.tensor(values.length);
    }

    @Test
    void integersAreExactAndWithinTheirType() throws IOException {
        assertThat(read(DataType.INT64, Long.MAX_VALUE, 3, 4.0, BigInteger.TWO))
                .isEqualTo(Tensor.copyOf(new long[] {Long.MAX_VALUE, 3, 4, 2}, 4));
        assertThat(read(DataType.UINT8, 255, 0).longAt(0)).isEqualTo(255);
        for (Object wrong : new Object[] {256, -1, 1.5, "1", true}) {
            assertThatThrownBy(() -> read(DataType.UINT8, wrong))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("element 0");
        }
        assertThatThrownBy(() -> read(DataType.INT64, BigInteger.ONE.shiftLeft(63)))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> read(DataType.INT64, 1e18)).isInstanceOf(IOException.class);
    }

    @Test
    void onlyFloatsMayBeMissing() throws IOException {
        assertThat(read(DataType.FP32, 1, null).doubleAt(1)).isNaN();
        for (DataType type : Arrays.asList(DataType.INT32, DataType.BYTES, DataType.BOOL)) {
            assertThatThrownBy(() -> read(type, (Object) null))
                    .isInstanceOf(IOException.class)
                    .hasMessage("element 0 is missing, expected " + type);
        }
    }
}
