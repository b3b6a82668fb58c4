package io.jvmlops.serving;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.onnx.LoopModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs in a JVM of its own, and does there all that a caller can do wrong, one after the other; a line for each. */
public final class MisuseProgram {
    private static final Fixture CANCER = Fixture.load("breast_cancer");
    private static final Fixture MIXED = Fixture.load("mixed_columns");
    private static final double[] EXPECTED = CANCER.expected("probabilities");

    private final Map<String, Callable<String>> cases = new LinkedHashMap<>();

    private MisuseProgram() {}

    public static void main(String[] args) throws Exception {
        MisuseProgram program = new MisuseProgram();
        program.closing();
        program.shapes();
        program.strings();
        program.memory();
        program.threads();
        for (Map.Entry<String, Callable<String>> named : program.cases.entrySet()) {
            String outcome;
            try {
                outcome = named.getValue().call();
            } catch (MlopsException | IllegalArgumentException | NullPointerException e) {
                outcome = e.getClass().getSimpleName() + " " + e.getMessage();
            } catch (Throwable e) {
                outcome = "unexpected " + e;
            }
            // After every misuse a model answers as it should.
            try (InferenceModel model = cancer()) {
                requireRight(model, 0, 20);
            }
            System.out.println(ForkedJvm.SAYS + named.getKey() + ": " + outcome.replace('\n', ' '));
        }
        System.out.println(ForkedJvm.SAYS + "exit during predictions: begins");
        InferenceModel model = cancer();
        InferenceModel slow = open(LoopModel.onnx());
        CountDownLatch running = new CountDownLatch(4);
        for (int t = 0; t < 4; t++) {
            boolean quick = t % 2 == 0;
            Thread thread = new Thread(
                    () -> {
                        running.countDown();
                        while (true) {
                            if (quick) {
                                model.predict(CANCER.inputs);
                            } else {
                                slow.predict(LoopModel.inputs(LoopModel.FOREVER));
                            }
                        }
                    },
                    "predicting");
            thread.setDaemon(t < 2);
            thread.start();
        }
        running.await();
        System.exit(7);
    }

    private static InferenceModel open(byte[] onnx) {
        return Models.load(ModelSource.bytes("model.onnx", onnx).trusted());
    }

    private static String load(byte[] onnx) {
        open(onnx).close();
        return "loaded";
    }

    private static InferenceModel cancer() {
        return open(CANCER.onnx);
    }

    /** Rows {@code from} to {@code to}, exactly as expected. */
    private static void requireRight(InferenceModel model, int from, int to) {
        Tensor found = model.predict(CANCER.rows(from, to)).get("probabilities");
        for (int i = 0; i < 2 * (to - from); i++) {
            if (!(Math.abs(found.doubleAt(i) - EXPECTED[2 * from + i]) < 1e-5)) {
                throw new IllegalStateException("wrong answer at " + i);
            }
        }
    }

    private void on(String name, java.util.function.Function<InferenceModel, Object> use) {
        on(name, CANCER.onnx, use);
    }

    private void on(String name, byte[] onnx, java.util.function.Function<InferenceModel, Object> use) {
        cases.put(name, () -> {
            try (InferenceModel model = open(onnx)) {
                return String.valueOf(use.apply(model));
            }
        });
    }

    private static Tensors input(Tensor tensor) {
        return Tensors.of("input", tensor);
    }

    private void closing() {
        on("predict after close", model -> {
            model.close();
            return model.predict(CANCER.inputs);
        });
        on("two closes", model -> {
            model.close();
            model.close();
            return "right";
        });
        on("closes by eight threads at once", model -> {
            inThreads(8, t -> model.close());
            return "right";
        });
        on("what a closed model says of itself", model -> {
            model.close();
            return model.descriptor().labels() + " " + model.signature().inputs();
        });
        cases.put("close during predictions", () -> {
            for (int round = 0; round < 50; round++) {
                InferenceModel model = cancer();
                CountDownLatch begun = new CountDownLatch(3);
                List<Future<?>> running = new ArrayList<>();
                ExecutorService threads = Executors.newFixedThreadPool(3);
                for (int t = 0; t < 3; t++) {
                    int from = t;
                    running.add(threads.submit(() -> {
                        begun.countDown();
                        try {
                            while (true) {
                                requireRight(model, from, from + 5);
                            }
                        } catch (ClosedException e) {
                            return;
                        }
                    }));
                }
                begun.await();
                model.close();
                for (Future<?> each : running) {
                    each.get();
                }
                threads.shutdown();
            }
            return "right";
        });
        cases.put("close during one long prediction", () -> {
            InferenceModel slow = open(LoopModel.onnx());
            ExecutorService threads = Executors.newFixedThreadPool(1);
            CountDownLatch begun = new CountDownLatch(1);
            Future<Double> answer = threads.submit(() -> {
                begun.countDown();
                return slow.predict(LoopModel.inputs(200_000)).get("y").doubleAt(0);
            });
            begun.await();
            try {
                slow.predict(LoopModel.inputs(1));
            } finally {
                slow.close();
            }
            threads.shutdown();
            try {
                return answer.get() == 200_000 ? "right" : "wrong";
            } catch (java.util.concurrent.ExecutionException e) {
                // It may have come after the close.
                return e.getCause() instanceof ClosedException ? "right" : "unexpected " + e.getCause();
            }
        });
    }

