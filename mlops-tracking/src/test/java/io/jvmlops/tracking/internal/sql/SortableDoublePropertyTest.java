package io.jvmlops.tracking.internal.sql;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class SortableDoublePropertyTest {
    @Property
    void codesHaveTheOrderOfTheValues(@ForAll long bitsOfA, @ForAll long bitsOfB) {
        double a = Double.longBitsToDouble(bitsOfA);
        double b = Double.longBitsToDouble(bitsOfB);
        Assume.that(!Double.isNaN(a) && !Double.isNaN(b));
        assertThat(Integer.signum(Long.compare(SortableDouble.encode(a), SortableDouble.encode(b))))
                .isEqualTo(Integer.signum(Double.compare(a, b)));
    }

    @Property
    void numbersAreBetweenTheInfinitiesAndNaNIsNot(@ForAll long bits) {
        double value = Double.longBitsToDouble(bits);
        long code = SortableDouble.encode(value);
        boolean between = SortableDouble.encode(Double.NEGATIVE_INFINITY) <= code
                && code <= SortableDouble.encode(Double.POSITIVE_INFINITY);
        assertThat(between).isEqualTo(!Double.isNaN(value));
    }

    @Property
    void codesGiveEveryBitBack(@ForAll long bits) {
        double value = Double.longBitsToDouble(bits);
        assertThat(Double.doubleToRawLongBits(SortableDouble.decode(SortableDouble.encode(value))))
                .isEqualTo(bits);
    }

    @Property
    void nanKeepsItsPayload(@ForAll long payload, @ForAll boolean negative) {
        long bits = 0x7ff0000000000001L | (payload & 0xfffffffffffffL) | (negative ? Long.MIN_VALUE : 0);
        double value = Double.longBitsToDouble(bits);
        assertThat(Double.doubleToRawLongBits(SortableDouble.decode(SortableDouble.encode(value))))
                .isEqualTo(bits);
    }
}
