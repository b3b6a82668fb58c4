package io.jvmlops.monitoring.detector;

/** Mean and sample variance by Welford (1962), in the rounding of River's {@code stats.Var}. */
final class RunningVariance {
    private final RunningMean mean = new RunningMean();
    private double squares;

    void add(double value) {
        double before = mean.mean();
        mean.add(value);
        squares += (value - before) * (value - mean.mean());
    }

    void clear() {
        mean.clear();
        squares = 0;
    }

    long n() {
        return mean.n();
    }

    double mean() {
        return mean.mean();
    }

    /** 0 for fewer than two values. */
    double standardDeviation() {
        return mean.n() > 1 ? Math.sqrt(squares / (mean.n() - 1)) : 0;
    }

    void write(DetectorWriter out) {
        out.writeDouble(mean.mean());
        out.writeDouble(squares);
    }

    /** @param n how many values there have been */
    void read(DetectorReader in, long n) {
        mean.set(n, in.readWithin("mean", -Detector.GREATEST, Detector.GREATEST));
        squares = in.readWithin("sum of squares", 0, Double.MAX_VALUE);
    }
}