    private void shapes() {
        float[] row = new float[30];
        on("null inputs", model -> model.predict(null));
        on("null deadline", model -> model.predict(CANCER.inputs, null));
        on("wrong name", model -> model.predict(Tensors.of("x", Tensor.copyOf(row, 1, 30))));
        on("wrong type", model -> model.predict(input(Tensor.copyOf(new double[30], 1, 30))));
        on("strings for numbers", model -> model.predict(input(Tensor.copyOf(new String[] {"1"}, 1, 1))));
        on("too few columns", model -> model.predict(input(Tensor.copyOf(new float[29], 1, 29))));
        on("too many columns", model -> model.predict(input(Tensor.copyOf(new float[31], 1, 31))));
        on("rank one", model -> model.predict(input(Tensor.copyOf(row, 30))));
        on("rank three", model -> model.predict(input(Tensor.copyOf(row, 1, 1, 30))));
        on("a scalar", model -> model.predict(input(Tensor.copyOf(new float[1]))));
        on(
                "two inputs where there is one",
                model -> model.predict(
                        Tensors.of("input", Tensor.copyOf(row, 1, 30), "more", Tensor.copyOf(row, 1, 30))));
        on(
                "no rows",
                model ->
                        model.predict(input(Tensor.copyOf(new float[0], 0, 30))).get("probabilities"));
        on("no columns", model -> model.predict(input(Tensor.copyOf(new float[0], 1, 0))));
        on("negative dimension", model -> model.predict(input(Tensor.copyOf(row, -1, -30))));
        on("dynamic dimension", model -> model.predict(input(Tensor.copyOf(row, Shape.DYNAMIC, 30))));
        on("overflowing dimensions", model -> model.predict(input(Tensor.copyOf(row, 1L << 33, 1L << 33))));
        // 2^64 elements are 0 in a long, and 2^32 + 30 are 30 in an int.
        on(
                "dimensions that overflow to nothing",
                model -> model.predict(input(Tensor.copyOf(new float[0], 1L << 32, 1L << 32))));
        on("dimensions that overflow an int", model -> model.predict(input(Tensor.copyOf(row, (1L << 32) + 30))));
        on("array and shape differ", model -> model.predict(input(Tensor.copyOf(row, 2, 30))));
        on("rows that differ", MIXED.onnx, model -> {
            Tensors.Builder inputs = Tensors.builder();
            for (int i = 0; i < MIXED.inputs.size(); i++) {
                inputs.put(
                        MIXED.inputs.nameAt(i),
                        i == 0 ? MIXED.inputs.at(i) : MIXED.rows(0, 3).at(i));
            }
            return model.predict(inputs.build());
        });
        on("infinities and NaN", model -> {
            float[] odd = new float[90];
            Arrays.fill(odd, 0, 30, Float.NaN);
            Arrays.fill(odd, 30, 60, Float.POSITIVE_INFINITY);
            Arrays.fill(odd, 60, 90, -Float.MAX_VALUE);
            return model.predict(input(Tensor.transfer(odd, 3, 30))).get("probabilities");
        });
        // Tensors give buffers, and take none: a view that is sliced or reversed cannot come back in.
        on("buffers of a tensor in another order", model -> {
            Tensor tensor = CANCER.inputs.at(0);
            float first = tensor.asFloatBuffer().get(0);
            java.nio.FloatBuffer view = tensor.asFloatBuffer();
            view.position(5);
            view.slice().position(3);
            boolean untouched = view.isReadOnly() && tensor.asFloatBuffer().get(0) == first;
            requireRight(model, 0, 20);
            return untouched ? "right" : "wrong";
        });
        cases.put("garbage as a model", () -> load(new byte[] {1, 2, 3}));
        cases.put("nothing as a model", () -> load(new byte[0]));
        cases.put("null as a model", () -> load(null));
    }

