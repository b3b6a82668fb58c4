package io.jvmlops.monitoring.convention;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Conventions of other libraries by name: those of Evidently 0.7.21 ({@code evidently.psi}, with its own names of tests)
 * and of NannyML 0.13.1 ({@code nannyml.jensen_shannon}, with its keys of methods). Their numbers are compared with those
 * of the libraries in our tests.
 */
public final class Conventions {
    private static final Map<String, Convention> BY_NAME = new LinkedHashMap<>();

    static {
        Stream.concat(Evidently.all(), NannyMl.all()).forEach(c -> BY_NAME.put(c.name(), c));
    }

    private Conventions() {}

    /** All names. */
    public static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    /** @throws IllegalArgumentException if there is none of this name; the message has the names */
    public static Convention named(String name) {
        Convention convention = BY_NAME.get(name);
        if (convention == null) {
            throw new IllegalArgumentException("no convention '" + name + "', expected one of " + names());
        }
        return convention;
    }
}
