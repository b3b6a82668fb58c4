package io.jvmlops.samples.iris;

import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.serving.Serving;
import io.jvmlops.serving.cache.CacheSpec;
import io.jvmlops.tracking.Tracking;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The sample's entry point: tells the story, or serves what the story has made. */
public final class Main {
    static final String NO_MODEL = "there is no model yet; train one first: java -jar samples/iris/target/iris.jar";

    private static final int DEFAULT_PORT = 8080;
    private static final String USAGE = """
            java -jar iris.jar                  trains, tracks, registers, loads, predicts, caches, watches
            java -jar iris.jar --serve [port]   answers POST /predict on 127.0.0.1 (port 8080 if not said)
            Options:
              --folder FOLDER   where everything is stored (./mlops if not said)
              --help            this text
            """;

    /** Tribuo logs every training through java.util.logging; held here, since loggers may be collected. */
    private static final Logger TRIBUO = Logger.getLogger("org.tribuo");

    private Main() {}

    /** Exits 0 if all went well, 1 if something failed, 2 if the arguments are not understood. */
    public static void main(String[] args) throws InterruptedException {
        TRIBUO.setLevel(Level.WARNING);
        int status;
        try {
            status = run(args);
        } catch (MlopsException e) {
            System.err.println("Failed: " + e.getMessage());
            status = 1;
        }
        System.exit(status);
    }

    private static int run(String[] args) throws InterruptedException {
        Path folder = Path.of("mlops");
        int port = -1;
        for (int i = 0; i < args.length; i++) {
            boolean value = i + 1 < args.length && !args[i + 1].startsWith("--");
            switch (args[i]) {
                case "--help" -> {
                    System.out.print(USAGE);
                    return 0;
                }
                case "--serve" -> {
                    port = value ? port(args[++i]) : DEFAULT_PORT;
                    if (port < 0) {
                        return usage("--serve takes a port from 0 to 65535");
                    }
                }
                case "--folder" -> {
                    if (!value) {
                        return usage("--folder takes a folder");
                    }
                    folder = Path.of(args[++i]);
                }
                default -> {
                    return usage("unknown argument '" + args[i] + "'");
                }
            }
        }
        return port < 0 ? story(folder) : serve(folder, port);
    }

    private static int usage(String what) {
        System.err.println(what);
        System.err.print(USAGE);
        return 2;
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            return port > 65535 ? -1 : port;
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static int story(Path folder) throws InterruptedException {
        boolean asItShouldBe = new Story(folder, System.out).tell();
        if (!asItShouldBe) {
            System.err.println("Not everything was as it should be; see above");
        }
        return asItShouldBe ? 0 : 1;
    }

    private static int serve(Path folder, int port) throws InterruptedException {
        // Let go by the finally below, once server, models and store are closed.
        CountDownLatch stopped = new CountDownLatch(1);
        try (Tracking tracking = Tracking.open(folder);
                Serving serving = Serving.builder(tracking.registry())
                        .cache(CacheSpec.maxBytes(16_000_000))
                        .build()) {
            return serve(folder, port, tracking, new Champion(serving), stopped);
        } finally {
            stopped.countDown();
        }
    }

    private static int serve(Path folder, int port, Tracking tracking, Champion champion, CountDownLatch stopped)
            throws InterruptedException {
        CountDownLatch stop = new CountDownLatch(1);
        try (PredictServer server = PredictServer.start(champion, port)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                stop.countDown();
                try {
                    stopped.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
            System.out.printf(
                    "Serving on http://127.0.0.1:%d/predict from %s%n", server.port(), folder.toAbsolutePath());
            if (tracking.registry().models().isEmpty()) {
                System.out.println("But " + NO_MODEL);
            } else {
                System.out.printf(
                        "Try: curl -d '{\"features\":[5.1,3.5,1.4,0.2]}' http://127.0.0.1:%d/predict%n", server.port());
                champion.load();
            }
            stop.await();
        } catch (BindException e) {
            System.err.println("Port " + port + " on 127.0.0.1 is taken; choose another: --serve PORT");
            return 1;
        } catch (IOException e) {
            System.err.println("The server cannot start: " + e.getMessage());
            return 1;
        }
        System.out.println("Stopped");
        return 0;
    }

    /** Asks the champion; looks for it again as long as there is none, so that one can be trained meanwhile. */
    private static final class Champion implements Function<Flower, Classification> {
        private final Serving serving;
        private volatile @Nullable Predictor<Flower, Classification> predictor;

        Champion(Serving serving) {
            this.serving = serving;
        }

        @Override
        public Classification apply(Flower flower) {
            Predictor<Flower, Classification> known = predictor;
            return (known == null ? find() : known).predict(flower);
        }

        private Predictor<Flower, Classification> find() {
            Predictor<Flower, Classification> found =
                    serving.predictor(Training.MODEL + "@" + Training.ALIAS, Flower.class, Classification.class);
            predictor = found;
            return found;
        }

        /** So that the first request does not wait for it. What is wrong with it, the request will be told. */
        void load() {
            try {
                find();
            } catch (MlopsException e) {
                System.err.println("The model cannot be loaded: " + e.getMessage());
            }
        }
    }
}
