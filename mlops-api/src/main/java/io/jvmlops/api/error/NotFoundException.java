package io.jvmlops.api.error;

import org.jspecify.annotations.Nullable;

/** The named experiment, run, artifact, model, version or alias does not exist. The message lists what does, where that helps. */
public final class NotFoundException extends MlopsException {
    private static final long serialVersionUID = 1L;

    public NotFoundException(String message) {
        this(message, null);
    }

    public NotFoundException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
