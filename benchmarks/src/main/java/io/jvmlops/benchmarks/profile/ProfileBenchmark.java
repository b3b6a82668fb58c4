package io.jvmlops.benchmarks.profile;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** One call is counted; run by {@link ProfileStudy}, which sets the parameters. */
@State(Scope.Benchmark)
public class ProfileBenchmark {
    static final int COLUMNS = 32;

    @Param("ours")
    public String contender = "ours";

    /** Of a call. */
    @Param("1")
    public int rows = 1;

    private Tensors[] calls = {};

    @SuppressWarnings("NullAway.Init") // by setUp
    private Contender.Counter counter;

    @Setup
    public void setUp() {
        ReferenceProfile reference = Data.reference(10_000, COLUMNS);
        float[] all = Data.rows(Math.max(rows, 4096), COLUMNS, 2);
        calls = new Tensors[all.length / COLUMNS / rows];
        for (int i = 0; i < calls.length; i++) {
            int from = i * rows * COLUMNS;
            calls[i] = Data.tensors(Arrays.copyOfRange(all, from, from + rows * COLUMNS), COLUMNS);
        }
        Contender kind = Contender.of(contender);
        Contender.Counter checked = kind.open(reference);
        long present = 0;
        for (Tensors call : calls) {
            checked.add(call);
            for (int i = 0; i < rows; i++) {
                present += Double.isNaN(call.at(0).doubleAt(i * COLUMNS)) ? 0 : 1;
            }
        }
        if (checked.count() != present) {
            throw new IllegalStateException(kind + " counted " + checked.count() + " of " + present + " values");
        }
        counter = kind.open(reference);
    }

    /** Where a thread is. */
    @State(Scope.Thread)
    public static class Position {
        private int next;
    }

    @Benchmark
    public Object add(Position position) {
        counter.add(calls[position.next]);
        position.next = position.next + 1 == calls.length ? 0 : position.next + 1;
        return counter;
    }
}
