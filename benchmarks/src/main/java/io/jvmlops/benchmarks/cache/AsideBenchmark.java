package io.jvmlops.benchmarks.cache;

import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.benchmarks.predict.Fixture;
import io.jvmlops.serving.Serving;
import io.jvmlops.serving.cache.CacheSpec;
import io.jvmlops.serving.micrometer.MicrometerServingMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One prediction of a serving with or without a cache; run by {@link CacheStudy}, which sets the parameters. */
@State(Scope.Thread)
public class AsideBenchmark {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    /** Name of the file, before the number of rows, that says what the cache said at the end. */
    static final String STATUS = "status-";

    private static final long CACHE_BYTES = 64_000_000;

    /** Unique rows count in two elements, in base 2^20: floats hold such numbers exactly. */
    private static final int BASE_BITS = 20;

    @Param("")
    public String folder = "";

    @Param("true")
    public boolean cached;

    /** How many rows take turns; 0 if no row comes twice. */
    @Param("0")
    public int repeating;

    @SuppressWarnings("NullAway.Init") // by setUp
    private Serving serving;

    @SuppressWarnings("NullAway.Init") // by setUp
    private Predictor<float[], float[]> predictor;

    private float[][] rows = {};
    private float[] row = {};
    private long calls;

    @Setup
    public void setUp() throws Exception {
        Fixture fixture = Fixture.open(Path.of(folder));
        Serving.Builder builder =
                Serving.builder(fixture.register("m")).metrics(MicrometerServingMetrics.of(new SimpleMeterRegistry()));
        if (cached) {
            builder.cache(CacheSpec.maxBytes(CACHE_BYTES));
        }
        serving = builder.build();
        predictor = serving.predictor("m/1", float[].class, float[].class);
        // Twice: as the model answers, and as the cache does.
        for (int i = 0; i < 2; i++) {
            List<String> mismatches = fixture.mismatches(
                    Fixture.ROWS, predictor.predict(fixture.rows(Fixture.ROWS), Deadline.after(TIMEOUT)));
            if (!mismatches.isEmpty()) {
                throw new IllegalStateException("the serving answers wrongly: " + mismatches);
            }
        }
        rows = HitInputs.rows(Math.max(1, repeating), fixture.features());
        row = rows[0];
    }

    @Benchmark
    public float[] predict() {
        long call = calls++;
        float[] asked;
        if (repeating == 0) {
            // Both sides are asked with one array whose content changes; nobody keeps it.
            asked = row;
            asked[0] = (float) (call & (1L << BASE_BITS) - 1) / (1 << BASE_BITS);
            asked[1] = (float) (call >>> BASE_BITS) / (1 << BASE_BITS);
        } else {
            asked = rows[(int) (call % repeating)];
        }
        return predictor.predict(asked, Deadline.after(TIMEOUT));
    }

    @TearDown
    public void tearDown() throws Exception {
        if (serving.cache().isPresent()) {
            Files.writeString(
                    Path.of(folder, STATUS + repeating),
                    Status.text(serving.cache().get()));
        }
        serving.close();
    }
}
