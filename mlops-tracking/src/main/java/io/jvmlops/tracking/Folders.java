package io.jvmlops.tracking;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.StorageException;
import java.io.IOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Folders that are stored whole. */
final class Folders {
    private Folders() {}

    /**
     * All files below a folder, by their path relative to it, with {@code /} between segments. Links are followed as
     * long as they stay in the folder.
     *
     * @param what for messages: {@code "artifact 'plots' of run 1234"}
     * @throws InvalidInputException if a link leaves the folder, leads nowhere or in a circle, or something is neither
     *     file nor folder; all of these are listed
     * @throws StorageException if the folder cannot be read
     */
    static Map<String, Path> files(String what, Path folder) {
        Map<String, Path> files = new TreeMap<>();
        List<String> refused = new ArrayList<>();
        try {
            Path root = folder.toRealPath();
            Files.walkFileTree(
                    root, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new Scan(root, files, refused));
        } catch (IOException e) {
            throw new StorageException(what + ": folder " + folder + " cannot be read: " + e, e);
        }
        if (!refused.isEmpty()) {
            throw new InvalidInputException(what + ": folder " + folder + " cannot be stored", refused);
        }
        return files;
    }

    private static final class Scan extends SimpleFileVisitor<Path> {
        private final Path root;
        private final Map<String, Path> files;
        private final List<String> refused;

        Scan(Path root, Map<String, Path> files, List<String> refused) {
            this.root = root;
            this.files = files;
            this.refused = refused;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) throws IOException {
            return leaves(directory) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (attributes.isSymbolicLink()) {
                // Links are followed, so this one could not be.
                refused.add("link '" + name(file) + "' leads nowhere");
            } else if (!attributes.isRegularFile()) {
                refused.add("'" + name(file) + "' is neither a file nor a folder");
            } else if (!leaves(file)) {
                files.put(name(file), file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (!(e instanceof FileSystemLoopException)) {
                throw e;
            }
            refused.add("link '" + name(file) + "' leads in a circle");
            return FileVisitResult.CONTINUE;
        }

        private boolean leaves(Path path) throws IOException {
            if (path.toRealPath().startsWith(root)) {
                return false;
            }
            refused.add("link '" + name(path) + "' leads out of the folder");
            return true;
        }

        private String name(Path path) {
            List<String> segments = new ArrayList<>();
            root.relativize(path).forEach(segment -> segments.add(segment.toString()));
            return String.join("/", segments);
        }
    }

    /** Deletes a folder with all that is in it; links are deleted, not followed. */
    static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
