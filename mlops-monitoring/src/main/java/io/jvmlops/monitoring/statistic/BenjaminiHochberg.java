package io.jvmlops.monitoring.statistic;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Benjamini and Hochberg's (1995) step-up correction for testing many hypotheses at once. Rejecting where the adjusted value
 * is at most q keeps the expected share of false rejections at q, for independent and for positively dependent tests; if
 * nothing has changed anywhere, it is the probability of any rejection. Agrees with R's {@code p.adjust(p, "BH")}.
 */
public final class BenjaminiHochberg {
    private BenjaminiHochberg() {}

    /**
     * Adjusts p-values.
     *
     * @param p in any order; NaN stands for a hypothesis that was not tested, does not count and stays NaN
     * @return in the same order, each at least its p and at most 1
     */
    public static double[] adjust(double... p) {
        int[] descending = IntStream.range(0, p.length)
                .filter(i -> !Double.isNaN(p[i]))
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> p[i]).reversed())
                .mapToInt(Integer::intValue)
                .toArray();
        double[] adjusted = p.clone();
        double least = 1;
        for (int k = 0; k < descending.length; k++) {
            int rank = descending.length - k;
            least = Math.min(least, (double) descending.length / rank * p[descending[k]]);
            adjusted[descending[k]] = least;
        }
        return adjusted;
    }
}