    private void strings() {
        on(
                "a null string",
                MIXED.onnx,
                model -> model.predict(Tensors.of("city", Tensor.copyOf(new String[] {null}, 1, 1))));
        on("a string set to null afterwards", MIXED.onnx, model -> {
            String[] cities = new String[20];
            Arrays.fill(cities, "Rome");
            Tensor tensor = Tensor.transfer(cities, 20, 1);
            cities[7] = null;
            return model.predict(with("city", tensor));
        });
        on("strings set to null all the time", MIXED.onnx, model -> {
            String[] cities = new String[20];
            Arrays.fill(cities, "Rome");
            Tensors inputs = with("city", Tensor.transfer(cities, 20, 1));
            AtomicBoolean going = new AtomicBoolean(true);
            Thread other = new Thread(
                    () -> {
                        for (int i = 0; going.get(); i++) {
                            cities[i % 20] = i % 3 == 0 ? null : "Rome";
                        }
                    },
                    "changing");
            other.setDaemon(true);
            other.start();
            int refused = 0;
            int answered = 0;
            for (int i = 0; i < 3000; i++) {
                try {
                    model.predict(inputs);
                    answered++;
                } catch (InvalidInputException e) {
                    refused++;
                }
            }
            going.set(false);
            return refused + answered == 3000 ? "right" : "wrong";
        });
        on("a string with a zero", MIXED.onnx, model -> model.predict(with("city", strings("a\u0000b"))));
        on("half a character", MIXED.onnx, model -> model.predict(with("city", strings("\ud83d"))));
        on(
                "a string of a million characters",
                MIXED.onnx,
                model -> model.predict(with("city", strings("x".repeat(1_000_000))))
                        .get("label")
                        .shape());
    }

    private static Tensor strings(String each) {
        String[] all = new String[20];
        Arrays.fill(all, each);
        return Tensor.transfer(all, 20, 1);
    }

    private static Tensors with(String name, Tensor tensor) {
        Tensors.Builder inputs = Tensors.builder();
        for (int i = 0; i < MIXED.inputs.size(); i++) {
            String each = MIXED.inputs.nameAt(i);
            inputs.put(each, each.equals(name) ? tensor : MIXED.inputs.at(i));
        }
        return inputs.build();
    }

    private void memory() {
        // More than the direct memory that this process was given.
        on(
                "a batch beyond direct memory",
                model -> model.predict(input(Tensor.transfer(new float[600_000 * 30], 600_000, 30))));
        on(
                "a large batch",
                model -> model.predict(input(Tensor.transfer(new float[100_000 * 30], 100_000, 30)))
                        .get("probabilities"));
        on("an array that changes during the call", model -> {
            float[] mine = new float[20 * 30];
            CANCER.inputs.at(0).asFloatBuffer().get(mine);
            Tensors inputs = input(Tensor.transfer(mine, 20, 30));
            AtomicBoolean going = new AtomicBoolean(true);
            Thread other = new Thread(
                    () -> {
                        for (int i = 0; going.get(); i++) {
                            mine[i % mine.length] = i;
                        }
                    },
                    "changing");
            other.setDaemon(true);
            other.start();
            for (int i = 0; i < 3000; i++) {
                model.predict(inputs);
            }
            going.set(false);
            return "right";
        });
        on("an answer that is changed", model -> {
            double[] copy = model.predict(CANCER.inputs).get("probabilities").toDoubleArray();
            Arrays.fill(copy, -1);
            requireRight(model, 0, 20);
            return "right";
        });
    }

