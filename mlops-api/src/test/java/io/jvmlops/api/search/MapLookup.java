package io.jvmlops.api.search;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Values of fields, for tests. */
final class MapLookup implements Lookup {
    private final Map<Field, Double> numbers = new HashMap<>();
    private final Map<Field, List<String>> texts = new HashMap<>();

    MapLookup with(NumberField field, double value) {
        numbers.put(field, value);
        return this;
    }

    MapLookup with(TextField field, String... values) {
        texts.computeIfAbsent(field, f -> new ArrayList<>()).addAll(List.of(values));
        return this;
    }

    @Override
    public OptionalDouble number(NumberField field) {
        Double value = numbers.get(field);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    @Override
    public List<String> texts(TextField field) {
        return texts.getOrDefault(field, List.of());
    }
}
