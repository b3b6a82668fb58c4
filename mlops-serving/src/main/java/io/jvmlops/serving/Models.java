package io.jvmlops.serving;

import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.InferenceModel;

/** Loads single models, without registry, cache or metrics. */
public final class Models {
    private Models() {}

    /**
     * Loads a model with the loaders found on the class path. The caller closes it.
     *
     * @throws IntegrityException if its bytes are not those expected; no parser has seen them
     * @throws ModelLoadException if it is not a model that a loader understands
     * @throws io.jvmlops.api.error.MissingDependencyException if the runtime it needs is not on the class path
     */
    public static InferenceModel load(ModelSource source) {
        ModelOpener opener = ModelOpener.ofClassPath();
        return source.isFile() ? opener.openFile(source.open()) : opener.openFolder(source.open(), null);
    }
}
