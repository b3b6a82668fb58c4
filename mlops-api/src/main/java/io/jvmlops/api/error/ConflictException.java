package io.jvmlops.api.error;

import org.jspecify.annotations.Nullable;

/** Another write got there first, or the value is already set to something else. Read the current state, then decide. */
public final class ConflictException extends MlopsException {
    private static final long serialVersionUID = 1L;

    public ConflictException(String message) {
        this(message, null);
    }

    public ConflictException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
