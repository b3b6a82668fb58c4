package io.jvmlops.benchmarks.cache;

import io.jvmlops.benchmarks.predict.Fixture;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
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
    private static final int YOUNG_COLLECTIONS = 3;
    private static final long GARBAGE_LIMIT = 64L << 30;

    /** Held here, so that it is not optimised away. */
    private static byte[] garbage = {};

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
        settle();
    }

    /**
     * Moves what was built to where it lies in a program that has run for a while. How much garbage filling a cache makes
     * decides whether a young collection falls into it, which scatters objects that were allocated one after the other; without
     * this it fell into the filling of some contenders only, and their order in memory was compared instead of their work.
     */
    private static void settle() {
        long before = collections();
        long allocated = 0;
        while (collections() < before + YOUNG_COLLECTIONS && allocated < GARBAGE_LIMIT) {
            garbage = new byte[1 << 16];
            allocated += garbage.length;
        }
        System.gc();
    }

    private static long collections() {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(GarbageCollectorMXBean::getCollectionCount)
                .sum();
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
