package io.jvmlops.benchmarks.study;

import java.io.PrintStream;
import java.util.function.LongSupplier;

/** Tells people what runs, how far it is and how long it will still take. */
public final class Progress {
    private final PrintStream console;
    private final LongSupplier nanoTime;
    private final int steps;
    private final double expectedSeconds;
    private final long start;
    private int begun;

    Progress(PrintStream console, LongSupplier nanoTime, int steps, double expectedSeconds) {
        this.console = console;
        this.nanoTime = nanoTime;
        this.steps = steps;
        this.expectedSeconds = expectedSeconds;
        this.start = nanoTime.getAsLong();
    }

    /** Says what begins now; whatever began before is done. */
    public void step(String what) {
        int done = begun++;
        double perStep = done == 0 ? expectedSeconds : (nanoTime.getAsLong() - start) / 1e9 / done;
        console.println("[" + begun + "/" + steps + "] " + what + "; about "
                + duration(Math.max(0, steps - done) * perStep) + " left");
        console.flush();
    }

    private static String duration(double seconds) {
        long rounded = Math.max(1, Math.round(seconds));
        if (rounded < 90) {
            return rounded + " s";
        }
        long minutes = Math.round(rounded / 60.0);
        return minutes < 120 ? minutes + " min" : minutes / 60 + " h " + minutes % 60 + " min";
    }
}
