package io.jvmlops.monitoring.detector;

import java.util.Arrays;
import java.util.Locale;

/**
 * KSWIN, Kolmogorov-Smirnov windowing: compares the newest values with as many chosen at random from those before them in a sliding
 * window, by the two-sample test of Kolmogorov and Smirnov. Sees any change of a distribution, of its spread or shape as well as of its
 * mean, on any scale; but it tests at each value and looks no further back than its window, so false alarms come with
 * time, and small or slow changes pass.
 *
 * <p>The p-value is exact for samples without ties, as scipy's, and never too small with them. A change counts if p is at most
 * {@link Builder#alpha} and D, the greatest difference between the two distribution functions, more than 0.1. A drift empties
 * the window.
 *
 * <p>Raab, Heusinger and Schleif (2020), Reactive soft prototype computing for concept drift streams, Neurocomputing 416.
 * Decides as River 0.26.1 on the same samples; its indices are others, because the random numbers are (SplitMix64
 * here, Python's Mersenne Twister there). The newest values are kept sorted, so that a test sorts nothing.
 */
public final class Kswin extends Detector {
    private static final double LEAST_DIFFERENCE = 0.1;

    private final double alpha;
    private final int windowSize;
    private final int statSize;
    private final long seed;

    /** The least statSize * D that is a change. */
    private final int critical;

    /** Values by arrival, the next place at {@link #next}. */
    private final double[] window;

    private final double[] newest;

    /** At i, how many chosen values have exactly i newest ones below them; below or equal. */
    private final int[] below;

    private final int[] upTo;

    /** A bit for each older value: chosen for this test. */
    private final long[] chosen;

    private int next;
    private int filled;
    private long random;

    /** statSize * D of the last test; -1 before the first. */
    private int difference;

