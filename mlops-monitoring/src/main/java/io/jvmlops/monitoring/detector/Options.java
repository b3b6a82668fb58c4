package io.jvmlops.monitoring.detector;

import java.util.Locale;

/** Checks of what a builder is given: a message names the option, what was found and what is expected. */
final class Options {
    private Options() {}

    /** More than 0 and less than 1. */
    static double share(String option, double value) {
        if (!(value > 0 && value < 1)) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s is %s, expected more than 0 and less than 1", option, value));
        }
        return value;
    }

    static double positive(String option, double value) {
        if (!(value > 0 && value <= Detector.GREATEST)) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s is %s, expected more than 0 and finite", option, value));
        }
        return value;
    }

    static double notNegative(String option, double value) {
        if (!(value >= 0 && value <= Detector.GREATEST)) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s is %s, expected 0 or more and finite", option, value));
        }
        return value + 0.0;
    }

    static int within(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "%s is %d, expected %d to %d", option, value, least, most));
        }
        return value;
    }

    /** A warning must come before the drift that it warns of. */
    static void ordered(String least, double low, String most, double high) {
        if (low > high) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT, "%s is %s and %s is %s, expected %s <= %s", least, low, most, high, least, most));
        }
    }
}
