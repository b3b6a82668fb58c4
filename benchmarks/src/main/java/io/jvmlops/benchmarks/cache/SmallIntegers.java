package io.jvmlops.benchmarks.cache;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Random;

/**
 * Rows that feature tables are full of: eight counts or codes from 0 to 9, as floats. A million draws give 995,015 distinct ones,
 * and for those {@link Arrays#hashCode(float[])} gives 4,096 numbers: whole numbers below 16 leave the lower 20 bits of a float zero,
 * and sums of their multiples do too.
 */
final class SmallIntegers {
    static final int WIDTH = 8;

    /** Draws, of which all but 4,985 are distinct. */
    static final int DRAWS = 1_000_000;

    private static final int BASE = 10;
    private static final int COMBINATIONS = 100_000_000;
    /** One of those that give as many distinct rows as were measured first. */
    private static final long SEED = 220;

    private SmallIntegers() {}

    /** The distinct rows of so many draws, in the order in which they were drawn. */
    static float[][] rows(int draws) {
        Random random = new Random(SEED);
        BitSet drawn = new BitSet(COMBINATIONS);
        List<float[]> rows = new ArrayList<>();
        for (int i = 0; i < draws; i++) {
            float[] row = new float[WIDTH];
            int number = 0;
            for (int j = 0; j < WIDTH; j++) {
                int digit = random.nextInt(BASE);
                row[j] = digit;
                number = number * BASE + digit;
            }
            if (!drawn.get(number)) {
                drawn.set(number);
                rows.add(row);
            }
        }
        return rows.toArray(float[][]::new);
    }

    /** How many numbers {@link Arrays#hashCode(float[])} tells rows apart by. */
    static long hashes(float[][] rows) {
        return Arrays.stream(rows).mapToInt(Arrays::hashCode).distinct().count();
    }

    static float sum(float[] row) {
        float sum = 0;
        for (float value : row) {
            sum += value;
        }
        return sum;
    }
}
