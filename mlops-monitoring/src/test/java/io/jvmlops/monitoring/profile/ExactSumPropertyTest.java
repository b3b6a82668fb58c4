package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.monitoring.ExactSum;
import io.jvmlops.api.monitoring.Moments;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;

/** Against arithmetic with as many digits as it takes. */
class ExactSumPropertyTest {
    /** Any bits, small and whole numbers, and the ends of the range. */
    @Provide
    static Arbitrary<Double> finite() {
        return Arbitraries.frequencyOf(
                        Tuple.of(4, Arbitraries.longs().map(Double::longBitsToDouble)),
                        Tuple.of(2, Arbitraries.doubles().between(-1000, 1000)),
                        Tuple.of(2, Arbitraries.integers().map(i -> (double) i)),
                        Tuple.of(
                                2,
                                Arbitraries.of(
                                        0.0,
                                        -0.0,
                                        1e308,
                                        -1e308,
                                        Double.MAX_VALUE,
                                        -Double.MAX_VALUE,
                                        Double.MIN_VALUE,
                                        -Double.MIN_VALUE,
                                        Double.MIN_NORMAL,
                                        Math.nextDown(Double.MIN_NORMAL),
                                        0x1p-484,
                                        0x1p-483,
                                        0x1p507,
                                        0x1p508,
                                        0x1.fffffffffffffp511)),
                        Tuple.of(1, Arbitraries.longs().between(1, 1L << 52).map(Double::longBitsToDouble)))
                .filter(Double::isFinite);
    }

    private static BigDecimal exact(ExactSum sum) {
        BigDecimal unscaled = new BigDecimal(sum.unscaled());
        return sum.exponent() >= 0
                ? unscaled.multiply(new BigDecimal(BigInteger.TWO.pow(sum.exponent())))
                : unscaled.divide(new BigDecimal(BigInteger.TWO.pow(-sum.exponent())));
    }

    private static BigDecimal sum(List<Double> values) {
        return values.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static BigDecimal squares(List<Double> values) {
        return values.stream().map(v -> new BigDecimal(v).pow(2)).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static void assertSame(ExactSum found, BigDecimal expected) {
        assertThat(exact(found).compareTo(expected)).isZero();
        assertThat(
                        found.unscaled().signum() == 0
                                ? found.exponent() == 0
                                : found.unscaled().testBit(0))
                .isTrue();
    }

    @Property(tries = 200)
    void sumsOfOneByOneAreExact(@ForAll @Size(max = 80) List<@From("finite") Double> values) {
        ExactAccumulator sum = new ExactAccumulator();
        ExactAccumulator squares = new ExactAccumulator();
        ExactSum plus = ExactSum.ZERO;
        for (double value : values) {
            sum.add(value);
            squares.addSquare(value);
            plus = plus.plus(ExactSum.of(value));
        }

        assertSame(sum.sum(), sum(values));
        assertSame(squares.sum(), squares(values));
        assertThat(plus).isEqualTo(sum.sum());
    }

    @Property(tries = 60)
    void sumsOfBlocksAreExact(@ForAll @Size(max = 600) List<@From("finite") Double> values) {
        double[] given = values.stream().mapToDouble(Double::doubleValue).toArray();
        ExactAccumulator sum = new ExactAccumulator();
        ExactAccumulator squares = new ExactAccumulator();
        Block block = Block.take();
        for (int from = 0; from < given.length; from += Block.MAX_ROWS) {
            block.gather(given, from, 1, Math.min(Block.MAX_ROWS, given.length - from));
            assertThat(block.odds()).isZero();
            block.sum(sum, squares);
        }
        block.giveBack();

        assertSame(sum.sum(), sum(values));
        assertSame(squares.sum(), squares(values));
    }

    /** Up to the widest range of exponents whose floats are summed as doubles, and one beyond; all bits set, or some. */
    @Property(tries = 300)
    void fullBlocksOfFloatsAreExact(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 23) int range,
            @ForAll @IntRange(min = -420, max = 420) int top,
            @ForAll boolean oneSign,
            @ForAll boolean allBits) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Double> values = random.ints(Block.MAX_ROWS, 0, 1 << 24)
                .mapToObj(i -> {
                    int bits = allBits ? (1 << 24) - 1 : i;
                    // Most are as great as can be, and the others as small.
                    int exponent = top - 23 - (random.nextInt(16) == 0 ? range : 0);
                    double value = Math.scalb((double) bits, exponent);
                    return oneSign || random.nextBoolean() ? value : -value;
                })
                .toList();
        ExactAccumulator sum = new ExactAccumulator();
        ExactAccumulator squares = new ExactAccumulator();
        Block block = Block.take();
        block.gather(values.stream().mapToDouble(Double::doubleValue).toArray(), 0, 1, Block.MAX_ROWS);
        block.sum(sum, squares);
        block.giveBack();

        assertSame(sum.sum(), sum(values));
        assertSame(squares.sum(), squares(values));
    }

