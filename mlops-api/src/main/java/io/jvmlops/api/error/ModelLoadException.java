package io.jvmlops.api.error;

import org.jspecify.annotations.Nullable;

/** A model could not be loaded: a file is missing, malformed, names a path outside its folder, or no loader understands it. Nothing was loaded; what was live before stays live. */
public final class ModelLoadException extends MlopsException {
    private static final long serialVersionUID = 1L;

    public ModelLoadException(String message) {
        this(message, null);
    }

    public ModelLoadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
