package io.jvmlops.tracking.internal.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.tracking.MetricPoint;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class PointColumnsPropertyTest {
    @Property(tries = 300)
    void sortsAsMarksAndAsPointsSort(@ForAll long seed, @ForAll @IntRange(max = 2_000) int n) {
        PointColumns points = SeriesSamples.points(seed, n);
        List<Mark> marks = SeriesSamples.marks(points);
        List<MetricPoint> expected = SeriesSamples.sorted(points);
        marks.sort(null);
        points.sort();
        assertThat(points.isSorted()).isTrue();
        assertThat(SeriesSamples.marks(points)).isEqualTo(marks);
        assertThat(marks.stream().map(mark -> mark.toPoint("m"))).isEqualTo(expected);
    }

    @Property(tries = 200)
    void sortsRunsOneAfterAnother(@ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int runs) {
        PointColumns points = new PointColumns(0);
        for (int run = 0; run < runs; run++) {
            PointColumns part = SeriesSamples.points(new Random(seed + run), 300, 0, 0, 7);
            points.addAll(part, run, part.size());
        }
        List<Mark> marks = SeriesSamples.marks(points);
        marks.sort(null);
        points.sort();
        assertThat(SeriesSamples.marks(points)).isEqualTo(marks);
    }

    @Property
    void codesHaveTheOrderOfTheValuesAndLoseNothing(@ForAll long aBits, @ForAll long bBits) {
        double a = Double.longBitsToDouble(aBits);
        double b = Double.longBitsToDouble(bBits);
        assertThat(ValueOrder.bits(ValueOrder.encode(aBits))).isEqualTo(aBits);
        assertThat(ValueOrder.isNaN(ValueOrder.encode(aBits))).isEqualTo(Double.isNaN(a));
        if (Double.compare(a, b) != 0) {
            assertThat(Long.compare(ValueOrder.encode(aBits), ValueOrder.encode(bBits)))
                    .isEqualTo(Double.compare(a, b));
        }
    }

    @Example
    void allNaNsAreGreaterThanInfinityWhateverTheirSign() {
        long infinity = ValueOrder.encode(Double.POSITIVE_INFINITY);
        for (long bits : new long[] {
            0x7FF0000000000001L, 0x7FF8000000000000L, Long.MAX_VALUE, 0xFFF0000000000001L, 0xFFF8000000000000L, -1L
        }) {
            assertThat(ValueOrder.encode(bits)).isGreaterThan(infinity);
            assertThat(ValueOrder.bits(ValueOrder.encode(bits))).isEqualTo(bits);
        }
        assertThat(ValueOrder.encode(Double.NEGATIVE_INFINITY)).isEqualTo(Long.MIN_VALUE);
        assertThat(ValueOrder.encode(-0.0)).isLessThan(ValueOrder.encode(0.0));
        assertThat(ValueOrder.value(ValueOrder.encode(-0.0))).isEqualTo(-0.0);
    }

    @Example
    void nothingOutsideIsRead() {
        PointColumns points = new PointColumns();
        points.add(1, 2, 3);
        assertThat(points.toString()).isEqualTo("1 points");
        assertThatThrownBy(() -> points.stepAt(1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> points.markAt(-1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new PointColumns().addAll(points, 0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        points.clear();
        assertThat(points.isEmpty()).isTrue();
    }
}
