package io.jvmlops.monitoring.convention;

import java.util.Arrays;

/** What numpy does with floating-point numbers, in its order of operations. */
final class Numpy {
    private Numpy() {}

    /** By pairs, as numpy adds. */
    static double sum(double[] values) {
        return sum(values, 0, values.length);
    }

    private static double sum(double[] a, int from, int n) {
        if (n < 8) {
            double sum = 0;
            for (int i = 0; i < n; i++) {
                sum += a[from + i];
            }
            return sum;
        }
        if (n <= 128) {
            double[] r = Arrays.copyOfRange(a, from, from + 8);
            int i = 8;
            for (; i < n - n % 8; i += 8) {
                for (int k = 0; k < 8; k++) {
                    r[k] += a[from + i + k];
                }
            }
            double sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
            for (; i < n; i++) {
                sum += a[from + i];
            }
            return sum;
        }
        int half = n / 2;
        half -= half % 8;
        return sum(a, from, half) + sum(a, from + half, n - half);
    }

    static double mean(double[] values) {
        return sum(values) / values.length;
    }

    /** Over n. */
    static double deviation(double[] values) {
        double mean = mean(values);
        return Math.sqrt(
                mean(Arrays.stream(values).map(v -> (v - mean) * (v - mean)).toArray()));
    }

    /** As many bins as Sturges' rule says: {@code histogram_bin_edges(values, "sturges")}. */
    static double[] sturges(double[] values) {
        double range = range(values);
        return edges(values, range / (log2(values.length) + 1.0));
    }

    /** As many bins as Doane's rule says: {@code histogram_bin_edges(values, "doane")}. */
    static double[] doane(double[] values) {
        double n = values.length;
        double width = 0;
        if (values.length > 2) {
            double deviation = deviation(values);
            if (deviation > 0) {
                double mean = mean(values);
                double skewness = mean(Arrays.stream(values)
                        .map(v -> StrictMath.pow((v - mean) / deviation, 3))
                        .toArray());
                double error = Math.sqrt(6.0 * (n - 2) / ((n + 1.0) * (n + 3)));
                width = range(values)
                        / (1.0
                                + log2(values.length)
                                + StrictMath.log(1.0 + Math.abs(skewness) / error) / StrictMath.log(2));
            }
        }
        return edges(values, width);
    }

    private static double range(double[] values) {
        double range = Arrays.stream(values).max().orElse(0)
                - Arrays.stream(values).min().orElse(0);
        if (!Double.isFinite(range)) {
            throw new IllegalArgumentException(
                    "a range that is not finite has no bins of equal width, expected finite values");
        }
        return range;
    }

    /** Exact for powers of two, on which the number of bins hangs. */
    private static double log2(int n) {
        return Integer.bitCount(n) == 1 ? Integer.numberOfTrailingZeros(n) : StrictMath.log(n) / StrictMath.log(2);
    }

    private static double[] edges(double[] values, double width) {
        double first = Arrays.stream(values).min().orElse(0);
        double last = Arrays.stream(values).max().orElse(0);
        if (first == last) {
            first -= 0.5;
            last += 0.5;
        }
        double bins = width > 0 ? Math.ceil((last - first) / width) : 1;
        return linspace(first, last, (int) Math.max(1, Math.min(bins, 100_000)));
    }

    /** Edges of so many equal intervals. */
    static double[] linspace(double first, double last, int intervals) {
        double step = (last - first) / intervals;
        double[] edges = new double[intervals + 1];
        for (int i = 0; i < intervals; i++) {
            edges[i] = i * step + first;
        }
        edges[intervals] = last;
        return edges;
    }

    /** Counts between edges, each bin with its lower end and the last with both; values beyond are not counted. */
    static long[] histogram(double[] values, double[] edges) {
        long[] counts = new long[edges.length - 1];
        for (double value : values) {
            if (value >= edges[0] && value <= edges[edges.length - 1]) {
                // The last edge that is not above the value.
                int low = 0;
                int high = edges.length - 1;
                while (low < high) {
                    int middle = (low + high + 1) >>> 1;
                    if (edges[middle] <= value) {
                        low = middle;
                    } else {
                        high = middle - 1;
                    }
                }
                counts[Math.min(low, counts.length - 1)]++;
            }
        }
        return counts;
    }

    static double[] shares(long[] counts, double total) {
        return Arrays.stream(counts).mapToDouble(c -> c / total).toArray();
    }

    static double[] cumulated(double[] values, double from) {
        double[] sums = new double[values.length];
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += values[i];
            sums[i] = from + sum;
        }
        return sums;
    }

    /** {@code scipy.spatial.distance.jensenshannon} in nats. */
    static double jensenShannon(double[] p, double[] q) {
        double sumP = sum(p);
        double sumQ = sum(q);
        double[] left = new double[p.length];
        double[] right = new double[p.length];
        for (int i = 0; i < p.length; i++) {
            double a = p[i] / sumP;
            double b = q[i] / sumQ;
            double m = (a + b) / 2.0;
            left[i] = entropy(a, m);
            right[i] = entropy(b, m);
        }
        return Math.sqrt(Math.max(0, sum(left) + sum(right)) / 2.0);
    }

    /** {@code scipy.stats.entropy(p, q)}. */
    static double divergence(double[] p, double[] q) {
        double sumP = sum(p);
        double sumQ = sum(q);
        double[] parts = new double[p.length];
        for (int i = 0; i < p.length; i++) {
            parts[i] = entropy(p[i] / sumP, q[i] / sumQ);
        }
        return sum(parts);
    }

    private static double entropy(double x, double y) {
        return x == 0 ? 0 : y == 0 ? Double.POSITIVE_INFINITY : x * StrictMath.log(x / y);
    }

    /** The old generator of numpy, Mersenne twister 19937 (Matsumoto and Nishimura 1998), and its shuffle. */
    static final class OldRandom {
        private final int[] state = new int[624];
        private int next = 624;

        OldRandom(int seed) {
            state[0] = seed;
            for (int i = 1; i < state.length; i++) {
                state[i] = 1812433253 * (state[i - 1] ^ state[i - 1] >>> 30) + i;
            }
        }

        private int bits() {
            if (next == state.length) {
                for (int i = 0; i < state.length; i++) {
                    int y = state[i] & 0x80000000 | state[(i + 1) % 624] & 0x7fffffff;
                    state[i] = state[(i + 397) % 624] ^ y >>> 1 ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
                }
                next = 0;
            }
            int y = state[next++];
            y ^= y >>> 11;
            y ^= y << 7 & 0x9d2c5680;
            y ^= y << 15 & 0xefc60000;
            return y ^ y >>> 18;
        }

        /** A permutation of the numbers below n. */
        int[] permutation(int n) {
            int[] order = new int[n];
            Arrays.setAll(order, i -> i);
            for (int i = n - 1; i > 0; i--) {
                int mask = -1 >>> Integer.numberOfLeadingZeros(i);
                int j;
                do {
                    j = bits() & mask;
                } while (j > i);
                int swapped = order[i];
                order[i] = order[j];
                order[j] = swapped;
            }
            return order;
        }
    }
}
