package io.jvmlops.api.tracking;

import io.jvmlops.api.search.Field;
import io.jvmlops.api.search.Lookup;
import io.jvmlops.api.search.NumberField;
import io.jvmlops.api.search.TextField;
import java.util.List;
import java.util.OptionalDouble;

/** An experiment's values, as the fields of {@code Searchable.EXPERIMENTS} name them. */
record ExperimentLookup(ExperimentInfo experiment) implements Lookup {
    @Override
    public OptionalDouble number(NumberField field) {
        return switch (field.key()) {
            case "creation_time" -> RunLookup.millis(experiment.createdAt());
            case "last_update_time" -> RunLookup.millis(experiment.updatedAt());
            default -> throw RunLookup.unknown(field);
        };
    }

    @Override
    public List<String> texts(TextField field) {
        if (field.kind() == Field.Kind.TAG) {
            return RunLookup.one(experiment.tags().get(field.key()));
        }
        return switch (field.key()) {
            case "name" -> List.of(experiment.name());
            case "experiment_id" -> List.of(experiment.id());
            default -> throw RunLookup.unknown(field);
        };
    }
}
