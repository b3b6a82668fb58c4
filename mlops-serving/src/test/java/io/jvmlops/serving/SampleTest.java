package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SampleTest {
    /** Of chi-square with k degrees of freedom: k + 6 of its standard deviations. Seeds are fixed, so this holds or does not. */
    private static double bound(int degrees) {
        return degrees + 6 * Math.sqrt(2.0 * degrees);
    }

    /** How often each position was taken of so many calls of so many rows. */
    private static long[] taken(int calls, int rows, int sampling, RandomGenerator random) {
        long[] taken = new long[rows];
        for (int call = 0; call < calls; call++) {
            Sample sample = Sample.draw(rows, sampling, random);
            if (sample != null) {
                for (int row : sample.rows(rows)) {
                    taken[row]++;
                }
            }
        }
        return taken;
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,4", "2,1", "3,2", "63,1", "64,1", "64,3", "64,6", "65,1", "65,4", "128,2", "200,5", "1000,8"})
    void everyPositionIsTakenAsOften(int rows, int sampling) {
        int calls = Math.max(1000, (100 << sampling) * 20 / rows);
        long[] taken = taken(calls, rows, sampling, new SplittableRandom(rows * 31L + sampling));
        double p = Math.scalb(1.0, -sampling);
        double expected = calls * p;
        double chi = Arrays.stream(taken)
                .mapToDouble(n -> (n - expected) * (n - expected) / (expected * (1 - p)))
                .sum();
        assertThat(chi).isLessThan(bound(rows));
        double sum = Arrays.stream(taken).sum();
        double deviation = Math.sqrt(calls * (double) rows * p * (1 - p));
        assertThat(Math.abs(sum - expected * rows)).isLessThan(6 * deviation);
    }

    /** Rows that are taken say nothing of the row beside them, nor of the same row in the next call. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void rowsAreTakenIndependently(int sampling) {
        RandomGenerator random = new SplittableRandom(sampling);
        int rows = 130;
        int calls = 4000;
        double p = Math.scalb(1.0, -sampling);
        long beside = 0;
        long next = 0;
        boolean[] before = new boolean[rows];
        for (int call = 0; call < calls; call++) {
            boolean[] now = new boolean[rows];
            Sample sample = Sample.draw(rows, sampling, random);
            if (sample != null) {
                for (int row : sample.rows(rows)) {
                    now[row] = true;
                }
            }
            for (int row = 0; row < rows; row++) {
                beside += row > 0 && now[row] && now[row - 1] ? 1 : 0;
                next += now[row] && before[row] ? 1 : 0;
            }
            before = now;
        }
        for (double[] pair : new double[][] {{beside, calls * (rows - 1.0)}, {next, (calls - 1.0) * rows}}) {
            double expected = pair[1] * p * p;
            // Neighbouring pairs share a row: twice the variance is more than enough.
            assertThat(Math.abs(pair[0] - expected)).isLessThan(6 * Math.sqrt(2 * expected + 2 * expected * p));
        }
    }

    @Test
    void theThreadsOwnGeneratorTakesTheRightPart() {
        long taken = 0;
        int calls = 200_000;
        for (int call = 0; call < calls; call++) {
            Sample sample = Sample.draw(8, 3);
            taken += sample == null ? 0 : sample.taken(8);
        }
        // Eight deviations: once in 10^15 runs.
        assertThat(Math.abs(taken - calls)).isLessThan((long) (8 * Math.sqrt(calls * 7.0 / 8)));
    }

    @Test
    void ofAllRowsAllAreTaken() {
        for (int rows : new int[] {0, 1, 64, 65}) {
            assertThat(Sample.draw(rows, 0)).isSameAs(Sample.ALL);
        }
        assertThat(Sample.ALL.taken(7)).isEqualTo(7);
        assertThat(Sample.ALL.rows(3)).containsExactly(0, 1, 2);
        assertThat(Sample.ALL.hasFirst()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20})
    void ofNoRowsNoneIsTaken(int sampling) {
        assertThat(Sample.draw(0, sampling)).isNull();
    }

    @Test
    void rowsAreCopiedWhereTheyAre() {
        float[] all = new float[3 * 200 + 5];
        for (int i = 0; i < all.length; i++) {
            all[i] = i;
        }
        Sample sample = Sample.draw(200, 2, new SplittableRandom(1));
        assertThat(sample).isNotNull();
        int[] rows = sample.rows(200);
        assertThat(rows).isSorted().doesNotHaveDuplicates().hasSizeBetween(20, 80);
        float[] some = sample.of(all, 3, 200);
        assertThat(some).hasSize(3 * rows.length);
        for (int i = 0; i < rows.length; i++) {
            assertThat(Arrays.copyOfRange(some, 3 * i, 3 * i + 3))
                    .containsExactly(3 * rows[i], 3 * rows[i] + 1, 3 * rows[i] + 2);
        }
        assertThat(Sample.ALL.of(all, 3, 200)).hasSize(600).containsExactly(Arrays.copyOf(all, 600));
    }
}
