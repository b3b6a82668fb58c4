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
        if (Double.isNaN(value)) {
            missing++;
            nan++;
            return;
        }
        distribution.add(value);
        distinct.add(Distinct.hash(value));
        if (Double.isInfinite(value)) {
            if (value < 0) {
                negativeInfinities++;
            } else {
                positiveInfinities++;
            }
            return;
        }
        finite++;
        min = Math.min(min, value);
        max = Math.max(max, value);
        sum.add(value);
        squares.addSquare(value);
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

        Distribution distribution();
    }

    /** Between given edges. */
    static final class EdgeCounter implements DistributionCounter {
        private final double[] edges;
        private final long[] bins;

        EdgeCounter(double[] edges) {
            this.edges = edges;
            bins = new long[edges.length + 1];
        }

        @Override
        public void add(double value) {
            int low = 0;
            int high = edges.length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (edges[middle] < value) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            bins[low]++;
        }

        @Override
        public Histogram distribution() {
            return new Histogram(edges, bins);
        }
    }
}
