package io.jvmlops.tracking.dataset;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.artifact.Verification.Kind;
import io.jvmlops.api.artifact.Verification.Problem;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.internal.FolderDeletion;
import io.jvmlops.tracking.internal.Parallel;
import io.jvmlops.tracking.internal.StoredFiles;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a version's files into a folder beside the target, which then takes the target's place. */
final class Restore {
    private static final Logger LOG = LoggerFactory.getLogger(Restore.class);
    private static final int LISTED = 20;

    private final String what;
    private final Manifest files;
    private final ArtifactStore artifacts;
    private final Consumer<Progress> listener;

    Restore(StoredDataset dataset, Manifest files, ArtifactStore artifacts, Consumer<Progress> listener) {
        this.what = "dataset " + dataset.label();
        this.files = files;
        this.artifacts = artifacts;
        this.listener = listener;
    }

    void into(Path target) {
        Path whole = target.toAbsolutePath().normalize();
        Path part = null;
        boolean done = false;
        try {
            if (Files.isDirectory(whole)) {
                // A link to an empty folder stays a link.
                whole = whole.toRealPath();
            }
            requireFree(whole);
            Path above = Objects.requireNonNull(whole.getParent(), "nothing is restored to the root of a file system");
            Files.createDirectories(above);
            part = above.resolve(whole.getFileName() + "." + UUID.randomUUID() + ".part");
            Files.createDirectory(part);
            write(part);
            publish(part, whole);
            done = true;
        } catch (IOException | UncheckedIOException e) {
            Throwable cause = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : e;
            throw new StorageException(
                    what + " cannot be restored to " + whole + ": " + cause + ". The place must be writable for "
                            + System.getProperty("user.name", "this user")
                            + " and its disk have room; nothing was restored",
                    cause);
        } finally {
            if (!done && part != null && Files.exists(part, LinkOption.NOFOLLOW_LINKS)) {
                try {
                    FolderDeletion.delete(part);
                } catch (IOException e) {
                    LOG.warn("{}, the start of a folder that could not be restored, could not be deleted", part, e);
                }
            }
        }
    }

    private void requireFree(Path whole) throws IOException {
        if (!Files.exists(whole, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (Files.isDirectory(whole, LinkOption.NOFOLLOW_LINKS)) {
            try (Stream<Path> entries = Files.list(whole)) {
                if (entries.findAny().isEmpty()) {
                    return;
                }
            }
        }
        throw occupied(whole, null);
    }

    private StorageException occupied(Path whole, @Nullable IOException cause) {
        return new StorageException(
                what + " cannot be restored to " + whole
                        + ": there is something already; choose a name that is free, or an empty folder",
                cause);
    }

    private void write(Path part) throws IOException {
        Set<String> folders = new TreeSet<>();
        for (FileEntry file : files.files()) {
            // Each of the folders above; once one is there, those above it are.
            String path = file.path();
            for (int slash = path.lastIndexOf('/'); slash > 0 && folders.add(path.substring(0, slash)); ) {
                slash = path.lastIndexOf('/', slash - 1);
            }
        }
        for (String folder : folders) {
            create(part, folder, () -> Files.createDirectory(inside(part, folder)));
        }
        List<FileEntry> order = files.files().stream()
                .sorted(Comparator.comparingLong(FileEntry::size).reversed())
                .toList();
        ProgressMeter progress = new ProgressMeter(listener, order.size(), files.size());
        List<Problem> problems = new ArrayList<>();
        Parallel.forEach(order, file -> {
            try {
                create(part, file.path(), () -> {
                    try (OutputStream out = open(inside(part, file.path()))) {
                        Problem problem = StoredFiles.copy(artifacts, file, out, progress::read);
                        if (problem != null) {
                            synchronized (problems) {
                                problems.add(problem);
                            }
                        }
                    }
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            progress.fileDone();
        });
        requireIntact(problems);
        progress.end();
    }

    private void requireIntact(List<Problem> problems) {
        if (problems.isEmpty()) {
            return;
        }
        problems.sort(Comparator.comparing(Problem::path));
        String message = what + " cannot be restored: " + problems.size() + " of its files are not what was stored: "
                + problems.stream().limit(LISTED).map(Problem::toString).collect(Collectors.joining("; "))
                + (problems.size() > LISTED ? "; ..." : "")
                + ". Nothing was restored; bring them back from a backup, or add the folder again";
        if (problems.stream().allMatch(problem -> problem.kind() == Kind.MISSING)) {
            throw new NotFoundException(message);
        }
        if (problems.stream().noneMatch(problem -> problem.kind() == Kind.ALTERED)) {
            throw new StorageException(message, null);
        }
        throw new IntegrityException(message);
    }

    /** Whatever the manifest says: nothing is written elsewhere. */
    private static Path inside(Path part, String path) {
        Path inside = part.resolve(FileEntry.checkPath(path)).normalize();
        if (!inside.startsWith(part) || inside.equals(part)) {
            throw new IllegalStateException("path '" + path + "' leads out of " + part);
        }
        return inside;
    }

    /** Names that the file system takes for one are an error, rather than one file fewer. */
    private void create(Path part, String path, Creation creation) throws IOException {
        try {
            creation.run();
        } catch (FileAlreadyExistsException e) {
            throw new StorageException(
                    what + " cannot be restored: '" + path
                            + "' is there already. Two of its names differ in nothing that"
                            + " the file system of " + part.getParent()
                            + " looks at, as in upper and lower case; restore to one that tells them apart",
                    e);
        }
    }

    private static OutputStream open(Path file) throws IOException {
        // Created first, as a stream would write into what is there; a stream, not a channel, for the sake of
        // interrupts.
        if (file.getFileSystem().equals(FileSystems.getDefault())) {
            Files.createFile(file);
            return new FileOutputStream(file.toFile());
        }
        return Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    private void publish(Path part, Path whole) throws IOException {
        try {
            // Takes the place of an empty folder in the same step, where the platform can.
            Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
        } catch (DirectoryNotEmptyException e) {
            throw occupied(whole, e);
        } catch (IOException e) {
            requireFree(whole);
            Files.deleteIfExists(whole);
            Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    @FunctionalInterface
    private interface Creation {
        void run() throws IOException;
    }
}
