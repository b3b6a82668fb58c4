package io.jvmlops.samples.iris;

import io.jvmlops.api.data.RecordCodec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.ColumnDrift;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.monitoring.Monitor;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.samples.iris.IrisData.Labelled;
import io.jvmlops.serving.LiveModel;
import io.jvmlops.serving.Serving;
import io.jvmlops.serving.cache.CacheSpec;
import io.jvmlops.serving.micrometer.MicrometerServingMetrics;
import io.jvmlops.tracking.Tracking;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Train, track, register, load twice, predict, cache, watch. */
final class Story {
    private static final String CHAMPION = Training.MODEL + "@" + Training.ALIAS;

    private final Path folder;
    private final PrintStream out;
    private final IrisData data = IrisData.load();

    Story(Path folder, PrintStream out) {
        this.folder = folder;
        this.out = out;
    }

    /** @return whether everything was as it should be */
    boolean tell() throws InterruptedException {
        boolean asItShouldBe;
        try (Tracking tracking = Tracking.open(folder)) {
            say(
                    "1. Train and track: %d flowers to learn from, %d to test on",
                    data.train().size(), data.test().size());
            Training.Result trained = new Training(data).run(tracking);
            report(tracking, trained);
            asItShouldBe = agree(tracking);
            asItShouldBe &= cache(tracking);
            asItShouldBe &= watch(tracking);
        }
        say("Everything is stored in %s", folder.toAbsolutePath());
        out.printf("   mlops.db     experiments, runs, metrics and the registry (SQLite: any tool opens it)%n");
        out.printf("   artifacts/   models and other files, by the SHA-256 of their content%n");
        out.printf("%nNext: java -jar samples/iris/target/iris.jar --serve%n");
        return asItShouldBe;
    }

    private void report(Tracking tracking, Training.Result trained) {
        RunInfo run = tracking.store().findRun(trained.runId()).orElseThrow();
        out.printf("   run      %s, %s%n", run.id(), run.status());
        out.printf("   params   %s%n", run.params());
        try (Stream<MetricPoint> losses = tracking.metrics().history(run.id(), "loss")) {
            out.printf(
                    Locale.ROOT,
                    "   loss     %d epochs, from %.3f to %.3f%n",
                    losses.count(),
                    trained.firstLoss(),
                    trained.lastLoss());
        }
        out.printf(Locale.ROOT, "   accuracy %.3f on the test flowers%n", trained.accuracy());
        out.printf(
                "   model    %s, %s, live as %s%n",
                trained.version().ref(), trained.version().digest(), CHAMPION);
    }

    private boolean agree(Tracking tracking) {
        say("2. Load it twice: as the Tribuo model, and as the ONNX model exported from it");
        List<Flower> flowers = data.test().stream().map(Labelled::flower).toList();
        try (Serving tribuo = serving(tracking, "tribuo").build();
                Serving onnx = serving(tracking, "onnx").build()) {
            List<Classification> fromTribuo = champion(tribuo).predictAll(flowers);
            List<Classification> fromOnnx = champion(onnx).predictAll(flowers);
            double worst = 0;
            boolean sameClass = true;
            for (int i = 0; i < flowers.size(); i++) {
                sameClass &= fromTribuo.get(i).label().equals(fromOnnx.get(i).label());
                for (int c = 0; c < fromTribuo.get(i).labels().size(); c++) {
                    worst = Math.max(
                            worst,
                            Math.abs(
                                    fromTribuo.get(i).score(c) - fromOnnx.get(i).score(c)));
                }
            }
            boolean agree = sameClass && worst <= 1e-6;
            out.printf(
                    Locale.ROOT,
                    "   %s on all %d test flowers; greatest difference of a score %.1e%n",
                    agree ? "they agree" : "THEY DISAGREE",
                    flowers.size(),
                    worst);
            Flower flower = new Flower(5.1, 3.5, 1.4, 0.2);
            out.printf("   %s is %s%n", flower, champion(onnx).predict(flower));
            return agree;
        }
    }

    private boolean cache(Tracking tracking) {
        say("3. Cache: every test flower twice");
        MeterRegistry meters = new SimpleMeterRegistry();
        try (Serving serving = serving(tracking, "onnx")
                .cache(CacheSpec.maxBytes(1_000_000))
                .metrics(MicrometerServingMetrics.of(meters))
                .build()) {
            Predictor<Flower, Classification> champion = champion(serving);
            boolean equal = true;
            for (Labelled row : data.test()) {
                equal &= champion.predict(row.flower()).equals(champion.predict(row.flower()));
            }
            double hits = meters.get("mlops.cache.lookups")
                    .tag("result", "hit")
                    .functionCounter()
                    .count();
            out.printf(
                    Locale.ROOT,
                    "   %d predictions, %.0f of them from the cache, answers %s%n",
                    2 * data.test().size(),
                    hits,
                    equal ? "equal" : "DIFFERENT");
            return equal && hits >= data.test().size();
        }
    }

    private boolean watch(Tracking tracking) throws InterruptedException {
        ReferenceProfile reference;
        try (Serving serving = serving(tracking, "onnx").build()) {
            LiveModel live = serving.live(CHAMPION);
            reference = reference(live.signature(), serving.predictor(CHAMPION, Tensors.class, Tensors.class));
        }
        say("4. Watch: the test flowers as they are, against the training flowers");
        DriftReport usual = monitor(tracking, reference, 0);
        out.print(usual.toString().indent(3));
        double shift = data.standardDeviation(Flower::sepalWidth);
        say("5. Watch: the same flowers, every sepal measured %.2f cm (one standard deviation) too wide", shift);
        DriftReport shifted = monitor(tracking, reference, shift);
        out.print(shifted.toString().indent(3));
        List<String> drifted = shifted.drifted(ColumnDrift.Kind.INPUT);
        out.printf("   drifted inputs: %s%n", drifted);
        return !usual.hasDrift() && drifted.equals(List.of("sepalWidth"));
    }

    /** What the model was trained on, and what it answers there. */
    private ReferenceProfile reference(ModelSignature signature, Predictor<Tensors, Tensors> model) {
        Tensors inputs = RecordCodec.of(Flower.class)
                .encoder(signature.inputs())
                .encode(data.train().stream().map(Labelled::flower).toList());
        return ReferenceProfile.builder(signature)
                .add(inputs, model.predict(inputs))
                .build();
    }

    private DriftReport monitor(Tracking tracking, ReferenceProfile reference, double sepalsWiderBy)
            throws InterruptedException {
        Monitor monitor = Monitor.builder(reference).name(Training.MODEL).build();
        try (Serving serving =
                serving(tracking, "onnx").monitor(Training.MODEL, monitor).build()) {
            Predictor<Flower, Classification> champion = champion(serving);
            for (Labelled row : data.test()) {
                Flower f = row.flower();
                champion.predict(
                        new Flower(f.sepalLength(), f.sepalWidth() + sepalsWiderBy, f.petalLength(), f.petalWidth()));
            }
            serving.flushListeners(Duration.ofSeconds(10));
            return monitor.report();
        }
    }

    private static Serving.Builder serving(Tracking tracking, String flavor) {
        return Serving.builder(tracking.registry()).flavor(Training.MODEL, flavor);
    }

    private static Predictor<Flower, Classification> champion(Serving serving) {
        return serving.predictor(CHAMPION, Flower.class, Classification.class);
    }

    private void say(String format, Object... arguments) {
        out.printf(Locale.ROOT, "%n" + format + "%n", arguments);
    }
}
