package io.jvmlops.benchmarks.endurance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process takes, as Linux counts it. */
final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private ProcessMemory() {}

    static boolean isKnown() {
        return Files.isReadable(STATUS);
    }

    /** Resident memory in MB, heap and native, after a collection. */
    static double residentMegabytes() throws IOException {
        System.gc();
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith("VmRSS:")) {
                return Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024;
            }
        }
        throw new IOException(STATUS + " has no VmRSS");
    }
}
