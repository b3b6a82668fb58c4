package io.jvmlops.monitoring.detector;

import java.util.Locale;

/**
 * EDDM, early drift detection method: watches the distance between errors, and tells when it has shrunk to 95 % (warning) or
 * 90 % (drift) of the greatest that it has had. Sees slow changes of a small error rate, and pays for it with more false alarms
 * than the other detectors of errors have.
 *
 * <p>It takes 0 for right and 1 for an error, and decides at errors only: a warning stays until the next error. The distance is
 * mean plus two standard deviations of the numbers of values from one error to the next.
 *
 * <p>Baena-García and others (2006), Early drift detection method, Fourth international workshop on knowledge discovery from
 * data streams. Agrees with River 0.26.1 to the index, in drifts and warnings.
 */
public final class Eddm extends Detector {
    private final int warmUp;
    private final double alpha;
    private final double beta;

    private final RunningVariance distances = new RunningVariance();
    private long lastError;
    private double greatest;

    private Eddm(Builder builder) {
        warmUp = Options.within("warmUp", builder.warmUp, 1, 1 << 30);
        alpha = level("alpha", builder.alpha);
        beta = level("beta", builder.beta);
        Options.ordered("beta", beta, "alpha", alpha);
        restart();
    }

    private static double level(String option, double value) {
        if (!(value > 0 && value <= 1)) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s is %s, expected more than 0 and at most 1", option, value));
        }
        return value;
    }

    /** With River's defaults. */
    public static Eddm ofDefaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** @throws io.jvmlops.api.error.InvalidInputException if the value is neither 0 (right) nor 1 (an error) */
    @Override
    public State update(double value) {
        boolean error = error(value);
        begin();
        if (!error) {
            return end(state());
        }
        distances.add((double) (age() - lastError));
        lastError = age();
        if (age() <= warmUp) {
            return end(state());
        }
        double distance = distances.mean() + 2 * distances.standardDeviation();
        if (distance > greatest) {
            greatest = distance;
            return end(state());
        }
        if (distances.n() <= warmUp) {
            return end(state());
        }
        double level = distance / greatest;
        if (level < beta) {
            return end(State.DRIFT);
        }
        return end(level < alpha ? State.WARNING : State.STABLE);
    }

    /** The mean number of values from one error to the next since the last drift; 0 if there was none. */
    public double meanDistance() {
        return distances.mean();
    }

    @Override
    void restart() {
        distances.clear();
        lastError = 0;
        greatest = -1;
    }

    @Override
    DetectorCodec.Kind kind() {
        return DetectorCodec.Kind.EDDM;
    }

    @Override
    String options() {
        return "warmUp " + warmUp + ", alpha " + alpha + ", beta " + beta;
    }

    @Override
    void writeOptions(DetectorWriter out) {
        out.writeInt(warmUp);
        out.writeDouble(alpha);
        out.writeDouble(beta);
    }

    static Eddm readOptions(DetectorReader in) {
        return builder()
                .warmUp(in.readInt())
                .alpha(in.readDouble())
                .beta(in.readDouble())
                .build();
    }

    @Override
    void writeSeen(DetectorWriter out) {
        out.writeLong(distances.n());
        distances.write(out);
        out.writeLong(lastError);
        out.writeDouble(greatest);
    }

    @Override
    void readSeen(DetectorReader in) {
        long errors = in.readCount("number of errors", age());
        distances.read(in, errors);
        lastError = in.readCount("last error", age());
        greatest = in.readWithin("greatest distance", -1, Double.MAX_VALUE);
        if (lastError < errors) {
            throw DetectorCodec.invalid("its errors are more than the values up to the last");
        }
    }

    /** Options of {@link Eddm}; a new one has River's. */
    public static final class Builder {
        private int warmUp = 30;
        private double alpha = 0.95;
        private double beta = 0.9;

        private Builder() {}

        /** Errors that come before any warning or drift, 1 to 2^30; 30 by default. */
        public Builder warmUp(int warmUp) {
            this.warmUp = warmUp;
            return this;
        }

        /** Share of the greatest distance below which there is a warning, more than 0 to 1; 0.95 by default. */
        public Builder alpha(double alpha) {
            this.alpha = alpha;
            return this;
        }

        /** Share of the greatest distance below which there is a drift, more than 0 to {@link #alpha}: less is surer; 0.9 by default. */
        public Builder beta(double beta) {
            this.beta = beta;
            return this;
        }

        /** @throws IllegalArgumentException if an option is out of its range; the message names it */
        public Eddm build() {
            return new Eddm(this);
        }
    }
}
