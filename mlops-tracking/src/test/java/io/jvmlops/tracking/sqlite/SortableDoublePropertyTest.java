package io.jvmlops.tracking.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class SortableDoublePropertyTest {
    @Property
    void codesHaveTheOrderOfTheValues(@ForAll long aBits, @ForAll long bBits) {
        double a = Double.longBitsToDouble(aBits);
        double b = Double.longBitsToDouble(bBits);
        assertThat(Integer.signum(Long.compare(SortableDouble.encode(a), SortableDouble.encode(b))))
                .isEqualTo(Integer.signum(Double.compare(a, b)));
    }

    @Property
    void codesGiveTheValueBackAndAreNeverTheLeast(@ForAll long bits) {
        double value = Double.longBitsToDouble(bits);
        long code = SortableDouble.encode(value);
        assertThat(Double.compare(SortableDouble.decode(code), value)).isZero();
        assertThat(code).isNotEqualTo(Long.MIN_VALUE);
    }
}
