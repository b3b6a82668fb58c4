package io.jvmlops.api.registry;

import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.model.ModelRef;
import java.util.Collection;
import java.util.stream.Collectors;

/** What to say of a reference that means nothing, in a line, however much there is. */
final class RegistryMessages {
    /** How many of a kind are listed. */
    private static final int SHOWN = 20;

    private RegistryMessages() {}

    static NotFoundException notFound(ModelRegistry registry, ModelRef ref) {
        return new NotFoundException(registry.findModel(ref.name())
                .map(model -> "model '" + model.name() + "' has no " + ref + "; it has versions "
                        + (model.versions() > SHOWN
                                ? "(" + model.versions() + " of them)"
                                : list(registry.versions(model.name()).stream()
                                        .map(ModelVersion::version)
                                        .toList()))
                        + " and aliases " + list(model.aliases().entrySet()))
                .orElseGet(() -> "no model '" + ref.name() + "' is registered; there are " + list(registry.models())));
    }

    private static String list(Collection<?> all) {
        return all.stream()
                .limit(SHOWN)
                .map(Object::toString)
                .collect(Collectors.joining(
                        ", ", "[", all.size() > SHOWN ? ", ... and " + (all.size() - SHOWN) + " more]" : "]"));
    }
}
