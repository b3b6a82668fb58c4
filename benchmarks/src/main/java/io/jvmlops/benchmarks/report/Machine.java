package io.jvmlops.benchmarks.report;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the numbers were measured on. They mean nothing without.
 *
 * @param cores that the JVM may use
 * @param cpu the processor's model, or its architecture where the system does not tell
 * @param memoryBytes of the machine
 * @param jvmFlags of this JVM
 * @param forkFlags of the JVMs that were measured; empty where this one was
 * @param load the one-minute load average when the run began: what else was going on; NaN where the system does not tell
 * @param commit of the checkout that holds the benchmarks, with {@code +changes} if there were any; null if in none
 */
public record Machine(
        int cores,
        String cpu,
        long memoryBytes,
        String os,
        String jdk,
        List<String> jvmFlags,
        List<String> forkFlags,
        double load,
        @Nullable String commit) {
    public Machine {
        jvmFlags = List.copyOf(jvmFlags);
        forkFlags = List.copyOf(forkFlags);
    }

    /** @param checkout a folder within the checkout whose commit is named */
    public static Machine here(Path checkout) {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new Machine(
                Runtime.getRuntime().availableProcessors(),
                cpuModel(),
                system.getTotalMemorySize(),
                property("os.name") + " " + property("os.version") + " " + property("os.arch"),
                property("java.vm.name") + " " + property("java.runtime.version") + " (" + property("java.vendor")
                        + ")",
                ManagementFactory.getRuntimeMXBean().getInputArguments(),
                List.of(),
                system.getSystemLoadAverage() < 0 ? Double.NaN : system.getSystemLoadAverage(),
                commitOf(checkout));
    }

    public Machine withForkFlags(List<String> flags) {
        return new Machine(cores, cpu, memoryBytes, os, jdk, jvmFlags, flags, load, commit);
    }

    /** One line for people. */
    @Override
    public String toString() {
        return cores + " cores of " + cpu + ", " + (memoryBytes + (1L << 29) >> 30) + " GiB, " + os + ", " + jdk
                + (forkFlags.isEmpty() ? "" : ", forks with " + String.join(" ", forkFlags))
                + (Double.isNaN(load) ? "" : ", load " + Numbers.format(load) + " at the start")
                + (commit == null ? "" : ", commit " + commit);
    }

    private static String property(String name) {
        return System.getProperty(name, "?");
    }

    private static String cpuModel() {
        Path cpuinfo = Path.of("/proc/cpuinfo");
        if (Files.isReadable(cpuinfo)) {
            try (Stream<String> lines = Files.lines(cpuinfo, StandardCharsets.UTF_8)) {
                Optional<String> model = lines.filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .findFirst();
                if (model.isPresent()) {
                    return model.get();
                }
            } catch (IOException | RuntimeException e) {
                // Not worth failing a study for: the architecture stands in.
            }
        }
        if (property("os.name").toLowerCase(Locale.ROOT).startsWith("mac")) {
            String brand = output(Path.of("."), "sysctl", "-n", "machdep.cpu.brand_string");
            if (brand != null && !brand.isEmpty()) {
                return brand;
            }
        }
        return System.getenv().getOrDefault("PROCESSOR_IDENTIFIER", property("os.arch"));
    }

    private static @Nullable String commitOf(Path checkout) {
        String head = output(checkout, "git", "rev-parse", "HEAD");
        if (head == null || head.isEmpty()) {
            return null;
        }
        String changes = output(checkout, "git", "status", "--porcelain");
        return changes == null || changes.isEmpty() ? head : head + "+changes";
    }

    /** What a program prints, or null if it is not there, fails, or takes too long. */
    private static @Nullable String output(Path folder, String... command) {
        List<String> words = new ArrayList<>(List.of(command));
        Path file = null;
        try {
            file = Files.createTempFile("output", ".txt");
            Process process = new ProcessBuilder(words)
                    .directory(folder.toFile())
                    .redirectOutput(file.toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return null;
            }
            return process.exitValue() == 0 ? Files.readString(file).strip() : null;
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        } finally {
            if (file != null) {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    // A leftover in the temporary folder harms nobody.
                }
            }
        }
    }
}
