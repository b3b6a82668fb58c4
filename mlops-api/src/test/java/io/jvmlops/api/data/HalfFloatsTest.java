package io.jvmlops.api.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfFloatsTest {
    @Test
    void everyHalfSurvivesTheWayToAFloatAndBack() {
        for (int bits = 0; bits <= 0xffff; bits++) {
            float half = HalfFloats.fromFp16((short) bits);
            float brain = HalfFloats.fromBf16((short) bits);
            if (Float.isNaN(half)) {
                assertThat(HalfFloats.fromFp16(HalfFloats.toFp16(half))).isNaN();
            } else if (half != 0) {
                assertThat(HalfFloats.toFp16(half) & 0xffff).isEqualTo(bits);
            }
            if (Float.isNaN(brain)) {
                assertThat(HalfFloats.fromBf16(HalfFloats.toBf16(brain))).isNaN();
            } else {
                assertThat(HalfFloats.toBf16(brain) & 0xffff).isEqualTo(bits);
            }
        }
    }

    @Test
    void roundsToTheNearestAndTheEvenOfTwoAsNear() {
        for (int bits = 0; bits < 0x7bff; bits++) {
            float low = HalfFloats.fromFp16((short) bits);
            float high = HalfFloats.fromFp16((short) (bits + 1));
            float middle = (low + high) / 2;
            assertThat((int) HalfFloats.toFp16(middle)).isEqualTo(bits + (bits & 1));
            assertThat((int) HalfFloats.toFp16(Math.nextDown(middle))).isEqualTo(bits);
            assertThat((int) HalfFloats.toFp16(Math.nextUp(middle))).isEqualTo(bits + 1);
        }
        assertThat(HalfFloats.fromFp16(HalfFloats.toFp16(65_519f))).isEqualTo(65_504);
        assertThat(HalfFloats.fromFp16(HalfFloats.toFp16(-65_520f))).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(HalfFloats.fromFp16(HalfFloats.toFp16(Float.MIN_VALUE))).isZero();
        assertThat(HalfFloats.fromBf16(HalfFloats.toBf16(1 + 1 / 256f))).isEqualTo(1f);
        assertThat(HalfFloats.fromBf16(HalfFloats.toBf16(1 + 3 / 256f))).isEqualTo(1.015625f);
    }
}
