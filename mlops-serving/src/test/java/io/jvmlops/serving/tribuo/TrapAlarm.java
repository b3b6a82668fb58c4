package io.jvmlops.serving.tribuo;

/** Tells whether {@link Trap} was initialised, without touching it. */
final class TrapAlarm {
    private static volatile boolean rung;

    private TrapAlarm() {}

    static void ring() {
        rung = true;
    }

    static boolean rung() {
        return rung;
    }
}