    @Example
    void manyOfTheGreatestCarry() {
        double[] full = new double[Block.MAX_ROWS];
        java.util.Arrays.fill(full, -Double.MAX_VALUE);
        ExactAccumulator blocks = new ExactAccumulator();
        ExactAccumulator blockSquares = new ExactAccumulator();
        ExactAccumulator ones = new ExactAccumulator();
        ExactAccumulator oneSquares = new ExactAccumulator();
        int rounds = 8_000;
        Block block = Block.take();
        for (int i = 0; i < rounds; i++) {
            block.gather(full, 0, 1, full.length);
            block.sum(blocks, blockSquares);
        }
        block.giveBack();
        // More than are summed before digits carry.
        int times = 3_000_000;
        for (int i = 0; i < times; i++) {
            ones.add(-Math.nextDown(2.0));
            oneSquares.addSquare(Math.nextDown(2.0));
        }

        BigDecimal greatest = new BigDecimal(Double.MAX_VALUE);
        BigDecimal two = new BigDecimal(Math.nextDown(2.0));
        assertSame(blocks.sum(), greatest.multiply(BigDecimal.valueOf(-(long) rounds * full.length)));
        assertSame(blockSquares.sum(), greatest.pow(2).multiply(BigDecimal.valueOf((long) rounds * full.length)));
        assertSame(ones.sum(), two.multiply(BigDecimal.valueOf(-times)));
        assertSame(oneSquares.sum(), two.pow(2).multiply(BigDecimal.valueOf(times)));
    }

    @Property(tries = 200)
    void theNearestDoubleIsGiven(@ForAll @Size(max = 12) List<@From("finite") Double> values) {
        ExactSum sum = values.stream().map(ExactSum::of).reduce(ExactSum.ZERO, ExactSum::plus);

        assertThat(sum.doubleValue() + 0.0).isEqualTo(sum(values).doubleValue() + 0.0);
    }

    /** BigDecimal.doubleValue had faults of its own in old JDKs, so halfway cases are made from bits here. */
    @Property
    void halvesGoToEven(@ForAll @LongRange(min = 1, max = (1L << 53) - 2) long significand, @ForAll boolean above) {
        BigInteger half = BigInteger.valueOf(significand).shiftLeft(1).setBit(0);
        BigInteger given = above ? half.shiftLeft(200).setBit(0) : half.shiftLeft(200);
        double found = new ExactSum(given, -1275).doubleValue();
        long expected = above || (significand & 1) == 1 ? significand + 1 : significand;

        assertThat(found).isEqualTo(expected * Double.MIN_VALUE);
    }

