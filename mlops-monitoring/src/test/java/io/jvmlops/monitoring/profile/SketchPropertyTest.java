package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Profile;
import io.jvmlops.api.monitoring.Sketch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SketchPropertyTest {
    static final double[] ODD = {
        0.0,
        -0.0,
        Double.MIN_VALUE,
        -Double.MIN_VALUE,
        Double.MAX_VALUE,
        -Double.MAX_VALUE,
        Math.nextDown(Double.MAX_VALUE),
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        1,
        Math.nextUp(1.0),
        -1
    };

    /** What a column of a data set may be: from few values to any bits. */
    private enum Kind {
        BITS,
        NORMAL,
        FAR,
        FEW,
        ODD_ONES;

        double draw(SplittableRandom random) {
            return switch (this) {
                case BITS -> {
                    double value = Double.longBitsToDouble(random.nextLong());
                    yield Double.isNaN(value) ? 7 : value;
                }
                case NORMAL -> random.nextGaussian();
                case FAR -> 1.7e12 + random.nextInt(1_000_000);
                case FEW -> random.nextInt(10);
                case ODD_ONES -> random.nextInt(3) == 0 ? random.nextGaussian() : ODD[random.nextInt(ODD.length)];
            };
        }
    }

    private static double[] values(Kind kind, int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = kind.draw(random);
        }
        return values;
    }

    private static Sketch sketch(double... values) {
        SketchCounter counter = new SketchCounter();
        for (double value : values) {
            counter.add(value + 0.0);
        }
        return counter.distribution();
    }

    @Provide
    static Arbitrary<Double> any() {
        return Arbitraries.frequencyOf(
                        Tuple.of(3, Arbitraries.longs().map(Double::longBitsToDouble)),
                        Tuple.of(1, Arbitraries.of(Arrays.stream(ODD).boxed().toArray(Double[]::new))),
                        Tuple.of(1, Arbitraries.doubles().between(-10, 10)))
                .filter(v -> !Double.isNaN(v));
    }

    @Property
    void keysKeepTheOrderAndBinsTheirEnds(
            @ForAll("any") double a, @ForAll("any") double b, @ForAll @IntRange(max = Sketch.MAX_SHIFT) int shift) {
        long keyA = Sketch.key(a, shift);
        if (a < b) {
            assertThat(keyA).isLessThanOrEqualTo(Sketch.key(b, shift));
        }
        assertThat(Sketch.low(keyA, shift)).isLessThanOrEqualTo(a);
        assertThat(Sketch.high(keyA, shift)).isGreaterThanOrEqualTo(a);
        assertThat(Sketch.key(Sketch.low(keyA, shift), shift)).isEqualTo(keyA);
        assertThat(Sketch.key(Sketch.high(keyA, shift), shift)).isEqualTo(keyA);
        assertThat(Sketch.key(a, shift)).isEqualTo(Sketch.key(a, 0) >> shift);
        if (shift == 0) {
            assertThat(Sketch.low(keyA, 0)).isEqualTo(a + 0.0).isEqualTo(Sketch.high(keyA, 0));
        }
    }

    @Property(tries = 60)
    void anySplitOrderAndTreeGivesTheSame(
            @ForAll Kind kind,
            @ForAll @IntRange(max = 9_000) int count,
            @ForAll @IntRange(min = 1, max = 12) int parts,
            @ForAll long seed) {
        double[] values = values(kind, count, seed);
        SplittableRandom random = new SplittableRandom(~seed);
        List<SketchCounter> counters = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            counters.add(new SketchCounter());
        }
        for (int i = count - 1; i >= 0; i--) {
            counters.get(random.nextInt(parts)).add(values[i] + 0.0);
        }
        List<Sketch> sketches = new ArrayList<>();
        counters.forEach(c -> sketches.add(c.distribution()));
        while (sketches.size() > 1) {
            Sketch a = sketches.remove(random.nextInt(sketches.size()));
            Sketch b = sketches.remove(random.nextInt(sketches.size()));
            sketches.add(a.plus(b));
        }
        Sketch whole = sketch(values);

        assertThat(sketches.get(0)).isEqualTo(whole);
        assertThat(whole.total()).isEqualTo(count);
        assertThat(whole.size()).isLessThanOrEqualTo(Sketch.MAX_BINS);
        // The shift is the least that will do.
        if (whole.shift() > 0) {
            TreeSet<Long> finer = new TreeSet<>();
            for (double value : values) {
                finer.add(Sketch.key(value, whole.shift() - 1));
            }
            assertThat(finer).hasSizeGreaterThan(Sketch.MAX_BINS);
        }
    }

    @Property(tries = 100)
    void histogramsCountWhatLiesBetweenTheirEdges(
            @ForAll Kind kind, @ForAll @IntRange(max = 5_000) int count, @ForAll long seed) {
        double[] values = values(kind, count, seed);
        Sketch sketch = sketch(values);

        // The coarsest grid, of 4,096 exponents, is the only one where infinities share a bin with others.
        if (sketch.shift() <= 52) {
            assertThat(sketch.histogram())
                    .isEqualTo(recounted(values, sketch.histogram().edges()));
        }
        Histogram reference = reference(values);
        assertThat(reference).isEqualTo(recounted(values, reference.edges()));
    }

    @Property(tries = 60)
    void besideEachOtherTwoHaveTheSameEdges(
            @ForAll Kind kind, @ForAll Kind other, @ForAll @IntRange(max = 4_000) int count, @ForAll long seed) {
        double[] a = values(kind, count, seed);
        double[] b = values(other, count / 3, ~seed);
        Histogram first = sketch(a).histogramBeside(sketch(b));
        Histogram second = sketch(b).histogramBeside(sketch(a));

        assertThat(first.hasEdgesOf(second)).isTrue();
        if (sketch(a).plus(sketch(b)).shift() <= 52) {
            assertThat(first).isEqualTo(recounted(a, first.edges()));
            assertThat(second).isEqualTo(recounted(b, first.edges()));
        }
    }

    @Property(tries = 100)
    void edgesAreFewFiniteAndAscending(@ForAll @Size(max = 60) List<@From("any") Double> values) {
        double[] given = values.stream().mapToDouble(v -> v).toArray();
        double[] edges = reference(given).edges();

        assertThat(edges).hasSizeLessThanOrEqualTo(2 * Edges.MAX_BINS + 2);
        for (int i = 0; i < edges.length; i++) {
            assertThat(edges[i]).isFinite();
            assertThat(Double.doubleToRawLongBits(edges[i])).isNotEqualTo(Long.MIN_VALUE);
            assertThat(i == 0 || edges[i] > edges[i - 1]).isTrue();
        }
    }

    /** As a reference is made. */
    private static Histogram reference(double[] values) {
        NumericCounter counter = new NumericCounter("x", new SketchCounter());
        for (double value : values) {
            counter.add(value);
        }
        Profile profile = new Profile(values.length, Map.of("x", counter.profile()));
        return ((NumericProfile) Data.column(Profiles.asReference(profile), "x"))
                .distribution()
                .histogram();
    }

    private static Histogram recounted(double[] values, double[] edges) {
        long[] bins = new long[edges.length + 1];
        for (double value : values) {
            int bin = 0;
            while (bin < edges.length && value > edges[bin]) {
                bin++;
            }
            bins[bin]++;
        }
        return new Histogram(edges, bins);
    }

    @Property(tries = 100)
    void edgesAreSearchedLikeABook(
            @ForAll @Size(max = 45) List<@From("any") Double> edges,
            @ForAll @Size(max = 60) List<@From("any") Double> values) {
        double[] sorted = edges.stream()
                .mapToDouble(v -> v + 0.0)
                .filter(Double::isFinite)
                .distinct()
                .sorted()
                .toArray();
        double[] given = values.stream().mapToDouble(v -> v + 0.0).toArray();
        EdgeSearch search = new EdgeSearch(sorted);
        long[] ones = new long[search.bins()];
        for (double value : given) {
            ones[search.bin(value)]++;
        }
        assertThat(ones).isEqualTo(recounted(given, sorted).bins());
        double[] finite = Arrays.stream(given).filter(Double::isFinite).toArray();
        long[] block = new long[search.bins()];
        search.count(finite, finite.length, block);
        assertThat(block).isEqualTo(recounted(finite, sorted).bins());
    }

    @Example
    void zeroIsAboveTheLeastNegativeNumber() {
        assertThat(Sketch.high(-1, 1)).isEqualTo(-Double.MIN_VALUE);
        assertThat(Sketch.high(-1, 40)).isEqualTo(-Double.MIN_VALUE);
        assertThat(Sketch.low(0, 40)).isZero();
    }

    @Example
    void theErrorIsStated() {
        Sketch normal =
                sketch(new SplittableRandom(1).doubles(1_000_000).map(v -> 0).toArray());
        assertThat(normal.coarseness()).isEqualTo(1);
        SplittableRandom random = new SplittableRandom(2);
        double[] values = new double[1_000_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextGaussian();
        }
        assertThat(sketch(values).coarseness()).isLessThan(0.01);
    }

    @Example
    void contradictionsAreRefused() {
        assertThatThrownBy(() -> new Sketch(0, new long[] {1, 1}, new long[] {1, 1}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Sketch(0, new long[] {1}, new long[] {0}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Sketch(-1, new long[0], new long[0])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Sketch(0, new long[] {Long.MAX_VALUE}, new long[] {1}))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Sketch.EMPTY.plus(new Histogram(new double[0], new long[1])))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> sketch(1).coarsened(3).coarsened(2)).isInstanceOf(IllegalArgumentException.class);
        assertThat(sketch().histogram().total()).isZero();
    }
}
