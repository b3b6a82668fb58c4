package io.jvmlops.benchmarks.profile;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.monitoring.profile.WindowProfiler;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.datasketches.frequencies.LongsSketch;
import org.apache.datasketches.hll.HllSketch;
import org.apache.datasketches.kll.KllDoublesSketch;

/** Who counts the values of a model's inputs. */
enum Contender {
    OURS("ours, distinct count included"),
    PLAIN("binary search and Welford"),
    SKETCHES("DataSketches: KLL, HLL, frequent items");

    private final String title;

    Contender(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    static Contender of(String id) {
        return valueOf(id.toUpperCase(Locale.ROOT));
    }

    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Counts calls, from several threads. */
    interface Counter {
        void add(Tensors inputs);

        /** Rows counted so far, as far as they had a value in the first column. */
        long count();
    }

    Counter open(ReferenceProfile reference) {
        if (this == OURS) {
            WindowProfiler profiler = reference.profiler();
            return new Counter() {
                @Override
                public void add(Tensors inputs) {
                    if (!profiler.add(inputs, null, 0)) {
                        throw new IllegalStateException("a call was refused");
                    }
                }

                @Override
                public long count() {
                    return profiler.profile()
                            .uniform()
                            .inputs()
                            .columns()
                            .values()
                            .iterator()
                            .next()
                            .present();
                }
            };
        }
        Column[] columns = reference.inputs().columns().values().stream()
                .map(c -> this == PLAIN
                        ? new PlainColumn(
                                ((NumericProfile) c).distribution().histogram().edges())
                        : new SketchedColumn())
                .toArray(Column[]::new);
        return new Locked(columns);
    }

    /** One column's state. */
    private interface Column {
        void add(double value);

        long count();
    }

    /** One lock for a call, as is written by hand. */
    private static final class Locked implements Counter {
        private final ReentrantLock lock = new ReentrantLock();
        private final Column[] columns;

        Locked(Column[] columns) {
            this.columns = columns;
        }

        @Override
        public void add(Tensors inputs) {
            io.jvmlops.api.data.Tensor tensor = inputs.at(0);
            lock.lock();
            try {
                for (int column = 0; column < columns.length; column++) {
                    Column counter = columns[column];
                    for (int i = column; i < tensor.size(); i += columns.length) {
                        counter.add(tensor.doubleAt(i));
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public long count() {
            return columns[0].count();
        }
    }

    /** The same content, rounded, and without the distinct count. */
    private static final class PlainColumn implements Column {
        private final double[] edges;
        private final long[] bins;
        private long missing;
        private long count;
        private double min = Double.POSITIVE_INFINITY;
        private double max = Double.NEGATIVE_INFINITY;
        private double mean;
        private double scatter;

        PlainColumn(double[] edges) {
            this.edges = edges;
            bins = new long[edges.length + 1];
        }

        @Override
        public void add(double value) {
            if (Double.isNaN(value)) {
                missing++;
                return;
            }
            int at = Arrays.binarySearch(edges, value);
            bins[at < 0 ? -at - 1 : at]++;
            count++;
            min = Math.min(min, value);
            max = Math.max(max, value);
            double delta = value - mean;
            mean += delta / count;
            scatter += delta * (value - mean);
        }

        @Override
        public long count() {
            return Arrays.stream(bins).sum() == count && missing >= 0 && scatter >= 0 ? count : -1;
        }
    }

    /** With the sizes that are usual: KLL of k = 200, HLL of 2^12 registers, 1,024 frequent items. */
    private static final class SketchedColumn implements Column {
        private final KllDoublesSketch quantiles = KllDoublesSketch.newHeapInstance();
        private final HllSketch distinct = new HllSketch(12);
        private final LongsSketch frequent = new LongsSketch(1024);
        private long missing;

        @Override
        public void add(double value) {
            if (Double.isNaN(value)) {
                missing++;
                return;
            }
            quantiles.update(value);
            distinct.update(value);
            frequent.update(Double.doubleToLongBits(value));
        }

        @Override
        public long count() {
            return missing < 0 ? -1 : quantiles.getN();
        }
    }
}
