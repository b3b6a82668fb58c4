package io.jvmlops.tracking;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A temporary folder to export a model to, named {@code jvmlops-model-<process>-<its start>-<random>} so that another
 * process can tell that it was left behind.
 */
final class ExportFolder {
    private static final Logger LOG = LoggerFactory.getLogger(ExportFolder.class);
    private static final String PREFIX = "jvmlops-model-";
    private static final Pattern NAME = Pattern.compile(PREFIX + "([0-9]{1,18})-([0-9]{1,18})-.*");

    /**
     * How old one must be: a process of another container, which we cannot see, may share the folder of temporary files,
     * and no export takes so long.
     */
    private static final Duration LEFT = Duration.ofDays(1);

    private static final AtomicBoolean LOOKED = new AtomicBoolean();

    private ExportFolder() {}

    /** The platform makes it readable by its owner only. The first of a process removes what dead ones left. */
    static Path create() throws IOException {
        if (!LOOKED.getAndSet(true)) {
            removeDead();
        }
        ProcessHandle self = ProcessHandle.current();
        return Files.createTempDirectory(PREFIX + self.pid() + "-" + started(self) + "-");
    }

    private static long started(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    private static void removeDead() {
        try {
            removeDead(
                    Path.of(System.getProperty("java.io.tmpdir")),
                    InstantSource.system().instant());
        } catch (IOException | RuntimeException e) {
            LOG.debug("What dead processes left could not be looked for", e);
        }
    }

    static void removeDead(Path temporary, Instant now) throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(temporary, PREFIX + "*")) {
            for (Path folder : folders) {
                try {
                    if (isDead(folder, now)) {
                        Folders.delete(folder);
                        LOG.info("Removed {}, which a killed process had left", folder);
                    }
                } catch (IOException e) {
                    LOG.debug("{} could not be removed", folder, e);
                }
            }
        }
    }

    private static boolean isDead(Path folder, Instant now) throws IOException {
        Matcher name = NAME.matcher(folder.getFileName().toString());
        if (!name.matches() || !Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return false;
        }
        FileTime modified = Files.getLastModifiedTime(folder, LinkOption.NOFOLLOW_LINKS);
        if (modified.toInstant().plus(LEFT).isAfter(now)) {
            return false;
        }
        Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(name.group(1)));
        return process.isEmpty() || started(process.get()) != Long.parseLong(name.group(2));
    }
}
