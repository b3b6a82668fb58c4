package io.jvmlops.monitoring.profile;

import com.dynatrace.hash4j.distinctcount.UltraLogLog;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.monitoring.DistinctCount;
import io.jvmlops.api.monitoring.Distribution;
import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.Moments;
import io.jvmlops.api.monitoring.NumericProfile;

/** Numbers. Allocates nothing once its parts have grown to what the data need. */
final class NumericCounter implements ColumnCounter {
    private final String column;
    private final DistributionCounter distribution;
    private final ExactAccumulator sum = new ExactAccumulator();
    private final ExactAccumulator squares = new ExactAccumulator();
    private final UltraLogLog distinct = Distinct.empty();
    private long missing;
    private long nan;
    private long negativeInfinities;
    private long positiveInfinities;
    private long finite;
    private double min = Double.POSITIVE_INFINITY;
    private double max = Double.NEGATIVE_INFINITY;

    NumericCounter(String column, DistributionCounter distribution) {
        this.column = column;
        this.distribution = distribution;
    }

    @Override
    public void addMissing(long count) {
        missing += count;
    }

    @Override
    public void add(Tensor tensor, int from, int stride) {
        int size = tensor.size();
        for (int i = from; i < size; i += stride) {
            add(tensor.doubleAt(i));
        }
    }

    void add(double given) {
        // -0.0 and 0.0 are one value.
        double value = given + 0.0;
        if (!Double.isFinite(value)) {
            addOdd(value);
            return;
        }
        distribution.add(value);
        Distinct.add(distinct, value);
        finite++;
        if (value < min) {
            min = value;
        }
        if (value > max) {
            max = value;
        }
        sum.add(value);
        squares.addSquare(value);
    }

    /** NaN or an infinity. */
    private void addOdd(double value) {
        if (Double.isNaN(value)) {
            missing++;
            nan++;
            return;
        }
        distribution.add(value);
        Distinct.add(distinct, value);
        if (value < 0) {
            negativeInfinities++;
        } else {
            positiveInfinities++;
        }
    }

    /** Counts the values that a block has gathered. */
    void add(Block block) {
        for (int i = 0; i < block.odds(); i++) {
            addOdd(block.odd(i));
        }
        double[] values = block.values();
        int count = block.size();
        finite += count;
        min = Math.min(min, block.min());
        max = Math.max(max, block.max());
        block.sum(sum, squares);
        distribution.add(values, count);
        Distinct.add(distinct, values, count);
    }

    @Override
    public NumericProfile profile() {
        Moments moments = finite == 0 ? Moments.NONE : new Moments(finite, min, max, sum.sum(), squares.sum());
        return new NumericProfile(
                column,
                missing,
                nan,
                negativeInfinities,
                positiveInfinities,
                moments,
                distribution.distribution(),
                new DistinctCount(distinct.getDistinctCountEstimate(), distinct.getState()));
    }

    /** Where values lie. */
    sealed interface DistributionCounter permits EdgeCounter, SketchCounter {
        /** @param value not NaN, not -0.0 */
        void add(double value);

        /** @param values the first so many are finite, none is -0.0 */
        void add(double[] values, int count);

        Distribution distribution();
    }

    /** Between given edges. */
    static final class EdgeCounter implements DistributionCounter {
        private final EdgeSearch edges;
        private final long[] bins;

        EdgeCounter(EdgeSearch edges) {
            this.edges = edges;
            bins = new long[edges.bins()];
        }

        @Override
        public void add(double value) {
            bins[edges.bin(value)]++;
        }

        @Override
        public void add(double[] values, int count) {
            edges.count(values, count, bins);
        }

        @Override
        public Histogram distribution() {
            return new Histogram(edges.edges(), bins);
        }
    }
}
