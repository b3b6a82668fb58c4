package io.jvmlops.api.error;

import org.jspecify.annotations.Nullable;

/** The object has been closed. Open a new one. */
public final class ClosedException extends MlopsException {
    private static final long serialVersionUID = 1L;

    public ClosedException(String message) {
        this(message, null);
    }

    public ClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
