package io.jvmlops.api.error;

import org.jspecify.annotations.Nullable;

/** Bytes differ from the digest they are stored under. They were refused before any parser or native code read them; restore the file or register a new version. */
public final class IntegrityException extends MlopsException {
    private static final long serialVersionUID = 1L;

    public IntegrityException(String message) {
        this(message, null);
    }

    public IntegrityException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
