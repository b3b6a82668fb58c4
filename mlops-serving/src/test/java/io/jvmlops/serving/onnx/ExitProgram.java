package io.jvmlops.serving.onnx;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.Fixture;
import io.jvmlops.serving.ForkedJvm;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/** Runs in a JVM of its own, and ends it in the way of its argument while threads of several kinds predict. */
public final class ExitProgram {
    private static final Fixture CANCER = Fixture.load("breast_cancer");
    private static final int THREADS = 3;

    private ExitProgram() {}

    public static void main(String[] args) throws InterruptedException {
        OnnxOptions.Builder options = OnnxOptions.builder();
        if (args[1].equals("pool")) {
            options.sharedPool(2);
        }
        // The first loaded makes the environment.
        NativesProgram.load(options.build());
        InferenceModel quick =
                Models.load(ModelSource.bytes("model.onnx", CANCER.onnx).trusted());
        InferenceModel slow =
                Models.load(ModelSource.bytes("model.onnx", LoopModel.onnx()).trusted());
        CountDownLatch running = new CountDownLatch(THREADS);
        for (int t = 0; t < THREADS; t++) {
            int kind = t;
            Thread thread = new Thread(() -> predict(kind, quick, slow, running), "predicting-" + t);
            thread.setDaemon((t + Integer.parseInt(args[2])) % 2 == 0);
            thread.start();
        }
        // Requests that a host lets end while the process is ending.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            for (int i = 0; i < 50; i++) {
                                quick.predict(CANCER.inputs);
                            }
                            slow.predict(LoopModel.inputs(1000));
                            System.out.println(ForkedJvm.SAYS + "drained");
                        },
                        "draining"));
        running.await();
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(30_000_000));
        System.out.println(ForkedJvm.SAYS + "running");
        switch (args[0]) {
            case "exit" -> System.exit(3);
            case "close" -> {
                quick.close();
                slow.close();
                System.exit(3);
            }
            case "halt" -> Runtime.getRuntime().halt(3);
            default -> new CountDownLatch(1).await();
        }
    }

    private static void predict(int kind, InferenceModel quick, InferenceModel slow, CountDownLatch running) {
        running.countDown();
        while (true) {
            try {
                switch (kind) {
                    case 0 -> slow.predict(LoopModel.inputs(LoopModel.FOREVER));
                    case 1 -> quick.predict(CANCER.inputs);
                    default -> slow.predict(LoopModel.inputs(LoopModel.FOREVER), Deadline.after(Duration.ofMillis(5)));
                }
            } catch (TimedOutException e) {
                // As intended; the next.
            } catch (ClosedException e) {
                return;
            }
        }
    }

    /** What the process says before it ends, in each way. */
    static Map<String, Integer> exitCodes() {
        return Map.of("exit", 3, "close", 3, "halt", 3, "term", 143);
    }
}
