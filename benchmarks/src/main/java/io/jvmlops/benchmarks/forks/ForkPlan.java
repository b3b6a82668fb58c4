package io.jvmlops.benchmarks.forks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How long and how often each case is measured.
 *
 * @param timing which time of a call counts
 * @param rounds forks of each case
 * @param warmups iterations within a fork that do not count
 * @param measurements iterations within a fork that count
 * @param iteration how long each takes
 * @param jvmFlags of every fork
 */
public record ForkPlan(
        Timing timing, int rounds, int warmups, int measurements, Duration iteration, List<String> jvmFlags) {
    /** Which time of a call counts. */
    public enum Timing {
        /** All time over all calls: what a caller pays in the end, collections and all. Needs a quiet machine. */
        MEAN,
        /**
         * The call in the middle, each call timed alone. Unmoved by whoever else gets the processor now and then, and by
         * rare pauses; for calls of a microsecond and more, as reading the clock twice is in it.
         */
        MEDIAN
    }

    /** What starting a JVM and JMH takes beside the iterations, roughly. */
    private static final double START_SECONDS = 1.2;

    public ForkPlan {
        jvmFlags = List.copyOf(jvmFlags);
    }

    /** What one fork takes. */
    public double expectedSeconds() {
        return START_SECONDS + (warmups + measurements) * iteration.toMillis() / 1e3;
    }

    /**
     * The flags given and those that every fork needs: on JDK 24 and newer, native libraries ask for leave, and the
     * grant in our jar's manifest does not reach a JVM that was started with a class path.
     */
    public static List<String> withNativeAccess(List<String> flags) {
        List<String> all = new ArrayList<>(flags);
        if (Runtime.version().feature() >= 22) {
            all.add("--enable-native-access=ALL-UNNAMED");
        }
        return List.copyOf(all);
    }
}
