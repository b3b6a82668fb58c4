package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.Size;

/** Against counting the edges below. */
class EdgeSearchPropertyTest {
    /** Near each other, apart, so far apart that their differences overflow, and next to each other. */
    @Provide
    static Arbitrary<Double> edge() {
        return Arbitraries.frequencyOf(
                Tuple.of(6, Arbitraries.doubles().between(-3, 3)),
                Tuple.of(2, Arbitraries.integers().between(-50, 50).map(i -> (double) i)),
                Tuple.of(1, Arbitraries.doubles().between(-1e308, 1e308)),
                Tuple.of(1, Arbitraries.integers().between(0, 3).map(i -> 1 + i * Math.ulp(1.0))),
                Tuple.of(1, Arbitraries.of(0.0, Double.MIN_VALUE, -Double.MIN_VALUE, 1e-300)));
    }

    private static int below(double[] edges, double value) {
        return (int) Arrays.stream(edges).filter(edge -> edge < value).count();
    }

    @Property(tries = 500)
    void aBinIsTheNumberOfEdgesBelow(
            @ForAll @Size(max = 150) List<@From("edge") Double> given,
            @ForAll @Size(max = 40) List<@From("edge") Double> others) {
        double[] edges =
                given.stream().mapToDouble(v -> v + 0.0).sorted().distinct().toArray();
        EdgeSearch search = new EdgeSearch(edges);
        double[] values = Arrays.stream(edges)
                .flatMap(e -> Arrays.stream(new double[] {e, Math.nextUp(e), Math.nextDown(e)}))
                .toArray();
        values = DoubleStream.concat(
                        Arrays.stream(values),
                        DoubleStream.concat(
                                others.stream().mapToDouble(v -> v),
                                Arrays.stream(new double[] {Double.MAX_VALUE, -Double.MAX_VALUE, 0})))
                .map(v -> v + 0.0)
                .filter(Double::isFinite)
                .toArray();
        long[] expected = new long[edges.length + 1];
        long[] found = new long[search.bins()];
        for (double value : values) {
            expected[below(edges, value)]++;
            assertThat(search.bin(value)).isEqualTo(below(edges, value));
        }
        search.count(values, values.length, found);

        assertThat(found).isEqualTo(expected);
        assertThat(search.bin(Double.POSITIVE_INFINITY)).isEqualTo(edges.length);
        assertThat(search.bin(Double.NEGATIVE_INFINITY)).isZero();
        assertThat(search.edges()).isEqualTo(edges);
    }
}
