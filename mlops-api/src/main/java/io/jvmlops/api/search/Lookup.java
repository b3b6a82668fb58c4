package io.jvmlops.api.search;

import java.util.List;
import java.util.OptionalDouble;

/** The values of one run, experiment or other thing, for stores that evaluate a {@link Filter} themselves. */
public interface Lookup {
    /** The value, NaN among them, or empty if there is none. Instants are milliseconds since 1970. */
    OptionalDouble number(NumberField field);

    /**
     * The values: none if there is none; for {@link Field.Kind#DATASET} one for each dataset that has that property; else
     * one.
     */
    List<String> texts(TextField field);
}
