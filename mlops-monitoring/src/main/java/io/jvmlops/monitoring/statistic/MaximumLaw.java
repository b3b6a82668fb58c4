package io.jvmlops.monitoring.statistic;

import java.util.Arrays;

/**
 * The law of the greatest difference of two distribution functions at some edges, if both samples are from one
 * distribution and only what lies between the edges in both together is given.
 *
 * <p>Given that, the rows of the current sample are drawn from all rows without replacement: their number below one edge
 * after the other is a Markov chain with hypergeometric steps. So ties, and any number of bins from two on, are part of
 * the law, where Kolmogorov's, for edges everywhere, is conservative: of 20 bins its 5 % are 3 %, of two 1 %.
 *
 * <ul> <li>Up to {@value #EXACT} effective rows {@code nm / (n + m)} the law is computed as it is: the chain's
 * probability to stay between the bounds, step by step. <li>Beyond, the chain is a Brownian bridge seen at the edges: the
 * same, by integration over its steps. <li>Below about 1e-8 the probabilities of the single edges are added up
 * (Bonferroni), which is an upper bound and close there. </ul>
 */
final class MaximumLaw {
    /** Up to this nm/(n+m) the law is exact. */
    static final int EXACT = 1000;

    private static final double RARE = 1e-8;

    /** With more edges than this, Kolmogorov's law is close: its 5 % are 3.6 % at least. */
    static final int MOST_EDGES = 128;

    /** Halves of the intervals of integration over the bridge's range. */
    private static final int NODES = 32;

    /** Of Gregory's formula: the weights of the outermost nodes. */
    private static final double[] GREGORY = {95 / 288.0, 317 / 240.0, 23 / 30.0, 793 / 720.0, 157 / 160.0};

    private MaximumLaw() {}

    /**
     * The probability of a difference of {@code scaled} or more.
     *
     * @param below how many rows of both lie below each edge: ascending, above 0 and below n + m
     * @param scaled the difference times nm
     */
    static double upper(double[] below, double n, double m, double scaled) {
        if (below.length == 0 || !(scaled > 0)) {
            return 1;
        }
        // Of the smaller side there are fewer states.
        double fewer = Math.min(n, m);
        double more = Math.max(n, m);
        double total = n + m;
        double effective = n / total * m;
        double root = Math.sqrt(effective);
        double x = scaled / total / root;
        // Kolmogorov's law is an upper bound.
        if (2 * StrictMath.exp(-2 * x * x) < RARE) {
            return sum(below, fewer, total, scaled / total);
        }
        if (effective <= EXACT && total < 1e12) {
            double p = 1 - inside(below, fewer, more, scaled);
            return p < RARE ? Math.min(RARE, sum(below, fewer, total, scaled / total)) : p;
        }
        // Numbers of rows are whole: half a row is where the bridge is as likely beyond as they are.
        x = Math.max(0, x - 0.5 / root);
        double[] times = apart(below, total, x);
        return times.length > MOST_EDGES ? KolmogorovSmirnov.limitLaw(x) : bridge(times, x);
    }

    /** Shares below the edges, without those so near to the one before that hardly a path leaves between them. */
    private static double[] apart(double[] below, double total, double x) {
        double closest = Math.max(1e-4, x * x / NODES / NODES);
        double[] times = new double[below.length];
        int size = 0;
        double last = 0;
        for (double rows : below) {
            double time = rows / total;
            if (time - last >= closest && 1 - time >= closest) {
                times[size++] = time;
                last = time;
            }
        }
        return Arrays.copyOf(times, size);
    }

    /** The probabilities of all edges added up. */
    private static double sum(double[] below, double drawn, double total, double bound) {
        double sum = 0;
        for (double marked : below) {
            double mean = marked / total * drawn;
            // What is on the bound within rounding is beyond it.
            double slack = 1e-12 * (mean + bound);
            double up = Math.ceil(mean + bound - slack);
            double down = Math.floor(mean - bound + slack);
            sum += Laws.hypergeometricUpper(up, marked, total, drawn);
            // So many or fewer below the edge are that many or more of the drawn above it.
            sum += Laws.hypergeometricUpper(drawn - down, total - marked, total, drawn);
        }
        return Math.min(1, sum);
    }

    /** The probability that the chain stays within less than the bound: exact. */
    private static double inside(double[] below, double m, double n, double scaled) {
        double total = n + m;
        double p = m / total;
        double q = n / total;
        int size = (int) m + 1;
        double[] now = new double[size];
        double[] next = new double[size];
        double[] weights = new double[size];
        now[0] = 1;
        int low = 0;
        int high = 0;
        double before = 0;
        for (double t : below) {
            // Exact: the products are whole numbers below 2^53.
            int newLow = (int) Math.max(0, Math.floor((t * m - scaled) / total) + 1);
            int newHigh = (int) Math.min(m, Math.ceil((t * m + scaled) / total) - 1);
            int most = Math.min(newHigh - low, (int) Math.min(size, t - before));
            if (newHigh < newLow || most < 0) {
                return 0;
            }
            weights(weights, most, t - before, p, q);
            Arrays.fill(next, newLow, newHigh + 1, 0);
            for (int s = low; s <= high; s++) {
                double mass = now[s];
                int from = Math.max(newLow, s);
                int to = Math.min(newHigh, s + most);
                for (int j = from; j <= to; j++) {
                    next[j] += mass * weights[j - s];
                }
            }
            double[] swap = now;
            now = next;
            next = swap;
            low = newLow;
            high = newHigh;
            before = t;
        }
        double sum = 0;
        for (int s = low; s <= high; s++) {
            sum += now[s] * Laws.binomial(m - s, total - before, p, q);
        }
        return sum / Laws.binomial(m, total, p, q);
    }

