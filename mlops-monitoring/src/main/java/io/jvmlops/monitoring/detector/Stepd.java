package io.jvmlops.monitoring.detector;

import java.util.Arrays;
import java.util.Objects;
import org.apache.commons.statistics.distribution.NormalDistribution;

/**
 * STEPD, statistical test of equal proportions: compares the error rate of the newest values with that of all before them since the
 * last drift, by the test of two proportions with a continuity correction. Good for sudden changes of an error rate, found
 * within about a window. The test takes counts for normal: below a rate of about 0.05 a single error in a window may be a drift, and
 * {@link HddmA} is the better choice.
 *
 * <p>It takes 0 for right and 1 for an error, and tests as soon as there are two windows of values. While all have been right, or all
 * wrong, nothing has changed.
 *
 * <p>Nishida and Yamauchi (2007), Detecting concept drift using statistical testing, Discovery science. River has no STEPD. Defaults
 * and indices are those of Frouros 0.9.0 (BSD-3-Clause), a detector of which is reset after a drift, with one exception: where the
 * correction exceeds the difference, the statistic is 0 here, as the correction is made for, and positive in Frouros, which so
 * alarms after one old error and many right answers, although the rates are alike.
 */
public final class Stepd extends Detector {
    private static final NormalDistribution NORMAL = NormalDistribution.of(0, 1);

    private final int windowSize;
    private final double driftLevel;
    private final double warningLevel;
    private final Direction direction;

    /** The statistic above which there is a drift, a warning. */
    private final double driftLimit;

    private final double warningLimit;

    /** A bit for each of the newest values: an error. */
    private final long[] window;

    private int next;
    private long errors;
    private int newErrors;

    private Stepd(Builder builder) {
        windowSize = Options.within("windowSize", builder.windowSize, 2, 1_000_000);
        driftLevel = level("driftLevel", builder.driftLevel);
        warningLevel = level("warningLevel", builder.warningLevel);
        Options.ordered("driftLevel", driftLevel, "warningLevel", warningLevel);
        direction = Objects.requireNonNull(builder.direction, "direction");
        driftLimit = NORMAL.inverseSurvivalProbability(driftLevel);
        warningLimit = NORMAL.inverseSurvivalProbability(warningLevel);
        window = new long[(windowSize + 63) >>> 6];
    }

    private static double level(String option, double value) {
        if (!(value > 0 && value <= 0.5)) {
            throw new IllegalArgumentException(option + " is " + value + ", expected more than 0 and at most 0.5");
        }
        return value;
    }

    /** With Frouros' defaults. */
    public static Stepd ofDefaults() {
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
        push(error);
        double statistic = statistic();
        if (statistic > driftLimit) {
            return end(State.DRIFT);
        }
        return end(statistic > warningLimit ? State.WARNING : State.STABLE);
    }

    private void push(boolean error) {
        int word = next >>> 6;
        long bit = 1L << next;
        if ((window[word] & bit) != 0) {
            newErrors--;
        }
        if (error) {
            window[word] |= bit;
            newErrors++;
            errors++;
        } else {
            window[word] &= ~bit;
        }
        next = next + 1 == windowSize ? 0 : next + 1;
    }

    /** The difference of the two rates, after the correction, in its standard deviations; 0 if it does not count. */
    private double statistic() {
        if (age() < 2L * windowSize || errors == 0 || errors == age()) {
            return 0;
        }
        double older = age() - windowSize;
        double rise = (double) newErrors / windowSize - (errors - newErrors) / older;
        if (rise > 0 ? !direction.up() : !direction.down()) {
            return 0;
        }
        double sizes = 1 / older + 1.0 / windowSize;
        double rate = (double) errors / age();
        return Math.max(0, (Math.abs(rise) - 0.5 * sizes) / Math.sqrt(rate * (1 - rate) * sizes));
    }

    /** The error rate since the last drift; 0 if nothing has come. */
    public double errorRate() {
        return age() == 0 ? 0 : (double) errors / age();
    }

    /** The error rate of the newest values; 0 if nothing has come. */
    public double recentErrorRate() {
        return age() == 0 ? 0 : newErrors / (double) Math.min(age(), windowSize);
    }

    /** One-sided p-value of the last test; 0.5 if nothing has changed, or too few values have come. */
    public double pValue() {
        return NORMAL.survivalProbability(statistic());
    }

    @Override
    void restart() {
        Arrays.fill(window, 0);
        next = 0;
        errors = 0;
        newErrors = 0;
    }

    @Override
    DetectorCodec.Kind kind() {
        return DetectorCodec.Kind.STEPD;
    }

    @Override
    String options() {
        return "windowSize " + windowSize + ", driftLevel " + driftLevel + ", warningLevel " + warningLevel + ", "
                + direction;
    }

    @Override
    void writeOptions(DetectorWriter out) {
        out.writeInt(windowSize);
        out.writeDouble(driftLevel);
        out.writeDouble(warningLevel);
        out.writeDirection(direction);
    }

    static Stepd readOptions(DetectorReader in) {
        return builder()
                .windowSize(in.readInt())
                .driftLevel(in.readDouble())
                .warningLevel(in.readDouble())
                .direction(in.readDirection())
                .build();
    }

    @Override
    void writeSeen(DetectorWriter out) {
        out.writeLong(errors);
        for (long word : window) {
            out.writeLong(word);
        }
    }

    @Override
    void readSeen(DetectorReader in) {
        long all = in.readCount("number of errors", age());
        int filled = (int) Math.min(age(), windowSize);
        for (int i = 0; i < window.length; i++) {
            window[i] = in.readLong();
            int from = i << 6;
            if (filled < from + 64 && window[i] >>> Math.max(0, filled - from) != 0) {
                throw DetectorCodec.invalid("its window has errors beyond its " + filled + " values");
            }
            newErrors += Long.bitCount(window[i]);
        }
        if (newErrors > all || all - newErrors > age() - filled) {
            throw DetectorCodec.invalid("its window has " + newErrors + " errors of " + all);
        }
        errors = all;
        next = (int) (age() % windowSize);
    }

    /** Options of {@link Stepd}; a new one has those of Frouros. */
    public static final class Builder {
        private int windowSize = 30;
        private double driftLevel = 0.003;
        private double warningLevel = 0.05;
        private Direction direction = Direction.BOTH;

        private Builder() {}

        /** Newest values that are compared with all before them, 2 to 1,000,000; 30 by default. */
        public Builder windowSize(int windowSize) {
            this.windowSize = windowSize;
            return this;
        }

        /** One-sided p-value below which there is a drift, more than 0 to 0.5; 0.003 by default. */
        public Builder driftLevel(double driftLevel) {
            this.driftLevel = driftLevel;
            return this;
        }

        /** One-sided p-value below which there is a warning, from that of a drift to 0.5; 0.05 by default. */
        public Builder warningLevel(double warningLevel) {
            this.warningLevel = warningLevel;
            return this;
        }

        /** Which changes count: {@link Direction#UP} for more errors only; {@link Direction#BOTH} by default. */
        public Builder direction(Direction direction) {
            this.direction = direction;
            return this;
        }

        /** @throws IllegalArgumentException if an option is out of its range; the message names it */
        public Stepd build() {
            return new Stepd(this);
        }
    }
}
