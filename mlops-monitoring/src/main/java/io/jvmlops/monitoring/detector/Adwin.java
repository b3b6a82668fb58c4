package io.jvmlops.monitoring.detector;

import java.util.Arrays;

/**
 * ADWIN, adaptive windowing: keeps a window as long as nothing in it has changed, and drops what is old when the means of an
 * older and a newer part differ by more than chance allows. The detector to begin with: false alarms are rare, and it needs no
 * threshold in the values' unit.
 *
 * <p>Its bound has a term for values between 0 and 1. On a wider scale that term is nothing, and the deviation alone counts; on a
 * much narrower one it hides all changes: multiply values whose changes are below a hundredth or so.
 *
 * <p>The window is kept as an exponential histogram: up to {@code maxBuckets} sums of 1 value, as many of 2, of 4, and so on,
 * so memory and the time of a test grow with the logarithm of the window's length. Each border between buckets is a place where
 * the window may be cut.
 *
 * <p>Bifet and Gavaldà (2007), Learning from time-changing data with adaptive windowing, in its second form (ADWIN2) with
 * variances by Babcock and others (2003). Agrees with River 0.26.1 to the index. As there, the window that is left after a drift
 * lives until the next value only, which begins a new one. Unlike there, a difference that rounding explains is none: equal values
 * are stable however large they are.
 */
public final class Adwin extends Detector {
    private static final int MOST_ROWS = 56;

    /** Of 2^63 values of the greatest magnitude, with room to go on. */
    private static final double GREATEST_VARIANCE = 1e301;

    private final double delta;
    private final int clock;
    private final int maxBuckets;
    private final int minWindow;
    private final int gracePeriod;

    /** Room for a row: one more than may stay. */
    private final int stride;

    /** Sums of buckets: those of 2^row values at row * stride and after, oldest first. */
    private double[] totals;

    /** Sums of squared deviations from the buckets' own means. */
    private double[] variances;

    private int[] sizes;
    private int rows;
    private double width;
    private double total;

    /** Sum of squared deviations from the window's mean. */
    private double variance;

    private int untilTest;

    private Adwin(Builder builder) {
        delta = Options.share("delta", builder.delta);
        clock = Options.within("clock", builder.clock, 1, 1 << 20);
        maxBuckets = Options.within("maxBuckets", builder.maxBuckets, 2, 1000);
        minWindow = Options.within("minWindow", builder.minWindow, 1, 1 << 20);
        gracePeriod = Options.within("gracePeriod", builder.gracePeriod, 0, 1 << 30);
        stride = maxBuckets + 1;
        totals = new double[8 * stride];
        variances = new double[8 * stride];
        sizes = new int[8];
        restart();
    }

    /** With River's defaults. */
    public static Adwin ofDefaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** @throws io.jvmlops.api.error.InvalidInputException if the value is not finite or its magnitude is beyond 1e140 */
    @Override
    public State update(double value) {
        double x = number(value);
        begin();
        insert(x);
        if (--untilTest > 0) {
            return end(State.STABLE);
        }
        untilTest = clock;
        return end(width > gracePeriod && shrink() ? State.DRIFT : State.STABLE);
    }

    private void insert(double x) {
        int last = sizes[0]++;
        totals[last] = x;
        variances[last] = 0;
        double before = width;
        width = before + 1;
        if (before > 0) {
            double deviation = x - total / before;
            variance += before * deviation * deviation / width;
        }
        total += x;
        if (last == maxBuckets) {
            compress();
        }
    }

    /** Where a row is too full, its two oldest become one of the next. */
    private void compress() {
        int row = 0;
        double values = 1;
        while (sizes[row] > maxBuckets) {
            if (row + 1 == rows) {
                addRow();
            }
            int at = row * stride;
            double first = totals[at];
            double second = totals[at + 1];
            double difference = first / values - second / values;
            int next = (row + 1) * stride + sizes[row + 1]++;
            totals[next] = first + second;
            variances[next] = variances[at] + variances[at + 1] + values * 0.5 * difference * difference;
            int left = sizes[row] - 2;
            System.arraycopy(totals, at + 2, totals, at, left);
            System.arraycopy(variances, at + 2, variances, at, left);
            sizes[row] = left;
            values += values;
            row++;
        }
    }

