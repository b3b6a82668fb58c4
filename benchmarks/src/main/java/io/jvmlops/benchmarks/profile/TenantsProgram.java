package io.jvmlops.benchmarks.profile;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.monitoring.profile.WindowProfiler;
import java.util.ArrayList;
import java.util.List;

/** Prints what profilers hold on the heap, each of which has counted some rows. */
final class TenantsProgram {
    static final String BYTES = "bytes";

    private TenantsProgram() {}

    /** Arguments: tenants, columns, rows that each has counted, whether all have one reference. */
    public static void main(String[] args) {
        int tenants = Integer.parseInt(args[0]);
        int columns = Integer.parseInt(args[1]);
        int rows = Integer.parseInt(args[2]);
        boolean shared = Boolean.parseBoolean(args[3]);
        Tensors call = Data.tensors(Data.rows(rows, columns, 2), columns);
        Tensors row = Data.tensors(Data.rows(1, columns, 3), columns);
        ReferenceProfile one = Data.reference(2_000, columns);
        byte[] bytes = one.toBytes();
        // One before, so that what all share is there already.
        WindowProfiler first = open(one, call, row);
        long before = used();
        List<WindowProfiler> profilers = new ArrayList<>(tenants);
        for (int i = 0; i < tenants; i++) {
            profilers.add(open(shared ? one : ReferenceProfile.parse(bytes), call, row));
        }
        long after = used();
        long counted = profilers.stream().mapToLong(p -> p.profile().rows()).sum();
        if (counted != tenants * first.profile().rows()) {
            throw new IllegalStateException(counted + " rows were counted");
        }
        System.out.println(BYTES + " " + (after - before));
    }

    private static WindowProfiler open(ReferenceProfile reference, Tensors call, Tensors row) {
        WindowProfiler profiler = reference.profiler();
        profiler.add(call, null, 0);
        profiler.add(row, null, 0);
        return profiler;
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 5; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
