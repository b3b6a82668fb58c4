package io.jvmlops.monitoring.detector;

import java.util.Locale;
import java.util.Objects;

/**
 * The Page-Hinkley test: sums up how far values lie from their running mean, and tells of a change when that sum has moved by
 * more than a threshold from its extreme. Cheap and quick for a known unit: {@link Builder#threshold} and {@link Builder#delta}
 * are in the values' unit, so the defaults suit values of about 1, and {@link Cusum} suits those of unknown scale.
 *
 * <p>Page (1954), Continuous inspection schemes, Biometrika 41; Hinkley (1971), Inference about the change-point from
 * cumulative sum tests, Biometrika 58. Agrees with River 0.26.1 to the index.
 */
public final class PageHinkley extends Detector {
    private final int minInstances;
    private final double delta;
    private final double threshold;
    private final double alpha;
    private final Direction direction;

    private final RunningMean mean = new RunningMean();
    private double increase;
    private double decrease;
    private double least;
    private double most;

    private PageHinkley(Builder builder) {
        minInstances = Options.within("minInstances", builder.minInstances, 1, 1 << 30);
        delta = Options.notNegative("delta", builder.delta);
        threshold = Options.positive("threshold", builder.threshold);
        if (!(builder.alpha > 0 && builder.alpha <= 1)) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "alpha is %s, expected more than 0 and at most 1", builder.alpha));
        }
        alpha = builder.alpha;
        direction = Objects.requireNonNull(builder.direction, "direction");
        restart();
    }

    /** With River's defaults. */
    public static PageHinkley ofDefaults() {
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
        mean.add(x);
        double deviation = x - mean.mean();
        increase = alpha * increase + deviation - delta;
        decrease = alpha * decrease + deviation + delta;
        if (increase < least) {
            least = increase;
        }
        if (decrease > most) {
            most = decrease;
        }
        boolean changed = age() >= minInstances
                && ((direction.up() && increase - least > threshold)
                        || (direction.down() && most - decrease > threshold));
        return end(changed ? State.DRIFT : State.STABLE);
    }

    /** The mean since the last drift, in the values' unit; 0 if nothing has come. */
    public double mean() {
        return mean.mean();
    }

    @Override
    void restart() {
        mean.clear();
        increase = 0;
        decrease = 0;
        least = Double.POSITIVE_INFINITY;
        most = -1;
    }

    @Override
    DetectorCodec.Kind kind() {
        return DetectorCodec.Kind.PAGE_HINKLEY;
    }

    @Override
    String options() {
        return "minInstances " + minInstances + ", delta " + delta + ", threshold " + threshold + ", alpha " + alpha
                + ", " + direction;
    }

    @Override
    void writeOptions(DetectorWriter out) {
        out.writeInt(minInstances);
        out.writeDouble(delta);
        out.writeDouble(threshold);
        out.writeDouble(alpha);
        out.writeDirection(direction);
    }

    static PageHinkley readOptions(DetectorReader in) {
        return builder()
                .minInstances(in.readInt())
                .delta(in.readDouble())
                .threshold(in.readDouble())
                .alpha(in.readDouble())
                .direction(in.readDirection())
                .build();
    }

    @Override
    void writeSeen(DetectorWriter out) {
        out.writeDouble(mean.mean());
        out.writeDouble(increase);
        out.writeDouble(decrease);
        out.writeDouble(least);
        out.writeDouble(most);
    }

    @Override
    void readSeen(DetectorReader in) {
        mean.set(age(), in.readWithin("mean", -GREATEST, GREATEST));
        increase = in.readFinite("sum of increases");
        decrease = in.readFinite("sum of decreases");
        least = in.readWithin("least sum", -Double.MAX_VALUE, Double.POSITIVE_INFINITY);
        most = in.readFinite("greatest sum");
    }

    /** Options of {@link PageHinkley}; a new one has River's. */
    public static final class Builder {
        private int minInstances = 30;
        private double delta = 0.005;
        private double threshold = 50;
        private double alpha = 0.9999;
        private Direction direction = Direction.BOTH;

        private Builder() {}

        /** Values before the first test, 1 to 2^30; 30 by default. */
        public Builder minInstances(int minInstances) {
            this.minInstances = minInstances;
            return this;
        }

        /** Change of the mean that does not count, in the values' unit, 0 or more; 0.005 by default. */
        public Builder delta(double delta) {
            this.delta = delta;
            return this;
        }

        /** Sum of deviations that tells of a change, in the values' unit: more is later and surer; 50 by default. */
        public Builder threshold(double threshold) {
            this.threshold = threshold;
            return this;
        }

        /** What is left of the sum at each value, more than 0 to 1: 1 forgets nothing; 0.9999 by default. */
        public Builder alpha(double alpha) {
            this.alpha = alpha;
            return this;
        }

        /** Which changes count; {@link Direction#BOTH} by default. */
        public Builder direction(Direction direction) {
            this.direction = direction;
            return this;
        }

        /** @throws IllegalArgumentException if an option is out of its range; the message names it */
        public PageHinkley build() {
            return new PageHinkley(this);
        }
    }
}
