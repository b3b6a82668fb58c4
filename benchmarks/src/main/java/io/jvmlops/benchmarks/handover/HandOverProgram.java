package io.jvmlops.benchmarks.handover;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.benchmarks.predict.Fixture;
import io.jvmlops.monitoring.Monitor;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.serving.ListenerUsage;
import io.jvmlops.serving.Serving;
import io.jvmlops.serving.ServingMetrics;
import io.jvmlops.serving.micrometer.MicrometerServingMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One caller asks one model through two servings, with a monitor and without, which take turns in short blocks, so that what else
 * goes on falls on both. Then it asks the one with the monitor alone, for the monitor's share of a processor. Prints the median
 * and the 99th percentile of the single calls.
 */
final class HandOverProgram {
    static final String OFF_MEDIAN = "off-median";
    static final String OFF_P99 = "off-p99";
    static final String ON_MEDIAN = "on-median";
    static final String ON_P99 = "on-p99";
    static final String CPU = "cpu";
    static final String TOLD = "told";
    static final String LOST = "lost";
    static final String SAMPLING = "sampling";

    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final long BLOCK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private HandOverProgram() {}

    /** How a caller asks. */
    enum Way {
        ARRAY,
        TENSORS
    }

    /** What the serving says of its one listener. */
    private static final class Used implements ServingMetrics {
        private final ServingMetrics inner = MicrometerServingMetrics.of(new SimpleMeterRegistry());
        private final AtomicLong cpu = new AtomicLong();
        private final AtomicLong told = new AtomicLong();
        private final AtomicLong passedOver = new AtomicLong();
        private final AtomicLong dropped = new AtomicLong();
        private volatile int sampling;

        @Override
        public ModelMetrics of(String model, int version, String flavor) {
            return inner.of(model, version, flavor);
        }

        @Override
        public void eventDropped(String listener) {
            dropped.incrementAndGet();
            inner.eventDropped(listener);
        }

        @Override
        public void listenerUsed(String listener, ListenerUsage usage) {
            cpu.addAndGet(usage.cpuNanos());
            told.addAndGet(usage.rowsTold());
            passedOver.addAndGet(usage.rowsPassedOver());
            sampling = usage.sampling();
            inner.listenerUsed(listener, usage);
        }

        void reset() {
            cpu.set(0);
            told.set(0);
            passedOver.set(0);
            dropped.set(0);
        }
    }

    /**
     * Arguments: the fixture's folder, rows per call, the way, the monitor's share of a processor, seconds to warm up, to take turns,
     * and to measure the monitor.
     */
    public static void main(String[] args) throws InterruptedException, java.io.IOException {
        Fixture fixture = Fixture.open(Path.of(args[0]));
        int batch = Integer.parseInt(args[1]);
        Way way = Way.valueOf(args[2]);
        double budget = Double.parseDouble(args[3]);
        ModelRegistry registry = fixture.register("m");
        Used used = new Used();
        try (Serving off = Serving.builder(registry)
                        .metrics(MicrometerServingMetrics.of(new SimpleMeterRegistry()))
                        .build();
                Serving on = Serving.builder(registry)
                        .metrics(used)
                        .monitor("m", monitor(fixture, off, budget))
                        .build()) {
            Runnable without = caller(fixture, off, way, batch);
            Runnable with = caller(fixture, on, way, batch);
            turns(without, with, new Latencies(), new Latencies(), seconds(args[4]));
            Latencies offTook = new Latencies();
            Latencies onTook = new Latencies();
            turns(without, with, offTook, onTook, seconds(args[5]));
            say(OFF_MEDIAN, offTook.quantile(0.5) / 1e3);
            say(OFF_P99, offTook.quantile(0.99) / 1e3);
            say(ON_MEDIAN, onTook.quantile(0.5) / 1e3);
            say(ON_P99, onTook.quantile(0.99) / 1e3);
            // What was saved up while the others had their turns is spent first.
            Latencies alone = new Latencies();
            block(with, alone, seconds(args[4]));
            flush(on);
            used.reset();
            long start = System.nanoTime();
            block(with, alone, seconds(args[6]));
            flush(on);
            double wall = System.nanoTime() - start;
            say(CPU, used.cpu.get() / wall);
            say(TOLD, used.told.get() * 1e9 / wall);
            say(LOST, (double) used.dropped.get());
            say(SAMPLING, used.sampling);
        }
    }

    private static long seconds(String text) {
        return (long) (Double.parseDouble(text) * 1e9);
    }

    private static void say(String name, double number) {
        System.out.println(name + " " + number);
    }

    private static Monitor monitor(Fixture fixture, Serving serving, double budget) {
        float[] rows = fixture.rows(Fixture.ROWS);
        Tensors inputs = tensors(rows, Fixture.ROWS);
        Tensors outputs = serving.predictor("m/1", Tensors.class, Tensors.class).predict(inputs);
        return Monitor.builder(ReferenceProfile.builder(serving.live("m/1").signature())
                        .add(inputs, outputs)
                        .build())
                .name("m")
                .cpuBudget(budget)
                .build();
    }

    private static Tensors tensors(float[] rows, int count) {
        return Tensors.of(Fixture.INPUT, Tensor.transfer(rows, count, rows.length / count));
    }

    private static Runnable caller(Fixture fixture, Serving serving, Way way, int batch) {
        float[] rows = fixture.rows(batch);
        if (way == Way.ARRAY) {
            Predictor<float[], float[]> predictor = serving.predictor("m/1", float[].class, float[].class);
            check(fixture, batch, predictor.predict(rows));
            return () -> {
                if (predictor.predict(rows, Deadline.after(TIMEOUT)).length == 0) {
                    throw new IllegalStateException("no answer");
                }
            };
        }
        Predictor<Tensors, Tensors> predictor = serving.predictor("m/1", Tensors.class, Tensors.class);
        check(fixture, batch, predictor.predict(tensors(rows, batch)).at(0).toFloatArray());
        return () -> {
            if (predictor.predict(tensors(rows, batch), Deadline.after(TIMEOUT)).size() == 0) {
                throw new IllegalStateException("no answer");
            }
        };
    }

    private static void check(Fixture fixture, int batch, float[] answers) {
        if (!fixture.mismatches(batch, answers).isEmpty()) {
            throw new IllegalStateException("answers are wrong: " + fixture.mismatches(batch, answers));
        }
    }

    /** Blocks in the order off, on, on, off, so that what drifts falls on both. */
    private static void turns(Runnable off, Runnable on, Latencies offTook, Latencies onTook, long nanos) {
        long end = System.nanoTime() + nanos;
        do {
            block(off, offTook, BLOCK_NANOS);
            block(on, onTook, BLOCK_NANOS);
            block(on, onTook, BLOCK_NANOS);
            block(off, offTook, BLOCK_NANOS);
        } while (System.nanoTime() < end);
    }

    private static void block(Runnable call, Latencies took, long nanos) {
        long start = System.nanoTime();
        long end = start + nanos;
        while (start < end) {
            call.run();
            long now = System.nanoTime();
            took.add(now - start);
            start = now;
        }
    }

    private static void flush(Serving serving) throws InterruptedException {
        if (!serving.flushListeners(Duration.ofSeconds(30))) {
            throw new IllegalStateException("the monitor was not told in time");
        }
    }
}
