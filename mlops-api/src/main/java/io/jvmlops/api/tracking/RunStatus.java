package io.jvmlops.api.tracking;

/**
 * Where a run stands. {@link #RUNNING} ends once, in one of the others; {@link TrackingStore#updateRun} can resume what
 * has ended.
 */
public enum RunStatus {
    /** Started, not ended; also what a process that died leaves behind, until its lease has run out. */
    RUNNING,
    /** Ended by {@link Run#complete()}. */
    FINISHED,
    /** Ended by {@link Run#fail}, or closed without {@link Run#complete()}. */
    FAILED,
    /**
     * Its process has given no sign of life for too long. The only end that is a guess: a process that turns out to live
     * takes the run up again, see {@link TrackingStore#heartbeat}, and may still end it otherwise.
     */
    KILLED
}
