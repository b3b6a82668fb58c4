package io.jvmlops.benchmarks.cache;

import io.jvmlops.benchmarks.predict.Fixture;
import java.nio.file.Path;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.ThreadParams;

/** One look-up of an answer that is known; run by {@link CacheStudy}, which sets the parameters. */
@State(Scope.Benchmark)
public class HitBenchmark {
    @Param("")
    public String folder = "";

    @Param("")
    public String contender = "";

    @Param("50000")
    public int keys;

    @Param("false")
    public boolean shuffled;

    /** Entries that the cache has room for. */
    @Param("62500")
    public long room;

    @SuppressWarnings("NullAway.Init") // by setUp
    private HitInputs inputs;

    @SuppressWarnings("NullAway.Init") // by setUp
    private Hits hits;

    @Setup
    public void setUp() throws Exception {
        inputs = HitInputs.open(Fixture.open(Path.of(folder)), keys, room);
        hits = HitKind.of(contender).open(inputs);
        // Warm-up could not tell a wrong answer from a right one.
        inputs.check(hits);
        // Whatever was built lies as a collection leaves it.
        System.gc();
    }

    /** Where a thread is; each begins somewhere else. */
    @State(Scope.Thread)
    public static class Position {
        private int[] order = {};
        private int next;

        @Setup
        public void setUp(HitBenchmark benchmark, ThreadParams thread) {
            order = HitInputs.order(benchmark.keys, benchmark.shuffled);
            next = (int) ((long) benchmark.keys * thread.getThreadIndex() / thread.getThreadCount());
        }

        int advance() {
            int at = next;
            next = at + 1 == order.length ? 0 : at + 1;
            return order[at];
        }
    }

    @Benchmark
    public Object ask(Position position) {
        return hits.ask(position.advance());
    }

    @TearDown
    public void tearDown() {
        hits.close();
        inputs.close();
    }
}
