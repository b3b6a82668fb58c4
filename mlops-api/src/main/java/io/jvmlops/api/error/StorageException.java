package io.jvmlops.api.error;

import org.jspecify.annotations.Nullable;

/** A store could not read or write: disk full, database unreachable, file damaged. Earlier data is untouched. */
public final class StorageException extends MlopsException {
    private static final long serialVersionUID = 1L;

    private final boolean retryable;

    public StorageException(String message, @Nullable Throwable cause) {
        this(message, cause, false);
    }

    /** @param retryable whether the cause goes away by itself, as a locked database or a lost connection does */
    public StorageException(String message, @Nullable Throwable cause, boolean retryable) {
        super(message, cause);
        this.retryable = retryable;
    }

    @Override
    public boolean retryable() {
        return retryable;
    }
}
