package io.jvmlops.benchmarks.predict;

import java.nio.file.Path;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One prediction of one batch by one contender; run by {@link PredictStudy}, which sets the parameters. */
@State(Scope.Benchmark)
public class PredictBenchmark {
    @Param("")
    public String folder = "";

    @Param("")
    public String contender = "";

    @Param("1")
    public int batch;

    @SuppressWarnings("NullAway.Init") // by setUp
    private Contender opened;

    @Setup
    public void setUp() throws Exception {
        Fixture fixture = Fixture.open(Path.of(folder));
        opened = ContenderKind.of(contender).open(fixture, batch);
        // Warm-up could not tell a wrong answer from a right one.
        List<String> mismatches = fixture.mismatches(batch, opened.flatten(opened.predict()));
        if (!mismatches.isEmpty()) {
            throw new IllegalStateException(contender + " answers wrongly: " + mismatches);
        }
    }

    @Benchmark
    public Object predict() throws Exception {
        return opened.predict();
    }

    @TearDown
    public void tearDown() throws Exception {
        opened.close();
    }
}
