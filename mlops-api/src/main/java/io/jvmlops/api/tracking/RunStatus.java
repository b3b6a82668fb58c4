package io.jvmlops.api.tracking;

/** Where a run stands. Only {@link #RUNNING} can change, and only once. */
public enum RunStatus {
    /** Started, not ended; also what is left behind by a process that died. */
    RUNNING,
    /** Ended by {@link Run#complete()}. */
    FINISHED,
    /** Ended by {@link Run#fail}, or closed without {@link Run#complete()}. */
    FAILED
}
