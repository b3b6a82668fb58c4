package io.jvmlops.monitoring.detector;

/**
 * Kolmogorov and Smirnov's two-sample test for two samples of the same size n without ties, exactly: D is k/n for a whole k.
 *
 * <p>{@code P(D >= k/n) = 2 sum (-1)^(j-1) C(2n, n - jk) / C(2n, n)} over j from 1 to n/k (Gnedenko and Korolyuk, 1951). The same
 * as {@code scipy.stats.ks_2samp(method="exact")}.
 */
final class EqualSizes {
    private EqualSizes() {}

    /** The probability of a difference of k/n or more; 1 for k = 0. */
    static double pValue(int n, int k) {
        if (k <= 0) {
            return 1;
        }
        double sum = 0;
        double term = 1;
        int m = 0;
        for (int j = 1; j <= n / k && term > 0; j++) {
            while (m < j * k) {
                m++;
                term *= (n - m + 1.0) / (n + m);
            }
            sum += j % 2 == 1 ? term : -term;
        }
        return Math.max(0, Math.min(1, 2 * sum));
    }

    /** The least k with a p-value of at most alpha; n + 1 if there is none. */
    static int critical(int n, double alpha) {
        int low = 1;
        int high = n + 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (pValue(n, middle) <= alpha) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
