package io.jvmlops.api.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class StepBlocksTest {
    @Example
    void theLevelIsTheSmallestThatTouchesFewEnoughBlocks() {
        assertThat(StepBlocks.level(0, 99, 100)).isZero();
        assertThat(StepBlocks.level(0, 100, 100)).isEqualTo(1);
        assertThat(StepBlocks.level(7, 8, 1)).isEqualTo(4);
        assertThat(StepBlocks.level(-1, 0, 2)).isZero();
        assertThat(StepBlocks.level(-1, 0, 1)).isEqualTo(64);
        assertThat(StepBlocks.level(Long.MIN_VALUE, Long.MAX_VALUE, 1)).isEqualTo(64);
        assertThat(StepBlocks.level(Long.MIN_VALUE, Long.MAX_VALUE, 2)).isEqualTo(63);
        assertThat(StepBlocks.level(Long.MIN_VALUE, Long.MAX_VALUE, Integer.MAX_VALUE))
                .isEqualTo(34);
        assertThat(StepBlocks.level(5, 5, 1)).isZero();
    }

    @Property
    void theLevelAgreesWithArithmeticWithoutBounds(@ForAll long a, @ForAll long b, @ForAll @IntRange(min = 1) int n) {
        long lo = Math.min(a, b);
        long hi = Math.max(a, b);
        int level = StepBlocks.level(lo, hi, n);
        assertThat(touched(level, lo, hi)).isLessThanOrEqualTo(BigInteger.valueOf(n));
        if (level > 0) {
            assertThat(touched(level - 1, lo, hi)).isGreaterThan(BigInteger.valueOf(n));
        }
    }

    private static BigInteger touched(int level, long lo, long hi) {
        if (level == StepBlocks.MAX_LEVEL) {
            return BigInteger.ONE;
        }
        // BigInteger rounds towards negative infinity when it shifts, and has room for the difference.
        return BigInteger.valueOf(hi)
                .shiftRight(level)
                .subtract(BigInteger.valueOf(lo).shiftRight(level))
                .add(BigInteger.ONE);
    }

    @Property
    void everyStepIsWithinTheEdgesOfItsBlockAndTheNextBlockBeginsAfterIt(
            @ForAll long step, @ForAll @IntRange(max = StepBlocks.MAX_LEVEL) int level) {
        long block = StepBlocks.block(level, step);
        long first = StepBlocks.firstStep(level, block);
        long last = StepBlocks.lastStep(level, block);
        assertThat(step).isBetween(first, last);
        assertThat(StepBlocks.block(level, first)).isEqualTo(block);
        assertThat(StepBlocks.block(level, last)).isEqualTo(block);
        if (last != Long.MAX_VALUE) {
            assertThat(StepBlocks.block(level, last + 1)).isEqualTo(block + 1);
        }
    }

    @Example
    void bucketsSayWhatTheirBlocksHold() {
        MetricPoint a = new MetricPoint("m", -1, 5, 2.0);
        MetricPoint b = new MetricPoint("m", 0, 5, -0.0);
        MetricPoint c = new MetricPoint("m", 0, 6, 0.0);
        MetricPoint d = new MetricPoint("m", 1, 5, -0.0);
        MetricPoint e = new MetricPoint("m", 3, 5, Double.NaN);
        MetricPoint f = new MetricPoint("m", 9, 5, Double.NaN);
        assertThat(StepBlocks.bucket(2, List.of(a, b, c, d, e, f)))
                .containsExactly(
                        new MetricBucket(-4, -1, 1, 0, a, a, a, a),
                        new MetricBucket(0, 3, 4, 1, b, e, b, c),
                        new MetricBucket(8, 11, 1, 1, f, f, null, null));
        assertThat(StepBlocks.bucket(64, List.of(a, b, c, d, e, f)))
                .containsExactly(new MetricBucket(Long.MIN_VALUE, Long.MAX_VALUE, 6, 2, a, f, b, a));
        assertThat(StepBlocks.bucket(2, List.of())).isEmpty();
    }

    @Example
    void nonsenseIsRefused() {
        MetricPoint late = new MetricPoint("loss", 2, 5, 1);
        MetricPoint early = new MetricPoint("loss", 1, 5, 1);
        assertThatThrownBy(() -> StepBlocks.bucket(0, List.of(late, early)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("loss");
        assertThatThrownBy(() -> StepBlocks.level(2, 1, 5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StepBlocks.level(1, 2, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StepBlocks.block(65, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StepBlocks.block(-1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MetricBucket(0, 0, 1, 0, early, early, early, early))
                .hasMessageContaining("step 1");
        assertThatThrownBy(() -> new MetricBucket(1, 1, 0, 0, early, early, early, early))
                .hasMessageContaining("0 points");
        assertThatThrownBy(() -> new MetricBucket(1, 1, 1, 0, early, early, null, early))
                .hasMessageContaining("min is absent");
    }
}