    private void addRow() {
        rows++;
        if (rows > sizes.length) {
            // The only allocation: when the window has become some hundred times longer.
            sizes = Arrays.copyOf(sizes, 2 * sizes.length);
            totals = Arrays.copyOf(totals, sizes.length * stride);
            variances = Arrays.copyOf(variances, sizes.length * stride);
        }
        sizes[rows - 1] = 0;
    }

    /** Drops the oldest bucket as long as any cut tells of a change. */
    private boolean shrink() {
        boolean changed = false;
        while (hasCut()) {
            changed = true;
            dropOldest();
        }
        return changed;
    }

    private boolean hasCut() {
        double confidence = Math.log(2.0 * Math.log(width) / delta);
        double perBucket = variance / width;
        double linear = 2.0 / 3.0 * confidence;
        double square = 2.0 * (1 - 1e-9) * perBucket * confidence;
        double least = minWindow;
        double older = 0;
        double newer = width;
        double olderTotal = 0;
        double newerTotal = total;
        for (int row = rows - 1; row >= 0; row--) {
            double values = 1L << row;
            int at = row * stride;
            int end = at + sizes[row];
            if (row == 0) {
                // Nothing would be left on the newer side.
                end--;
            }
            for (; at < end; at++) {
                double u = totals[at];
                older += values;
                newer -= values;
                olderTotal += u;
                newerTotal -= u;
                if (newer >= least && older >= least && !isPlainlyAlike(older, newer, olderTotal, newerTotal, square)) {
                    double difference = olderTotal / older - newerTotal / newer;
                    double reciprocal = 1.0 / (older - least + 1.0) + 1.0 / (newer - least + 1.0);
                    double bound = Math.sqrt(2.0 * reciprocal * perBucket * confidence) + linear * reciprocal;
                    if (Math.abs(difference) > bound && isNoRounding(row, at, older, newer, bound)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /**
     * Whether the means differ by less than the greater term of the bound alone, told without a division or a root: so it is with
     * nearly all cuts. False if rounding could make a difference.
     */
    private boolean isPlainlyAlike(double older, double newer, double olderTotal, double newerTotal, double square) {
        double a = olderTotal * newer;
        double b = newerTotal * older;
        double product = older * newer;
        double difference = Math.abs(a - b) + 0x1p-48 * (Math.abs(a) + Math.abs(b));
        double olderLeft = older - minWindow + 1.0;
        double newerLeft = newer - minWindow + 1.0;
        return difference * difference * (olderLeft * newerLeft)
                < square * (olderLeft + newerLeft) * (product * product);
    }

    /**
     * Whether the means on both sides of the cut after a bucket still differ if no long sum is rounded and subtracted from: equal
     * values, or a large mean beside a small deviation, would else be taken for changes.
     */
    private boolean isNoRounding(int cutRow, int cutAt, double older, double newer, double bound) {
        double olderTotal = 0;
        double newerTotal = 0;
        for (int row = rows - 1; row >= 0; row--) {
            int end = row * stride + sizes[row];
            for (int at = row * stride; at < end; at++) {
                if (row > cutRow || (row == cutRow && at <= cutAt)) {
                    olderTotal += totals[at];
                } else {
                    newerTotal += totals[at];
                }
            }
        }
        double olderMean = olderTotal / older;
        double newerMean = newerTotal / newer;
        double rounding = 0x1p-44 * (Math.abs(olderMean) + Math.abs(newerMean));
        return Math.abs(olderMean - newerMean) > bound + rounding;
    }

    private void dropOldest() {
        int row = rows - 1;
        int at = row * stride;
        double values = 1L << row;
        double mean = totals[at] / values;
        width -= values;
        total -= totals[at];
        double difference = mean - total / width;
        variance -= variances[at] + values * width * difference * difference / (values + width);
        int left = --sizes[row];
        System.arraycopy(totals, at + 1, totals, at, left);
        System.arraycopy(variances, at + 1, variances, at, left);
        if (left == 0) {
            rows--;
        }
    }

    /** Values in the window; right after a drift those taken as new. */
    public long width() {
        return (long) width;
    }

    /** The mean of the window, in the values' unit; 0 if nothing has come. */
    public double mean() {
        return width == 0 ? 0 : total / width;
    }

    /** The population variance of the window, in the values' unit squared; 0 if nothing has come. */
    public double variance() {
        return width == 0 ? 0 : Math.max(0, variance / width);
    }

    /** As built: the share of false alarms that a test may give. */
    public double delta() {
        return delta;
    }

    @Override
    void restart() {
        Arrays.fill(sizes, 0);
        rows = 1;
        width = 0;
        total = 0;
        variance = 0;
        untilTest = clock;
    }

    @Override
    DetectorCodec.Kind kind() {
        return DetectorCodec.Kind.ADWIN;
    }

    @Override
    String options() {
        return "delta " + delta + ", clock " + clock + ", maxBuckets " + maxBuckets + ", minWindow " + minWindow
                + ", gracePeriod " + gracePeriod;
    }

    @Override
    void writeOptions(DetectorWriter out) {
        out.writeDouble(delta);
        out.writeInt(clock);
        out.writeInt(maxBuckets);
        out.writeInt(minWindow);
        out.writeInt(gracePeriod);
    }

    static Adwin readOptions(DetectorReader in) {
        return builder()
                .delta(in.readDouble())
                .clock(in.readInt())
                .maxBuckets(in.readInt())
                .minWindow(in.readInt())
                .gracePeriod(in.readInt())
                .build();
    }

    @Override
    void writeSeen(DetectorWriter out) {
        out.writeDouble(total);
        out.writeDouble(variance);
        out.writeInt(rows);
        for (int row = 0; row < rows; row++) {
            out.writeInt(sizes[row]);
            for (int i = row * stride; i < row * stride + sizes[row]; i++) {
                out.writeDouble(totals[i]);
                out.writeDouble(variances[i]);
            }
        }
    }

    @Override
    void readSeen(DetectorReader in) {
        total = in.readFinite("total");
        variance = in.readWithin("variance", -GREATEST_VARIANCE, GREATEST_VARIANCE);
        int stored = in.readInt("number of rows", 1, MOST_ROWS);
        long values = 0;
        for (int row = 0; row < stored; row++) {
            if (row > 0) {
                addRow();
            }
            sizes[row] = in.readInt("buckets of a row", age() == 0 ? 0 : 1, maxBuckets);
            values += (long) sizes[row] << row;
            for (int i = row * stride; i < row * stride + sizes[row]; i++) {
                totals[i] = in.readWithin("total of a bucket", -GREATEST * (1L << row), GREATEST * (1L << row));
                variances[i] = in.readWithin("variance of a bucket", 0, GREATEST_VARIANCE);
            }
        }
        if (drifting() ? values == 0 || values >= age() : values != age()) {
            throw DetectorCodec.invalid("its buckets hold " + values + " values of " + age());
        }
        if (!(Math.abs(total) <= 1.01 * GREATEST * values)) {
            throw DetectorCodec.invalid("its total is more than so many values have");
        }
        width = values;
        untilTest = clock - (int) (age() % clock);
    }

    /** Options of {@link Adwin}; a new one has River's. */
    public static final class Builder {
        private double delta = 0.002;
        private int clock = 32;
        private int maxBuckets = 5;
        private int minWindow = 5;
        private int gracePeriod = 10;

        private Builder() {}

        /** Share of false alarms that a test may give, between 0 and 1: less is slower and surer; 0.002 by default. */
        public Builder delta(double delta) {
            this.delta = delta;
            return this;
        }

        /** Values from one test to the next, 1 to 2^20: more is faster and later; 32 by default. */
        public Builder clock(int clock) {
            this.clock = clock;
            return this;
        }

        /** Buckets of each size, 2 to 1000: more places to cut, more memory and time; 5 by default. */
        public Builder maxBuckets(int maxBuckets) {
            this.maxBuckets = maxBuckets;
            return this;
        }

        /** Values that either side of a cut has at least, 1 to 2^20; 5 by default. */
        public Builder minWindow(int minWindow) {
            this.minWindow = minWindow;
            return this;
        }

        /** Values that the window must exceed before anything is tested, 0 to 2^30; 10 by default. */
        public Builder gracePeriod(int gracePeriod) {
            this.gracePeriod = gracePeriod;
            return this;
        }

        /** @throws IllegalArgumentException if an option is out of its range; the message names it */
        public Adwin build() {
            return new Adwin(this);
        }
    }
}
