package io.jvmlops.serving.offence;

/** Not one of ours. */
public class OffenderException extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
