package io.jvmlops.api.error;

import org.jspecify.annotations.Nullable;

/** The model itself failed while it was answering a well-formed question. The message comes from the runtime beneath. */
public final class ModelFailureException extends MlopsException {
    private static final long serialVersionUID = 1L;

    public ModelFailureException(String message) {
        this(message, null);
    }

    public ModelFailureException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
