package io.jvmlops.benchmarks.cache;

import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.benchmarks.predict.Fixture;
import io.jvmlops.serving.Serving;
import io.jvmlops.serving.cache.CacheSpec;
import io.jvmlops.serving.cache.PredictionCache;
import io.jvmlops.serving.micrometer.MicrometerServingMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * Many callers ask a serving for rows of which few are asked for often: the k-th most popular of them in proportion to 1/k. Prints
 * calls a second, and what the cache kept.
 */
final class ZipfProgram {
    static final String CALLS = "calls";
    static final String CPU = "cpu";
    static final String ASKED = "asked";
    static final String STATUS = "status";
    static final String TOTAL = "total";

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int CHECK_EVERY = 1024;

    /** Ranks drawn ahead, which callers walk through from different places. */
    private static final int DRAWS = 1 << 22;

    private static final long SEED = 7;

    /** What callers do. */
    private enum Phase {
        WARM,
        MEASURED,
        OVER
    }

    private final Predictor<float[], float[]> predictor;
    private final float[][] rows;
    private final float[] expected;
    private final int[] draws;
    private final LongAdder calls = new LongAdder();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile Phase phase = Phase.WARM;

    private ZipfProgram(Predictor<float[], float[]> predictor, float[][] rows, float[] expected, int[] draws) {
        this.predictor = predictor;
        this.rows = rows;
        this.expected = expected;
        this.draws = draws;
    }

    /** Arguments: the fixture's folder, rows, entries that the cache keeps or 0 for none, callers, seconds to warm up and to measure. */
    public static void main(String[] args) throws Exception {
        Fixture fixture = Fixture.open(Path.of(args[0]));
        int count = Integer.parseInt(args[1]);
        int capacity = Integer.parseInt(args[2]);
        int callers = Integer.parseInt(args[3]);
        Serving.Builder builder =
                Serving.builder(fixture.register("m")).metrics(MicrometerServingMetrics.of(new SimpleMeterRegistry()));
        if (capacity > 0) {
            builder.cache(CacheSpec.maxEntries(capacity));
        }
        try (HitInputs inputs = HitInputs.open(fixture, count, 0);
                Serving serving = builder.build()) {
            ZipfProgram program = new ZipfProgram(
                    serving.predictor("m/1", float[].class, float[].class),
                    inputs.rows(),
                    inputs.expected(),
                    draws(count));
            program.run(callers, Double.parseDouble(args[4]), Double.parseDouble(args[5]), serving.cache());
        }
    }

    /** Ranks by how popular they are: the first in proportion to 1, the second to 1/2, and so on. */
    private static int[] draws(int count) {
        double[] sums = new double[count];
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += 1.0 / (i + 1);
            sums[i] = sum;
        }
        Random random = new Random(SEED);
        // The popular ones do not lie together.
        int[] rows = HitInputs.order(count, true);
        int[] draws = new int[DRAWS];
        for (int i = 0; i < DRAWS; i++) {
            int at = Arrays.binarySearch(sums, random.nextDouble() * sum);
            draws[i] = rows[Math.min(count - 1, at < 0 ? -at - 1 : at)];
        }
        return draws;
    }

    private void run(int callers, double warmSeconds, double seconds, Optional<PredictionCache> cache)
            throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            int from = (int) ((long) DRAWS * i / callers);
            Thread thread = new Thread(() -> call(from), "caller-" + i);
            thread.setDaemon(true);
            threads.add(thread);
        }
        threads.forEach(Thread::start);
        pause(warmSeconds);
        long asked = asked(cache);
        phase = Phase.MEASURED;
        long start = System.nanoTime();
        Duration cpu = cpu();
        pause(seconds);
        phase = Phase.OVER;
        long nanos = System.nanoTime() - start;
        cpu = cpu().minus(cpu);
        for (Thread thread : threads) {
            thread.join();
        }
        if (failure.get() != null) {
            throw new IllegalStateException("a caller failed", failure.get());
        }
        System.out.println(TOTAL + " " + calls.sum());
        System.out.println(CALLS + " " + calls.sum() * 1e9 / nanos);
        System.out.println(CPU + " " + cpu.toNanos() / 1e3 / calls.sum());
        System.out.println(ASKED + " " + (asked(cache) - asked));
        cache.ifPresent(c -> System.out.println(STATUS + " " + Status.text(c)));
    }

    /** What the model was asked for so far by the cache. */
    private static long asked(Optional<PredictionCache> cache) {
        return cache.map(Status::of)
                .map(status -> status.misses() - status.shared())
                .orElse(0L);
    }

    /** Processor time of this process, of all its threads. */
    private static Duration cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private static void pause(double seconds) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep((long) (seconds * 1e3));
    }

    private void call(int from) {
        long done = 0;
        try {
            for (int at = from; phase != Phase.OVER; at = at + 1 & DRAWS - 1) {
                int row = draws[at];
                float[] answer = predictor.predict(rows[row], Deadline.after(TIMEOUT));
                // Not "greater than": NaN must not pass.
                if (at % CHECK_EVERY == 0 && !(Math.abs(answer[0] - expected[row]) <= Fixture.TOLERANCE)) {
                    throw new IllegalStateException("an answer is wrong");
                }
                if (phase == Phase.MEASURED) {
                    done++;
                }
            }
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
        }
        calls.add(done);
    }
}
