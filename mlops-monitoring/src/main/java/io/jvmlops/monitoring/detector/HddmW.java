package io.jvmlops.monitoring.detector;

import java.util.Objects;

/**
 * HDDM-W: {@link HddmA} with exponentially weighted means and McDiarmid's inequality, so that what is recent weighs more. Sees slow
 * changes sooner than HDDM-A.
 *
 * <p>It takes values between 0 and 1: errors, or losses and probabilities that are scaled so.
 *
 * <p>Frías-Blanco and others (2015), Online and non-parametric drift detection methods based on Hoeffding's bounds, IEEE
 * Transactions on knowledge and data engineering 27(3). Agrees with River 0.26.1 to the index, in drifts and warnings; River's
 * {@code two_sided_test} is {@link Direction#BOTH}.
 */
public final class HddmW extends Detector {
    private final double driftConfidence;
    private final double warningConfidence;
    private final double lambda;
    private final Direction direction;

    private final double driftLog;
    private final double warningLog;

    private final Sample all = new Sample();
    private final Sample beforeRise = new Sample();
    private final Sample sinceRise = new Sample();
    private double riseBound;
    private final Sample beforeFall = new Sample();
    private final Sample sinceFall = new Sample();
    private double fallBound;

    private HddmW(Builder builder) {
        driftConfidence = Options.share("driftConfidence", builder.driftConfidence);
        warningConfidence = Options.share("warningConfidence", builder.warningConfidence);
        Options.ordered("driftConfidence", driftConfidence, "warningConfidence", warningConfidence);
        lambda = Options.share("lambda", builder.lambda);
        direction = Objects.requireNonNull(builder.direction, "direction");
        driftLog = Math.log(1 / driftConfidence);
        warningLog = Math.log(1 / warningConfidence);
        restart();
    }

    /** With River's defaults. */
    public static HddmW ofDefaults() {
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
        all.add(x, lambda);
        double bound = Math.sqrt(all.independence * driftLog / 2);
        State now = State.STABLE;
        if (direction.up()) {
            if (all.mean + bound < riseBound) {
                riseBound = all.mean + bound;
                beforeRise.set(all);
                sinceRise.clear();
            } else {
                sinceRise.add(x, lambda);
            }
            now = judge(beforeRise, sinceRise, sinceRise.mean - beforeRise.mean);
        }
        if (direction.down()) {
            if (all.mean - bound > fallBound) {
                fallBound = all.mean - bound;
                beforeFall.set(all);
                sinceFall.clear();
            } else {
                sinceFall.add(x, lambda);
            }
            State down = judge(beforeFall, sinceFall, beforeFall.mean - sinceFall.mean);
            now = down.compareTo(now) > 0 ? down : now;
        }
        return end(now);
    }

    private State judge(Sample before, Sample since, double difference) {
        if (!before.begun || !since.begun) {
            return State.STABLE;
        }
        double independence = before.independence + since.independence;
        if (difference > Math.sqrt(independence * driftLog / 2)) {
            return State.DRIFT;
        }
        return difference > Math.sqrt(independence * warningLog / 2) ? State.WARNING : State.STABLE;
    }

    /** The weighted mean since the last drift; 0 if nothing has come. */
    public double mean() {
        return all.mean;
    }

    @Override
    void restart() {
        all.clear();
        beforeRise.clear();
        sinceRise.clear();
        beforeFall.clear();
        sinceFall.clear();
        riseBound = Double.POSITIVE_INFINITY;
        fallBound = Double.NEGATIVE_INFINITY;
    }

    @Override
    DetectorCodec.Kind kind() {
        return DetectorCodec.Kind.HDDM_W;
    }

    @Override
    String options() {
        return "driftConfidence " + driftConfidence + ", warningConfidence " + warningConfidence + ", lambda " + lambda
                + ", " + direction;
    }

    @Override
    void writeOptions(DetectorWriter out) {
        out.writeDouble(driftConfidence);
        out.writeDouble(warningConfidence);
        out.writeDouble(lambda);
        out.writeDirection(direction);
    }

    static HddmW readOptions(DetectorReader in) {
        return builder()
                .driftConfidence(in.readDouble())
                .warningConfidence(in.readDouble())
                .lambda(in.readDouble())
                .direction(in.readDirection())
                .build();
    }

    @Override
    void writeSeen(DetectorWriter out) {
        all.write(out);
        if (direction.up()) {
            beforeRise.write(out);
            sinceRise.write(out);
            out.writeDouble(riseBound);
        }
        if (direction.down()) {
            beforeFall.write(out);
            sinceFall.write(out);
            out.writeDouble(fallBound);
        }
    }

    @Override
    void readSeen(DetectorReader in) {
        all.read(in);
        if (direction.up()) {
            beforeRise.read(in);
            sinceRise.read(in);
            riseBound = in.readWithin("bound before a rise", 0, Double.POSITIVE_INFINITY);
        }
        if (direction.down()) {
            beforeFall.read(in);
            sinceFall.read(in);
            fallBound = in.readWithin("bound before a fall", Double.NEGATIVE_INFINITY, 1);
        }
    }

    /** A weighted mean, and the sum of its squared weights. */
    private static final class Sample {
        private boolean begun;
        private double mean;
        private double independence = 1;

        void add(double value, double lambda) {
            double kept = 1 - lambda;
            mean = begun ? lambda * value + kept * mean : value;
            begun = true;
            independence = lambda * lambda + kept * kept * independence;
        }

        void clear() {
            begun = false;
            mean = 0;
            independence = 1;
        }

        void set(Sample other) {
            begun = other.begun;
            mean = other.mean;
            independence = other.independence;
        }

        void write(DetectorWriter out) {
            out.writeBoolean(begun);
            out.writeDouble(mean);
            out.writeDouble(independence);
        }

        void read(DetectorReader in) {
            begun = in.readBoolean();
            mean = in.readWithin("weighted mean", 0, 1);
            independence = in.readWithin("sum of squared weights", 0, 1);
        }
    }

    /** Options of {@link HddmW}; a new one has River's. */
    public static final class Builder {
        private double driftConfidence = 0.001;
        private double warningConfidence = 0.005;
        private double lambda = 0.05;
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

        /** Weight of the newest value, between 0 and 1: more forgets faster; 0.05 by default. */
        public Builder lambda(double lambda) {
            this.lambda = lambda;
            return this;
        }

        /** Which changes count; {@link Direction#UP}, more errors, by default. */
        public Builder direction(Direction direction) {
            this.direction = direction;
            return this;
        }

        /** @throws IllegalArgumentException if an option is out of its range; the message names it */
        public HddmW build() {
            return new HddmW(this);
        }
    }
}
