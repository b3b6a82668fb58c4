package io.jvmlops.benchmarks.endurance;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;

/** Swaps models under callers, and says after each some swaps what has come of it, in case there is no end. */
final class SwapProgram {
    /** Versions that take turns. */
    private static final int VERSIONS = 20;

    private static final int CALLERS = 4;
    private static final int BASE = 50;

    /** When each publication began and when the next one had ended, by nanoTime; 0 while that is to come. */
    private final AtomicLongArray begun;

    private final AtomicLongArray ended;
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private final AtomicReference<Throwable> firstFailure = new AtomicReference<>();
    private volatile int published;
    private volatile boolean done;

    private SwapProgram(int swaps) {
        begun = new AtomicLongArray(swaps + 1);
        ended = new AtomicLongArray(swaps + 1);
    }

    /** Arguments: who, a folder, swaps. */
    public static void main(String[] args) throws Exception {
        int swaps = Integer.parseInt(args[2]);
        try (Swapper swapper = open(args[0], Path.of(args[1]))) {
            new SwapProgram(swaps).run(swapper, swaps);
        }
    }

    private static Swapper open(String who, Path folder) throws Exception {
        return switch (SwapStudy.Who.valueOf(who.toUpperCase(Locale.ROOT))) {
            case OURS -> new OurSwapper(folder, VERSIONS);
            case RAW -> new RawSwapper(VERSIONS, true);
            case LEAKING -> new RawSwapper(VERSIONS, false);
            case DJL -> new DjlSwapper(folder, VERSIONS);
        };
    }

    private void run(Swapper swapper, int swaps) throws Exception {
        begun.set(0, System.nanoTime());
        List<Thread> callers = new ArrayList<>();
        for (int c = 0; c < CALLERS; c++) {
            Random random = new Random(c);
            Thread caller = new Thread(() -> call(swapper, random), "caller-" + c);
            caller.setDaemon(true);
            callers.add(caller);
            caller.start();
        }
        for (int swap = 1; swap <= swaps; swap++) {
            // Each version answers for a moment: callers get some hundred answers of it.
            Thread.sleep(2);
            begun.set(swap, System.nanoTime());
            published = swap;
            swapper.publish(swap % VERSIONS);
            ended.set(swap - 1, System.nanoTime());
            if (swap == Math.min(BASE, swaps)) {
                say("base", ProcessMemory.residentMegabytes());
            }
            say("swaps", swap);
            if (swap % 10 == 0 || swap == swaps) {
                say("calls", calls.get());
                say("failed", failed.get());
                say("wrong", wrong.get());
            }
        }
        done = true;
        for (Thread caller : callers) {
            caller.join();
        }
        say("end", ProcessMemory.residentMegabytes());
        say("calls", calls.get());
        say("failed", failed.get());
        say("wrong", wrong.get());
        Throwable first = firstFailure.get();
        if (first != null) {
            System.out.println("# " + first);
        }
    }

    private static void say(String name, Number number) {
        System.out.println(name + " " + number);
    }

    private void call(Swapper swapper, Random random) {
        float[] row = new float[VersionedModel.WIDTH];
        for (int i = 0; i < row.length; i++) {
            row[i] = random.nextFloat();
        }
        float[] before = row.clone();
        while (!done) {
            long start = System.nanoTime();
            try {
                float answer = swapper.ask(row);
                if (!couldAnswer(answer, start, System.nanoTime()) || !Arrays.equals(row, before)) {
                    wrong.incrementAndGet();
                }
            } catch (Exception e) {
                failed.incrementAndGet();
                firstFailure.compareAndSet(null, e);
            }
            calls.incrementAndGet();
        }
    }

    /** Whether a version of this number was live, or coming or going, at some moment between. */
    private boolean couldAnswer(float answer, long from, long to) {
        for (int swap = published; swap >= 0; swap--) {
            long end = ended.get(swap);
            if (end != 0 && end - from < 0) {
                // This one and all before had gone when the call began.
                return false;
            }
            if (swap % VERSIONS == answer && begun.get(swap) - to <= 0) {
                return true;
            }
        }
        return false;
    }
}
