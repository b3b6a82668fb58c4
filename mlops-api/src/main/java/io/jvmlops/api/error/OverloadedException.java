package io.jvmlops.api.error;

import org.jspecify.annotations.Nullable;

/** A bounded queue or buffer stayed full for as long as the caller was willing to wait. */
public final class OverloadedException extends MlopsException {
    private static final long serialVersionUID = 1L;

    public OverloadedException(String message) {
        this(message, null);
    }

    public OverloadedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
