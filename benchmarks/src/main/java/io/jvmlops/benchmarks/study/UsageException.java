package io.jvmlops.benchmarks.study;

/** The command line is wrong; the message says how to put it right. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }
}