    /** Probabilities of 0 to most of the smaller side among so many rows. */
    private static void weights(double[] weights, int most, double rows, double p, double q) {
        int mode = (int) Math.min(most, Math.floor((rows + 1) * p));
        double odds = p / q;
        weights[mode] = Laws.binomial(mode, rows, p, q);
        for (int j = mode; j < most; j++) {
            weights[j + 1] = weights[j] * (rows - j) / (j + 1) * odds;
        }
        for (int j = mode; j > 0; j--) {
            weights[j - 1] = weights[j] * j / ((rows - j + 1) * odds);
        }
    }

    /** The probability that a Brownian bridge is at x or further from 0 at any of the times. */
    static double bridge(double[] times, double x) {
        if (x <= 0) {
            return 1;
        }
        // Where few paths leave, what leaves is added up, and else what stays is taken from 1.
        boolean leaving = x > 1.4;
        int nodes = NODES;
        double h = x / nodes;
        int size = nodes + 1;
        double[] now = new double[4 * nodes + 1];
        double[] next = new double[4 * nodes + 1];
        double[] kernel = new double[6 * nodes + 2];
        double[] paths = new double[2 * nodes + 1];
        double left = 0;
        double last = 0;
        for (double time : times) {
            double step = time - last;
            int reach = leaving ? (int) Math.min(4.0 * nodes, nodes + Math.ceil(6 * Math.sqrt(step) / h)) : nodes;
            gaussian(kernel, nodes + reach, h, step);
            if (last == 0) {
                System.arraycopy(kernel, 0, next, 0, reach + 1);
            } else {
                spread(now, nodes, h, kernel, reach, paths, next);
            }
            if (leaving) {
                left += 2 * returning(next, nodes, reach, h, time, false);
            }
            double[] swap = now;
            now = next;
            next = swap;
            last = time;
        }
        if (last == 0) {
            return 0;
        }
        if (leaving) {
            return Math.min(1, left);
        }
        double stayed = 2 * returning(now, 0, size - 1, h, last, true);
        return Math.max(0, Math.min(1, 1 - stayed));
    }

    /** Densities of a Brownian step at 0, h, 2 h, ... up to a last one. */
    private static void gaussian(double[] kernel, int last, double h, double step) {
        double value = 1 / Math.sqrt(2 * Math.PI * step);
        double ratio = StrictMath.exp(-h * h / (2 * step));
        double change = ratio * ratio;
        for (int i = 0; i <= last; i++) {
            // Denormal numbers are slow and add nothing.
            kernel[i] = value < 1e-280 ? 0 : value;
            value *= ratio;
            ratio *= change;
        }
    }

    /** Weight of a node at a distance of so many from an end. */
    private static double gregory(int fromEnd) {
        return fromEnd < GREGORY.length ? GREGORY[fromEnd] : 1;
    }

    /** One step: the new density at 0 to reach, of the paths that were within the nodes on both sides of 0. */
    private static void spread(
            double[] now, int nodes, double h, double[] kernel, int reach, double[] paths, double[] next) {
        for (int j = 0; j <= nodes; j++) {
            double mass = now[j] * gregory(nodes - j) * h;
            paths[nodes + j] = mass;
            paths[nodes - j] = mass;
        }
        Arrays.fill(next, 0, reach + 1, 0);
        for (int j = -nodes; j <= nodes; j++) {
            double mass = paths[nodes + j];
            int split = Math.max(0, Math.min(reach + 1, j));
            for (int l = 0; l < split; l++) {
                next[l] += mass * kernel[j - l];
            }
            for (int l = split; l <= reach; l++) {
                next[l] += mass * kernel[l - j];
            }
        }
    }

    /** The mass between two nodes, weighted by the chance to be back at 0 at the end, over that of the start. */
    private static double returning(double[] density, int from, int to, double h, double time, boolean fromZero) {
        double rest = 1 - time;
        double ratio = StrictMath.exp(-h * h / (2 * rest));
        double change = ratio * ratio;
        double value = 1 / Math.sqrt(rest);
        double sum = 0;
        for (int i = 0; i <= to; i++) {
            if (i >= from) {
                // At 0 the other half mirrors it; at the far end of what leaves there is nothing.
                double weight = fromZero ? (i == 0 ? 0.5 : gregory(to - i)) : gregory(i - from);
                sum += weight * density[i] * value;
            }
            value *= ratio;
            ratio *= change;
        }
        return sum * h;
    }
}
