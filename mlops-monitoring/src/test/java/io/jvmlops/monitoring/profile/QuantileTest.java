package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.monitoring.NumericProfile;
import java.util.Arrays;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class QuantileTest {
    private static NumericProfile sketched(double... values) {
        NumericCounter counter = new NumericCounter("x", new SketchCounter());
        for (double value : values) {
            counter.add(value);
        }
        return counter.profile();
    }

    private static NumericProfile counted(double... values) {
        Tensors tensors = Data.numbers(values);
        return (NumericProfile) Data.column(
                ReferenceProfile.builder(Data.numbers()).add(tensors).build().inputs(), "x");
    }

    @Test
    void aSketchOfFewValuesKnowsThem() {
        NumericProfile profile = sketched(3, 1, 2, 5, 4);

        assertThat(profile.quantile(0)).isEqualTo(1);
        assertThat(profile.quantile(0.2)).isEqualTo(1);
        assertThat(profile.quantile(0.5)).isEqualTo(3);
        assertThat(profile.quantile(1)).isEqualTo(5);
    }

    @Test
    void infinitiesAreValuesAndNaNIsNone() {
        NumericProfile profile = sketched(Double.NEGATIVE_INFINITY, 1, Double.NaN, 2, Double.POSITIVE_INFINITY);

        assertThat(profile.quantile(0.25)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(profile.quantile(0.5)).isEqualTo(1);
        assertThat(profile.quantile(0.75)).isEqualTo(2);
        assertThat(profile.quantile(0.76)).isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void thereIsNoneOfNothing() {
        assertThat(sketched().quantile(0.5)).isNaN();
        assertThat(sketched(Double.NaN).quantile(0.5)).isNaN();
        assertThatThrownBy(() -> sketched(1).quantile(1.1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1.1");
    }

    @Test
    void theWholeRangeOfDoublesDoesNotOverflow() {
        NumericProfile profile = counted(-1e308, -1e308, 0, 1e308, 1e308);

        for (double share = 0; share <= 1; share += 0.125) {
            assertThat(profile.quantile(share)).isBetween(-1e308, 1e308);
        }
    }

    /** The answer lies in the bin of the true one: so many values at most are between the two. */
    @Property(tries = 200)
    void theRankIsOffByNoMoreThanABin(
            @ForAll @IntRange(min = 1, max = 5000) int n,
            @ForAll long seed,
            @ForAll @DoubleRange(min = 0, max = 1) double share) {
        double[] values = new SplittableRandom(seed)
                .doubles(n)
                .map(u -> Math.exp(20 * u - 10))
                .toArray();
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int rank = Math.max(1, (int) Math.ceil(share * n));
        for (NumericProfile profile : new NumericProfile[] {sketched(values), counted(values)}) {
            double found = profile.quantile(share);
            long below = Arrays.stream(sorted).filter(v -> v < found).count();
            long upTo = Arrays.stream(sorted).filter(v -> v <= found).count();
            double slack = profile.distribution().coarseness() * n + 1;

            assertThat(rank - upTo).isLessThanOrEqualTo((long) slack);
            assertThat(below - rank).isLessThanOrEqualTo((long) slack);
        }
    }
}
