package io.jvmlops.monitoring.statistic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Laws where counts are near what a double can count. */
class ManyRowsTest {
    private static final long ROWS = 1_000_000_000_000_000L;

    /** The binomial law of the few rows now: P(X > 2) + P(X = 2) / 2 of 50 at 1 %, and as far below. */
    @Test
    void aFewMissingValuesBesideAHugeReferenceAreChance() {
        double two = 50 * 49 / 2.0 * Math.pow(0.01, 2) * Math.pow(0.99, 48);
        double fewer = Math.pow(0.99, 50) + 50 * 0.01 * Math.pow(0.99, 49);

        assertThat(MissingRate.of(ROWS / 100, ROWS - ROWS / 100, 2, 48).pValue())
                .isEqualTo(1 - fewer - two / 2, within(1e-9));
    }

    /** Each of its rows falls on either side with a chance of one half. */
    @ParameterizedTest
    @ValueSource(longs = {1, 10, 32, 33, 40, 100, 1000})
    void aNewLevelBesideHugeOnes(long rows) {
        LevelTable table = LevelTable.of(new long[] {ROWS, 0}, new long[] {ROWS, rows});

        assertThat(NewLevels.of(table, false).pValue())
                .isCloseTo(Math.pow(0.5, (double) rows), Percentage.withPercentage(0.1));
    }

    /** None of the 30 rows has the level of one in eleven; the p-value is a bound. */
    @Test
    void aHugeLevelThatIsLost() {
        LevelTable table = LevelTable.of(new long[] {ROWS, ROWS / 10}, new long[] {30, 0});

        double chance = Math.pow(10 / 11.0, 30);
        assertThat(NewLevels.of(table, true).pValue()).isBetween(chance, 1.05 * chance);
    }

    @Test
    void anAdjustedPValueIsNeverBelowItsOwn() {
        SplittableRandom random = new SplittableRandom(4);
        for (int size = 1; size <= 200; size++) {
            double[] p = random.doubles(size).toArray();
            double[] adjusted = BenjaminiHochberg.adjust(p);
            for (int i = 0; i < size; i++) {
                assertThat(adjusted[i]).isGreaterThanOrEqualTo(p[i]);
            }
        }
    }
}