    private Kswin(Builder builder) {
        alpha = Options.share("alpha", builder.alpha);
        windowSize = Options.within("windowSize", builder.windowSize, 4, 100_000);
        statSize = Options.within("statSize", builder.statSize, 2, 10_000);
        if (windowSize < 2 * statSize) {
            throw new IllegalArgumentException("windowSize is " + windowSize + " and statSize " + statSize
                    + ", expected windowSize >= 2 * statSize: as many older values as newest ones are chosen");
        }
        seed = builder.seed;
        int least = (int) Math.floor(LEAST_DIFFERENCE * statSize) + 1;
        critical = Math.max(least, EqualSizes.critical(statSize, alpha));
        if (critical > statSize) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "statSize is %d and alpha %s, but no p-value of so few values is less than %.2g, so there would be"
                            + " no drift ever; expected more values or a greater alpha",
                    statSize,
                    alpha,
                    EqualSizes.pValue(statSize, statSize)));
        }
        window = new double[windowSize];
        newest = new double[statSize];
        below = new int[statSize + 1];
        upTo = new int[statSize + 1];
        chosen = new long[(windowSize - statSize + 63) >>> 6];
        rewind();
        restart();
    }

    /** With River's defaults and seed 0. */
    public static Kswin ofDefaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** @throws io.jvmlops.api.error.InvalidInputException if the value is NaN or infinite */
    @Override
    public State update(double value) {
        if (!(Math.abs(value) <= Double.MAX_VALUE)) {
            throw refused(value, "a finite number");
        }
        double x = value + 0.0;
        begin();
        push(x);
        if (filled < windowSize) {
            return end(State.STABLE);
        }
        difference = test();
        return end(difference >= critical ? State.DRIFT : State.STABLE);
    }

    private void push(double x) {
        if (filled < statSize) {
            insert(x, filled);
        } else {
            int leaving = next - statSize;
            double oldest = window[leaving < 0 ? leaving + windowSize : leaving];
            int at = countUpTo(oldest) - 1;
            System.arraycopy(newest, at + 1, newest, at, statSize - 1 - at);
            insert(x, statSize - 1);
        }
        window[next] = x;
        next = next + 1 == windowSize ? 0 : next + 1;
        if (filled < windowSize) {
            filled++;
        }
    }

    /** Puts a value among the sorted ones, of which there are so many. */
    private void insert(double x, int size) {
        int at = size;
        while (at > 0 && newest[at - 1] > x) {
            newest[at] = newest[at - 1];
            at--;
        }
        newest[at] = x;
    }

    /** statSize * D between the newest values and a fresh choice of the older ones. */
    private int test() {
        Arrays.fill(chosen, 0);
        Arrays.fill(below, 0);
        Arrays.fill(upTo, 0);
        int older = windowSize - statSize;
        // Floyd's choice: every subset of that size is as likely, and each takes one random number.
        for (int last = older - statSize; last < older; last++) {
            int choice = random(last + 1);
            if ((chosen[choice >>> 6] & 1L << choice) != 0) {
                choice = last;
            }
            chosen[choice >>> 6] |= 1L << choice;
            int at = next + choice;
            double x = window[at >= windowSize ? at - windowSize : at];
            int less = countBelow(x);
            below[less]++;
            upTo[less < statSize && newest[less] == x ? countUpTo(x) : less]++;
        }
        return difference(newest, below, upTo);
    }

    /**
     * Where the distribution functions of two samples of the same size differ most, times that size.
     *
     * @param sorted one of the samples
     * @param below at i, how many of the other sample have exactly i of the sorted ones below them
     * @param upTo at i, how many of the other sample have exactly i of the sorted ones below them or equal to them
     */
    static int difference(double[] sorted, int[] below, int[] upTo) {
        int n = sorted.length;
        int greatest = 0;
        int notGreater = 0;
        int smaller = 0;
        for (int i = 0; i < n; i++) {
            smaller += upTo[i];
            notGreater += below[i];
            if (i == 0 || sorted[i - 1] < sorted[i]) {
                // Just before this value.
                greatest = Math.max(greatest, Math.abs(smaller - i));
            }
            if (i == n - 1 || sorted[i] < sorted[i + 1]) {
                // At this value.
                greatest = Math.max(greatest, Math.abs(notGreater - (i + 1)));
            }
        }
        return greatest;
    }

    /** By halves of the same length whichever is right, so that there is no branch to guess wrong. */
    private int countBelow(double x) {
        int from = 0;
        int length = statSize;
        while (length > 1) {
            int half = length >>> 1;
            from += newest[from + half - 1] < x ? half : 0;
            length -= half;
        }
        return from + (newest[from] < x ? 1 : 0);
    }

    private int countUpTo(double x) {
        int low = 0;
        int high = statSize;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (newest[middle] <= x) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** SplitMix64 (Steele, Lea and Flood, 2014), scaled to less than a bound. */
    private int random(int bound) {
        random += 0x9E3779B97F4A7C15L;
        long z = random;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        z ^= z >>> 31;
        return (int) Math.multiplyHigh(z >>> 1, 2L * bound);
    }

    /** The p-value of the last test since the last drift, that which gave it included; 1 if there was none. */
    public double pValue() {
        return EqualSizes.pValue(statSize, difference);
    }

    /** D of the last test, 0 to 1; 0 if there was none since the last drift. */
    public double statistic() {
        return Math.max(0, difference) / (double) statSize;
    }

    @Override
    void restart() {
        next = 0;
        filled = 0;
        difference = -1;
    }

    @Override
    void rewind() {
        random = seed;
    }

    @Override
    DetectorCodec.Kind kind() {
        return DetectorCodec.Kind.KSWIN;
    }

    @Override
    String options() {
        return "alpha " + alpha + ", windowSize " + windowSize + ", statSize " + statSize + ", seed " + seed;
    }

    @Override
    void writeOptions(DetectorWriter out) {
        out.writeDouble(alpha);
        out.writeInt(windowSize);
        out.writeInt(statSize);
        out.writeLong(seed);
    }

    static Kswin readOptions(DetectorReader in) {
        return builder()
                .alpha(in.readDouble())
                .windowSize(in.readInt())
                .statSize(in.readInt())
                .seed(in.readLong())
                .build();
    }

    /** Oldest first, wherever the window begins. */
    @Override
    void writeSeen(DetectorWriter out) {
        out.writeLong(random);
        out.writeInt(difference);
        for (int i = 0; i < filled; i++) {
            int at = next - filled + i;
            out.writeDouble(window[at < 0 ? at + windowSize : at]);
        }
    }

    @Override
    void readSeen(DetectorReader in) {
        random = in.readLong();
        int stored = in.readInt("difference", -1, statSize);
        int values = (int) Math.min(age(), windowSize);
        if (stored < 0 != values < windowSize) {
            throw DetectorCodec.invalid("a test of " + values + " values has no such outcome");
        }
        for (int i = 0; i < values; i++) {
            push(in.readFinite("value of the window") + 0.0);
        }
        difference = stored;
    }

    /** Options of {@link Kswin}; a new one has River's, and seed 0. */
    public static final class Builder {
        private double alpha = 0.005;
        private int windowSize = 100;
        private int statSize = 30;
        private long seed;

        private Builder() {}

        /** p-value that is a change, between 0 and 1, of each single test: for long streams 0.0001 or less; 0.005 by default. */
        public Builder alpha(double alpha) {
            this.alpha = alpha;
            return this;
        }

        /** Values looked at, from twice {@link #statSize} to 100,000; 100 by default. */
        public Builder windowSize(int windowSize) {
            this.windowSize = windowSize;
            return this;
        }

        /** Newest values, and older ones that they are compared with, 2 to 10,000; 30 by default. */
        public Builder statSize(int statSize) {
            this.statSize = statSize;
            return this;
        }

        /** Where the random numbers begin; 0 by default. */
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /** @throws IllegalArgumentException if an option is out of its range, or they allow no drift; the message names it */
        public Kswin build() {
            return new Kswin(this);
        }
    }
}
