package io.jvmlops.serving.tribuo;

/** Anything on the class path with something to do when it is first touched. */
final class Trap {
    static {
        TrapAlarm.ring();
    }

    private Trap() {}
}