    @Property(tries = 200)
    void quotientsAreRoundedOnce(
            @ForAll @NotEmpty @Size(max = 12) List<@From("finite") Double> values,
            @ForAll @LongRange(min = 1) long divisor) {
        ExactSum sum = values.stream().map(ExactSum::of).reduce(ExactSum.ZERO, ExactSum::plus);
        double found = sum.dividedBy(BigInteger.valueOf(divisor));
        assertNearest(found, exact(sum), BigDecimal.valueOf(divisor));
    }

    /** Nothing lies between it and the quotient: twice the error is at most the distance to its neighbours. */
    private static void assertNearest(double found, BigDecimal dividend, BigDecimal divisor) {
        if (Double.isInfinite(found)) {
            BigDecimal limit = new BigDecimal(Double.MAX_VALUE).add(new BigDecimal(Math.ulp(Double.MAX_VALUE) / 2));
            assertThat(dividend.abs().compareTo(limit.multiply(divisor))).isNotNegative();
            return;
        }
        BigDecimal error =
                new BigDecimal(found).multiply(divisor).subtract(dividend).abs();
        BigDecimal step = new BigDecimal(Math.ulp(found)).multiply(divisor);
        assertThat(error.multiply(BigDecimal.valueOf(2)).compareTo(step)).isNotPositive();
    }

    @Property(tries = 200)
    void meanAndVarianceAreThoseOfTheValues(@ForAll @Size(min = 2, max = 30) List<@From("finite") Double> values) {
        ExactAccumulator sum = new ExactAccumulator();
        ExactAccumulator squares = new ExactAccumulator();
        for (double value : values) {
            sum.add(value);
            squares.addSquare(value);
        }
        Moments moments = new Moments(
                values.size(),
                values.stream().mapToDouble(v -> v).min().orElseThrow(),
                values.stream().mapToDouble(v -> v).max().orElseThrow(),
                sum.sum(),
                squares.sum());

        BigDecimal n = BigDecimal.valueOf(values.size());
        assertNearest(moments.mean(), sum(values), n);
        assertThat(moments.mean()).isBetween(moments.min(), moments.max());
        BigDecimal scatter = squares(values).multiply(n).subtract(sum(values).pow(2));
        assertNearest(moments.variance(), scatter, n.multiply(n.subtract(BigDecimal.ONE)));
        assertNearest(moments.populationVariance(), scatter, n.multiply(n));
    }

    @Example
    void whatIsNotFiniteIsRefused() {
        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
            assertThatThrownBy(() -> ExactSum.of(value)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new ExactSum(BigInteger.TWO, Integer.MAX_VALUE))
                .isInstanceOf(ArithmeticException.class);
        ExactSum huge = new ExactSum(BigInteger.ONE, Integer.MAX_VALUE);
        assertThatThrownBy(() -> huge.times(huge)).isInstanceOf(ArithmeticException.class);
        assertThat(huge.doubleValue()).isInfinite();
        assertThat(new ExactSum(BigInteger.ONE, -100_000).doubleValue()).isZero();
    }

    /** Values in random order, in random parts: the bytes of BigInteger and exponent alike. */
    @Example
    void orderAndPartsDoNotMatter() {
        SplittableRandom random = new SplittableRandom(3);
        double[] values = random.doubles(2_000)
                .map(v -> Math.scalb(v - 0.5, random.nextInt(2_000) - 1_000))
                .toArray();
        ExactAccumulator whole = new ExactAccumulator();
        for (double value : values) {
            whole.add(value);
        }
        for (int round = 0; round < 20; round++) {
            ExactAccumulator[] parts = new ExactAccumulator[1 + random.nextInt(9)];
            for (int i = 0; i < parts.length; i++) {
                parts[i] = new ExactAccumulator();
            }
            for (int i = values.length - 1; i >= 0; i--) {
                parts[random.nextInt(parts.length)].add(values[i]);
            }
            ExactSum merged = ExactSum.ZERO;
            for (ExactAccumulator part : parts) {
                merged = merged.plus(part.sum());
            }
            assertThat(merged).isEqualTo(whole.sum());
        }
    }
}
