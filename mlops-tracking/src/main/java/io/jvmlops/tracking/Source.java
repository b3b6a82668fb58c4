package io.jvmlops.tracking;

import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.tracking.RunTags;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a process is, as tags of its runs; what cannot be found out is left out. Found out once, by a thread of its own,
 * for which runs wait a little: what a repository on a slow disk has to say comes too late for the first ones.
 */
final class Source {
    private static final Logger LOG = LoggerFactory.getLogger(Source.class);
    private static final String MASK = "***";

    private final long deadline;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile Map<String, String> known = Map.of();

    /**
     * Begins to find out.
     *
     * @param patience how long after this the tags are waited for, in all
     */
    Source(Duration patience, Supplier<Git> git) {
        deadline = System.nanoTime() + patience.toNanos();
        Threads.daemon("mlops-source", () -> find(git)).start();
    }

    /** Made when it is first asked for, which begins to find out. */
    private static final class OfThisProcess {
        private static final Source SOURCE = new Source(
                Duration.ofSeconds(1), () -> Git.of(classLoader(), Path.of("").toAbsolutePath()));
    }

    static Source ofThisProcess() {
        return OfThisProcess.SOURCE;
    }

    private static ClassLoader classLoader() {
        ClassLoader ofThread = Thread.currentThread().getContextClassLoader();
        return ofThread == null ? ClassLoader.getSystemClassLoader() : ofThread;
    }

    private void find(Supplier<Git> repository) {
        try {
            Map<String, String> tags = new LinkedHashMap<>();
            put(tags, RunTags.SOURCE_TYPE, () -> RunTags.LOCAL);
            put(tags, RunTags.USER, () -> System.getProperty("user.name"));
            put(tags, RunTags.OS, Source::os);
            put(tags, RunTags.JVM, Source::jvm);
            put(tags, RunTags.SOURCE_NAME, () -> Command.ofThisProcess().program());
            put(tags, RunTags.ARGUMENTS, () -> Command.ofThisProcess().arguments());
            known = Map.copyOf(tags);
            put(
                    tags,
                    RunTags.JVM_FLAGS,
                    () -> flags(ManagementFactory.getRuntimeMXBean().getInputArguments()));
            known = Map.copyOf(tags);
            Git git = repository.get();
            put(tags, RunTags.GIT_COMMIT, git::commit);
            known = Map.copyOf(tags);
            put(tags, RunTags.GIT_DIRTY, () -> {
                Boolean dirty = git.dirty();
                return dirty == null ? null : dirty.toString();
            });
            known = Map.copyOf(tags);
        } catch (Throwable e) {
            LOG.debug("What this process is could not be found out in full", e);
        } finally {
            done.countDown();
        }
    }

    private static void put(Map<String, String> tags, String key, Supplier<@Nullable String> fact) {
        try {
            String value = fact.get();
            if (value != null && !value.isBlank()) {
                tags.put(key, Keys.tolerated(value, Keys.MAX_TAG_VALUE));
            }
        } catch (RuntimeException | LinkageError e) {
            // A JVM without the management module, say.
            LOG.debug("No value for tag {}", key, e);
        }
    }

    /** Vendor, name and version of the JVM. */
    static String jvm() {
        return properties("java.vendor", "java.vm.name", "java.runtime.version");
    }

    /** Name, version and architecture of the operating system. */
    static String os() {
        return properties("os.name", "os.version", "os.arch");
    }

    private static String properties(String... keys) {
        return List.of(keys).stream()
                .map(key -> System.getProperty(key, ""))
                .filter(value -> !value.isBlank())
                .collect(Collectors.joining(" "));
    }

    static String flags(List<String> flags) {
        return flags.stream().map(Source::masked).collect(Collectors.joining(" "));
    }

    /** Passwords are given to a JVM as system properties, to agents, and in commands to run when it dies. */
    private static String masked(String flag) {
        String lower = flag.toLowerCase(Locale.ROOT);
        if (lower.startsWith("-d") || lower.startsWith("-javaagent:") || lower.startsWith("-agent")) {
            return upTo(flag, flag.indexOf('='));
        }
        if (lower.startsWith("-xrun") || lower.startsWith("-xdump")) {
            return upTo(flag, flag.indexOf(':'));
        }
        if (lower.startsWith("-xx:on")) {
            return upTo(flag, flag.indexOf('='));
        }
        // What is no option is the rest of one that held a space.
        return flag.startsWith("-") ? flag : MASK;
    }

    private static String upTo(String flag, int separator) {
        return separator < 0 ? flag : flag.substring(0, separator + 1) + MASK;
    }

    /** What is known; waits until all is, or the time is up. */
    Map<String, String> tags(boolean withArguments) {
        awaitDone();
        Map<String, String> tags = new LinkedHashMap<>(known);
        if (!withArguments) {
            tags.remove(RunTags.ARGUMENTS);
        }
        return tags;
    }

    private void awaitDone() {
        boolean interrupted = false;
        try {
            while (done.getCount() > 0) {
                try {
                    // Whether it is done does not matter then.
                    boolean unused = done.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * What this process was started with.
     *
     * @param program the main class, or the file name of the jar; null if unknown
     * @param arguments the program's; null if unknown
     */
    record Command(@Nullable String program, @Nullable String arguments) {
        /** By {@code sun.java.command}, which HotSpot and OpenJ9 have; else by the file that runs. */
        static Command ofThisProcess() {
            String command = System.getProperty("sun.java.command");
            if (command != null) {
                return parse(command, System.getProperty("java.class.path", ""));
            }
            return new Command(
                    ProcessHandle.current()
                            .info()
                            .command()
                            .map(Command::fileName)
                            .orElse(null),
                    null);
        }

        static Command parse(String command, String classPath) {
            // With -jar, the jar is the class path; its name may hold spaces.
            boolean jar = !classPath.isEmpty()
                    && command.startsWith(classPath)
                    && (command.length() == classPath.length() || command.charAt(classPath.length()) == ' ');
            int space = command.indexOf(' ');
            int end = jar ? classPath.length() : space < 0 ? command.length() : space;
            return new Command(
                    fileName(command.substring(0, end)), command.substring(end).trim());
        }

        /** Of a path; other names stay, but for {@code module/class}, which is the class. */
        private static String fileName(String path) {
            return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
        }
    }
}
