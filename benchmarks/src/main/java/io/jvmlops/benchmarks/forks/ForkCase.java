package io.jvmlops.benchmarks.forks;

import java.util.Map;

/**
 * One of the things that take turns.
 *
 * @param label for people
 * @param parameters of the JMH benchmark, by field name
 */
public record ForkCase(String label, Map<String, String> parameters) {
    public ForkCase {
        parameters = Map.copyOf(parameters);
    }
}
