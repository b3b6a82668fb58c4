package io.jvmlops.monitoring.detector;

import java.util.Objects;

/**
 * CUSUM, the tabular control chart of cumulative sums: learns mean and standard deviation from the first values, keeps them, and
 * sums up by how much later ones lie beyond a slack. The quickest for lasting shifts of about one standard deviation and more, on any
 * scale. At the defaults a stable stream gives an alarm every few hundred values, as the classical chart does: raise
 * {@link Builder#threshold} for long streams, and {@link Builder#minInstances}, as the mean is known no better than from those.
 *
 * <p>If all values of the warm-up are equal, the standard deviation is 0 and the first other value is a drift.
 *
 * <p>Page (1954), Continuous inspection schemes, Biometrika 41; Montgomery, Introduction to statistical quality control, for
 * slack 0.5 and threshold 5. River 0.26.1 has no CUSUM; this one agrees to the index with that in River's later source.
 */
public final class Cusum extends Detector {
    private final int minInstances;
    private final double slack;
    private final double threshold;
    private final Direction direction;

    /** Of the warm-up only. */
    private final RunningVariance reference = new RunningVariance();

    private double increase;
    private double decrease;

    /** Both from the warm-up, in the values' unit. */
    private double allowed;

    private double limit;

    private Cusum(Builder builder) {
        minInstances = Options.within("minInstances", builder.minInstances, 2, 1 << 30);
        slack = Options.notNegative("slack", builder.slack);
        threshold = Options.positive("threshold", builder.threshold);
        direction = Objects.requireNonNull(builder.direction, "direction");
    }

    /** With River's defaults. */
    public static Cusum ofDefaults() {
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
        if (age() <= minInstances) {
            reference.add(x);
            if (age() < minInstances) {
                return end(State.STABLE);
            }
            freeze();
        }
        double deviation = x - reference.mean();
        increase = Math.max(0.0, increase + deviation - allowed);
        decrease = Math.max(0.0, decrease - deviation - allowed);
        boolean changed = (direction.up() && increase > limit) || (direction.down() && decrease > limit);
        return end(changed ? State.DRIFT : State.STABLE);
    }

    private void freeze() {
        double sigma = reference.standardDeviation();
        allowed = slack * sigma;
        limit = threshold * sigma;
    }

    /** The mean that values are compared with, in their unit; while warming up that of the values so far. */
    public double mean() {
        return reference.mean();
    }

    /** The sample standard deviation that goes with {@link #mean}. */
    public double standardDeviation() {
        return reference.standardDeviation();
    }

    @Override
    void restart() {
        reference.clear();
        increase = 0;
        decrease = 0;
        allowed = 0;
        limit = 0;
    }

    @Override
    DetectorCodec.Kind kind() {
        return DetectorCodec.Kind.CUSUM;
    }

    @Override
    String options() {
        return "minInstances " + minInstances + ", slack " + slack + ", threshold " + threshold + ", " + direction;
    }

    @Override
    void writeOptions(DetectorWriter out) {
        out.writeInt(minInstances);
        out.writeDouble(slack);
        out.writeDouble(threshold);
        out.writeDirection(direction);
    }

    static Cusum readOptions(DetectorReader in) {
        return builder()
                .minInstances(in.readInt())
                .slack(in.readDouble())
                .threshold(in.readDouble())
                .direction(in.readDirection())
                .build();
    }

    @Override
    void writeSeen(DetectorWriter out) {
        reference.write(out);
        out.writeDouble(increase);
        out.writeDouble(decrease);
    }

    @Override
    void readSeen(DetectorReader in) {
        reference.read(in, Math.min(age(), minInstances));
        increase = in.readWithin("sum of increases", 0, Double.MAX_VALUE);
        decrease = in.readWithin("sum of decreases", 0, Double.MAX_VALUE);
        if (age() >= minInstances) {
            freeze();
        }
    }

    /** Options of {@link Cusum}; a new one has River's. */
    public static final class Builder {
        private int minInstances = 30;
        private double slack = 0.5;
        private double threshold = 5;
        private Direction direction = Direction.BOTH;

        private Builder() {}

        /** Values of the warm-up, 2 to 2^30: more make a better reference and a later start; 30 by default. */
        public Builder minInstances(int minInstances) {
            this.minInstances = minInstances;
            return this;
        }

        /** Deviation that does not count, in standard deviations of the warm-up, 0 or more: half of the shift sought; 0.5 by default. */
        public Builder slack(double slack) {
            this.slack = slack;
            return this;
        }

        /** Sum that tells of a change, in standard deviations of the warm-up: more is later and surer; 5 by default. */
        public Builder threshold(double threshold) {
            this.threshold = threshold;
            return this;
        }

        /** Which changes count; {@link Direction#BOTH} by default. */
        public Builder direction(Direction direction) {
            this.direction = direction;
            return this;
        }

        /** @throws IllegalArgumentException if an option is out of its range; the message names it */
        public Cusum build() {
            return new Cusum(this);
        }
    }
}
