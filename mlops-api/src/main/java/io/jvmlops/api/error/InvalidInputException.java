package io.jvmlops.api.error;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The input does not fit what was asked for. Every mismatch found is listed, not only the first. */
public final class InvalidInputException extends MlopsException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> mismatches;

    public InvalidInputException(String message) {
        super(message, null);
        this.mismatches = List.of(message);
    }

    /**
     * @param subject what was checked, as the start of the message: {@code "input of iris/3"}
     * @param mismatches each a sentence of its own: name, found, expected; not empty
     */
    public InvalidInputException(String subject, List<String> mismatches) {
        this(subject, mismatches, null);
    }

    /** @param cause what the caller's own code threw while the input was read; null if that is not why */
    public InvalidInputException(String subject, List<String> mismatches, @Nullable Throwable cause) {
        super(subject + ": " + String.join("; ", mismatches), cause);
        this.mismatches = List.copyOf(mismatches);
    }

    /** What does not fit, one entry each; never empty. */
    public List<String> mismatches() {
        return mismatches == null ? List.of(String.valueOf(getMessage())) : mismatches;
    }
}
