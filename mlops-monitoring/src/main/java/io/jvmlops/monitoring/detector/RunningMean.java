package io.jvmlops.monitoring.detector;

/** The mean of what was added, in the rounding of River's {@code stats.Mean}. */
final class RunningMean {
    private long n;
    private double mean;

    void add(double value) {
        n++;
        mean += 1.0 / n * (value - mean);
    }

    void clear() {
        set(0, 0);
    }

    void set(RunningMean other) {
        set(other.n, other.mean);
    }

    void set(long n, double mean) {
        this.n = n;
        this.mean = mean;
    }

    long n() {
        return n;
    }

    double mean() {
        return mean;
    }
}