    private void threads() {
        on("interrupt before a call", model -> {
            Thread.currentThread().interrupt();
            requireRight(model, 0, 20);
            return Thread.interrupted() ? "right" : "the interrupt was lost";
        });
        on("interrupts during calls", model -> {
            Thread caller = Thread.currentThread();
            AtomicBoolean going = new AtomicBoolean(true);
            Thread other = new Thread(
                    () -> {
                        while (going.get()) {
                            caller.interrupt();
                        }
                    },
                    "interrupting");
            other.setDaemon(true);
            other.start();
            for (int i = 0; i < 2000; i++) {
                requireRight(model, i % 10, i % 10 + 5);
            }
            going.set(false);
            join(other);
            return Thread.interrupted() ? "right" : "the interrupt was lost";
        });
        on("interrupt of a loading thread", model -> {
            Thread.currentThread().interrupt();
            try (InferenceModel other = cancer()) {
                requireRight(other, 0, 20);
            }
            return Thread.interrupted() ? "right" : "the interrupt was lost";
        });
        on("deadlines that have passed and that pass", LoopModel.onnx(), model -> {
            int late = 0;
            for (int i = 0; i < 50; i++) {
                try {
                    model.predict(LoopModel.inputs(LoopModel.FOREVER), Deadline.after(Duration.ofMillis(i % 5)));
                } catch (TimedOutException e) {
                    late++;
                }
            }
            return late == 50 ? "right" : "only " + late + " were late";
        });
        on(
                "negative trips",
                LoopModel.onnx(),
                model -> model.predict(LoopModel.inputs(-1)).get("y").doubleAt(0));
        on("threads that end after one call", model -> {
            for (int i = 0; i < 300; i++) {
                int from = i % 15;
                inThreads(1, t -> requireRight(model, from, from + 5));
            }
            return "right";
        });
        on("threads that are stopped", model -> {
            for (int i = 0; i < 20; i++) {
                CountDownLatch begun = new CountDownLatch(1);
                Thread victim = new Thread(
                        () -> {
                            while (true) {
                                try {
                                    requireRight(model, 0, 5);
                                } finally {
                                    begun.countDown();
                                }
                            }
                        },
                        "victim");
                victim.setDaemon(true);
                victim.setUncaughtExceptionHandler((t, e) -> {});
                victim.start();
                try {
                    begun.await();
                    stop(victim);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                join(victim);
            }
            requireRight(model, 0, 20);
            return "right";
        });
        on("sixty-four threads", model -> {
            inThreads(64, t -> {
                for (int i = 0; i < 20; i++) {
                    requireRight(model, t % 10, t % 10 + 1 + i % 10);
                }
            });
            return "right";
        });
        on("a deep stack", MisuseProgram::deep);
        on("types of all kinds for an input of floats", model -> {
            int refused = 0;
            for (DataType type : DataType.values()) {
                Tensor tensor = switch (type) {
                    case FP32 -> Tensor.copyOf(new float[29], 1, 29);
                    case FP64 -> Tensor.copyOf(new double[30], 1, 30);
                    case INT64 -> Tensor.copyOf(new long[30], 1, 30);
                    case INT32 -> Tensor.copyOf(new int[30], 1, 30);
                    case INT16, FP16, BF16 -> Tensor.transfer(type, new short[30], 1, 30);
                    case INT8, UINT8 -> Tensor.transfer(type, new byte[30], 1, 30);
                    case BOOL -> Tensor.copyOf(new boolean[30], 1, 30);
                    case BYTES -> Tensor.copyOf(new String[] {"a"}, 1, 1);
                };
                try {
                    model.predict(input(tensor));
                } catch (InvalidInputException e) {
                    refused++;
                }
            }
            return refused == DataType.values().length ? "right" : "wrong";
        });
    }

    /** Java's own way to kill a thread, which newer versions refuse. */
    @SuppressWarnings({"deprecation", "removal"})
    private static void stop(Thread thread) {
        try {
            thread.stop();
        } catch (UnsupportedOperationException e) {
            // No thread can be killed here, so there is nothing to survive: it has to be ended in another way.
            throw new IllegalArgumentException("this version of Java stops no threads", e);
        }
    }

    /** Calls from ever deeper in the stack, until there is not enough of it left. */
    private static String deep(InferenceModel model) {
        for (int depth = 100; depth < 1_000_000; depth += 101) {
            try {
                deep(model, depth);
            } catch (StackOverflowError e) {
                return "right";
            }
        }
        return "the stack has no end";
    }

    private static void deep(InferenceModel model, int depth) {
        if (depth == 0) {
            requireRight(model, 0, 5);
        } else {
            deep(model, depth - 1);
        }
    }

    private interface Body {
        void run(int thread);
    }

    private static void inThreads(int count, Body body) {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        List<Future<?>> running = new ArrayList<>();
        for (int t = 0; t < count; t++) {
            int thread = t;
            running.add(threads.submit(() -> body.run(thread)));
        }
        try {
            for (Future<?> each : running) {
                each.get();
            }
        } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            threads.shutdown();
        }
    }

    private static void join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
