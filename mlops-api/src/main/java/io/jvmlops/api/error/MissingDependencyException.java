package io.jvmlops.api.error;

import org.jspecify.annotations.Nullable;

/** An optional library is not on the class path. The message gives its Maven coordinates. */
public final class MissingDependencyException extends MlopsException {
    private static final long serialVersionUID = 1L;

    public MissingDependencyException(String message) {
        this(message, null);
    }

    public MissingDependencyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
