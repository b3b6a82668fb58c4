package io.jvmlops.benchmarks.forks;

import java.util.Map;

/**
 * One of the things that take turns.
 *
 * @param label for people
 * @param parameters of the JMH benchmark, by field name
 * @param threads that call at once
 */
public record ForkCase(String label, Map<String, String> parameters, int threads) {
    public ForkCase {
        parameters = Map.copyOf(parameters);
    }

    /** With one thread. */
    public ForkCase(String label, Map<String, String> parameters) {
        this(label, parameters, 1);
    }
}
