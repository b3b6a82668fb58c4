package io.jvmlops.api.error;

import org.jspecify.annotations.Nullable;

/** A deadline passed before the answer came. */
public final class TimedOutException extends MlopsException {
    private static final long serialVersionUID = 1L;

    public TimedOutException(String message) {
        this(message, null);
    }

    public TimedOutException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
