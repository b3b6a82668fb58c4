package io.jvmlops.api.error;

import org.jspecify.annotations.Nullable;

/**
 * The root of everything JVMLOps throws on purpose. A leaf says what the caller can do about it; the message names the
 * thing, what was found, what was expected and the remedy, and never a person's feature values.
 *
 * <p>Programming mistakes ({@code null} where none is allowed, a negative size) stay {@link NullPointerException} and
 * {@link IllegalArgumentException}.
 */
public abstract class MlopsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MlopsException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Whether the same call can succeed later without anybody changing anything. */
    public boolean retryable() {
        return false;
    }
}
