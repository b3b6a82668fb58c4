package io.jvmlops.monitoring.detector;

/**
 * DDM, drift detection method: tells when a model's error rate has risen by two (warning) or three (drift) standard deviations
 * above the least that it has had. Simple, and good for sudden changes of a rate that is well above 0.
 *
 * <p>It takes 0 for right and 1 for an error. While nothing but right answers have come after the warm-up, the least rate is 0
 * without any deviation, and the first error is a drift; {@link HddmA} has no such corner.
 *
 * <p>Gama, Medas, Castillo and Rodrigues (2004), Learning with drift detection, SBIA. Agrees with River 0.26.1 to the index, in
 * drifts and warnings.
 */
public final class Ddm extends Detector {
    private final int warmUp;
    private final double warningThreshold;
    private final double driftThreshold;

    private final RunningMean rate = new RunningMean();
    private double leastRate;
    private double leastDeviation;
    private double leastSum;

    private Ddm(Builder builder) {
        warmUp = Options.within("warmUp", builder.warmUp, 1, 1 << 30);
        warningThreshold = Options.positive("warningThreshold", builder.warningThreshold);
        driftThreshold = Options.positive("driftThreshold", builder.driftThreshold);
        Options.ordered("warningThreshold", warningThreshold, "driftThreshold", driftThreshold);
        restart();
    }

    /** With River's defaults. */
    public static Ddm ofDefaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** @throws io.jvmlops.api.error.InvalidInputException if the value is neither 0 (right) nor 1 (an error) */
    @Override
    public State update(double value) {
        double x = error(value) ? 1 : 0;
        begin();
        rate.add(x);
        if (age() <= warmUp) {
            return end(State.STABLE);
        }
        double p = rate.mean();
        double deviation = Math.sqrt(p * (1 - p) / age());
        double sum = p + deviation;
        if (sum <= leastSum) {
            leastRate = p;
            leastDeviation = deviation;
            leastSum = sum;
        }
        if (sum > leastRate + driftThreshold * leastDeviation) {
            return end(State.DRIFT);
        }
        return end(sum > leastRate + warningThreshold * leastDeviation ? State.WARNING : State.STABLE);
    }

    /** The share of errors since the last drift; 0 if nothing has come. */
    public double errorRate() {
        return rate.mean();
    }

    @Override
    void restart() {
        rate.clear();
        leastRate = 0;
        leastDeviation = 0;
        leastSum = Double.POSITIVE_INFINITY;
    }

    @Override
    DetectorCodec.Kind kind() {
        return DetectorCodec.Kind.DDM;
    }

    @Override
    String options() {
        return "warmUp " + warmUp + ", warningThreshold " + warningThreshold + ", driftThreshold " + driftThreshold;
    }

    @Override
    void writeOptions(DetectorWriter out) {
        out.writeInt(warmUp);
        out.writeDouble(warningThreshold);
        out.writeDouble(driftThreshold);
    }

    static Ddm readOptions(DetectorReader in) {
        return builder()
                .warmUp(in.readInt())
                .warningThreshold(in.readDouble())
                .driftThreshold(in.readDouble())
                .build();
    }

    @Override
    void writeSeen(DetectorWriter out) {
        out.writeDouble(rate.mean());
        out.writeDouble(leastRate);
        out.writeDouble(leastDeviation);
    }

    @Override
    void readSeen(DetectorReader in) {
        rate.set(age(), in.readWithin("error rate", 0, 1));
        leastRate = in.readWithin("least error rate", 0, 1);
        leastDeviation = in.readWithin("least deviation", 0, 1);
        leastSum = age() > warmUp ? leastRate + leastDeviation : Double.POSITIVE_INFINITY;
    }

    /** Options of {@link Ddm}; a new one has River's. */
    public static final class Builder {
        private int warmUp = 30;
        private double warningThreshold = 2;
        private double driftThreshold = 3;

        private Builder() {}

        /** Values that come before any warning or drift, 1 to 2^30; 30 by default. */
        public Builder warmUp(int warmUp) {
            this.warmUp = warmUp;
            return this;
        }

        /** Rise of the error rate that is a warning, in standard deviations; 2 by default. */
        public Builder warningThreshold(double warningThreshold) {
            this.warningThreshold = warningThreshold;
            return this;
        }

        /** Rise of the error rate that is a drift, in standard deviations, at least that of a warning; 3 by default. */
        public Builder driftThreshold(double driftThreshold) {
            this.driftThreshold = driftThreshold;
            return this;
        }

        /** @throws IllegalArgumentException if an option is out of its range; the message names it */
        public Ddm build() {
            return new Ddm(this);
        }
    }
}
