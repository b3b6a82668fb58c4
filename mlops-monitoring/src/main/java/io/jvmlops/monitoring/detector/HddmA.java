package io.jvmlops.monitoring.detector;

import java.util.Objects;

/**
 * HDDM-A: tells when the mean of the newer values exceeds that of the older by more than Hoeffding's inequality lets chance do.
 * The detector to begin with for a model's errors: it assumes nothing of them but that they lie between 0 and 1, so losses and
 * probabilities that are scaled so will do as well. Good for sudden changes; {@link HddmW} sees slow ones sooner.
 *
 * <p>Frías-Blanco and others (2015), Online and non-parametric drift detection methods based on Hoeffding's bounds, IEEE
 * Transactions on knowledge and data engineering 27(3). Agrees with River 0.26.1 to the index, in drifts and warnings; River's
 * {@code two_sided_test} is {@link Direction#BOTH}.
 */
public final class HddmA extends Detector {
    private final double driftConfidence;
    private final double warningConfidence;
    private final Direction direction;

    /** Logarithms that each bound has. */
    private final double oneSided;

    private final double driftLog;
    private final double warningLog;

    private final RunningMean all = new RunningMean();

    /** The start of the stream with the least upper bound, and that bound. */
    private final RunningMean low = new RunningMean();

    private double lowBound;

    /** The start of the stream with the greatest lower bound, and that bound. */
    private final RunningMean high = new RunningMean();

    private double highBound;

    private HddmA(Builder builder) {
        driftConfidence = Options.share("driftConfidence", builder.driftConfidence);
        warningConfidence = Options.share("warningConfidence", builder.warningConfidence);
        Options.ordered("driftConfidence", driftConfidence, "warningConfidence", warningConfidence);
        direction = Objects.requireNonNull(builder.direction, "direction");
        oneSided = Math.log(1.0 / driftConfidence);
        driftLog = Math.log(2.0 / driftConfidence);
        warningLog = Math.log(2.0 / warningConfidence);
    }

    /** With River's defaults. */
    public static HddmA ofDefaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** @throws io.jvmlops.api.error.InvalidInputException if the value is not between 0 and 1 */
    @Override
    public State update(double value) {
        double x = share(value);
        begin();
        all.add(x);
        double bound = bound(all);
        State now = State.STABLE;
        if (direction.up()) {
            if (low.n() == 0 || lowBound >= all.mean() + bound) {
                low.set(all);
                lowBound = all.mean() + bound;
            }
            now = judge(low, all.mean() - low.mean());
        }
        if (direction.down()) {
            if (high.n() == 0 || highBound <= all.mean() - bound) {
                high.set(all);
                highBound = all.mean() - bound;
            }
            State down = judge(high, high.mean() - all.mean());
            now = down.compareTo(now) > 0 ? down : now;
        }
        return end(now);
    }

    /** Hoeffding's bound of a mean. */
    private double bound(RunningMean sample) {
        return Math.sqrt(1.0 / (2.0 * sample.n()) * oneSided);
    }

    private State judge(RunningMean start, double difference) {
        if (start.n() == all.n()) {
            return State.STABLE;
        }
        double half = (double) (all.n() - start.n()) / start.n() * (1.0 / all.n()) / 2;
        if (difference >= Math.sqrt(half * driftLog)) {
            return State.DRIFT;
        }
        return difference >= Math.sqrt(half * warningLog) ? State.WARNING : State.STABLE;
    }

    /** The mean since the last drift; 0 if nothing has come. */
    public double mean() {
        return all.mean();
    }

    @Override
    void restart() {
        all.clear();
        low.clear();
        high.clear();
        lowBound = 0;
        highBound = 0;
    }

    @Override
    DetectorCodec.Kind kind() {
        return DetectorCodec.Kind.HDDM_A;
    }

    @Override
    String options() {
        return "driftConfidence " + driftConfidence + ", warningConfidence " + warningConfidence + ", " + direction;
    }

    @Override
    void writeOptions(DetectorWriter out) {
        out.writeDouble(driftConfidence);
        out.writeDouble(warningConfidence);
        out.writeDirection(direction);
    }

    static HddmA readOptions(DetectorReader in) {
        return builder()
                .driftConfidence(in.readDouble())
                .warningConfidence(in.readDouble())
                .direction(in.readDirection())
                .build();
    }

    @Override
    void writeSeen(DetectorWriter out) {
        out.writeDouble(all.mean());
        out.writeLong(low.n());
        out.writeDouble(low.mean());
        out.writeLong(high.n());
        out.writeDouble(high.mean());
    }

    @Override
    void readSeen(DetectorReader in) {
        all.set(age(), in.readWithin("mean", 0, 1));
        low.set(in.readCount("values before a rise", age()), in.readWithin("mean before a rise", 0, 1));
        high.set(in.readCount("values before a fall", age()), in.readWithin("mean before a fall", 0, 1));
        lowBound = low.n() == 0 ? 0 : low.mean() + bound(low);
        highBound = high.n() == 0 ? 0 : high.mean() - bound(high);
    }

    /** Options of {@link HddmA}; a new one has River's. */
    public static final class Builder {
        private double driftConfidence = 0.001;
        private double warningConfidence = 0.005;
        private Direction direction = Direction.UP;

        private Builder() {}

        /** Probability of a false drift that a test may have, between 0 and 1: less is later and surer; 0.001 by default. */
        public Builder driftConfidence(double driftConfidence) {
            this.driftConfidence = driftConfidence;
            return this;
        }

        /** Probability of a false warning that a test may have, at least that of a drift; 0.005 by default. */
        public Builder warningConfidence(double warningConfidence) {
            this.warningConfidence = warningConfidence;
            return this;
        }

        /** Which changes count; {@link Direction#UP}, more errors, by default. */
        public Builder direction(Direction direction) {
            this.direction = direction;
            return this;
        }

        /** @throws IllegalArgumentException if an option is out of its range; the message names it */
        public HddmA build() {
            return new HddmA(this);
        }
    }
}
