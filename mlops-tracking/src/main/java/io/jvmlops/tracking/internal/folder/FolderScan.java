package io.jvmlops.tracking.internal.folder;

import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.internal.Parallel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds all files below a folder. Links are followed as long as they stay in the folder. What cannot be stored is gathered,
 * and refused all at once. Folders without files leave no trace.
 *
 * <p>Goes down level by level, and looks at what is on one on a few threads: a look costs a microsecond of the kernel's
 * time, and a few of ours.
 */
public final class FolderScan {
    /** A bound for links between folders, which can multiply without end: each leads to both of the next, say. */
    static final int MAX_ENTRIES = 20_000_000;

    /** How many entries of a folder one thread looks at in one go. */
    private static final int CHUNK = 512;

    /** How much of what is refused a message lists. */
    private static final int LISTED = 100;

    private static final String REPLACEMENT = "\uFFFD";

    private final String what;
    private final Path root;
    private final int maxEntries;
    private final List<ScannedFile> files = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private long refusals;

    private FolderScan(String what, Path root, int maxEntries) {
        this.what = what;
        this.root = root;
        this.maxEntries = maxEntries;
    }

    /**
     * All files below a folder, sorted by path.
     *
     * @param what for messages: {@code "artifact 'plots' of run 1234"}
     * @throws InvalidInputException if a link leaves the folder, leads nowhere or in a circle, something is neither file nor
     *     folder, or a name is none that can be stored; all of these are listed, up to a hundred
     * @throws StorageException if the folder cannot be read
     */
    public static List<ScannedFile> files(String what, Path folder) {
        return files(what, folder, MAX_ENTRIES);
    }

    /**
     * One file, as that of a folder that holds only it.
     *
     * @param file its real path
     * @throws InvalidInputException if its name is none that can be stored
     */
    public static ScannedFile file(String what, Path file) throws IOException {
        Path folder = Objects.requireNonNull(file.getParent(), "a file is in a folder");
        String name = file.getFileName().toString();
        String why = refusal(new Entry(new Folder("", folder, null), file, name), name);
        if (why != null) {
            throw new InvalidInputException(what + ": " + why);
        }
        return new ScannedFile(name, file, FileStat.of(file));
    }

    static List<ScannedFile> files(String what, Path folder, int maxEntries) {
        try {
            return new FolderScan(what, folder.toRealPath(), maxEntries).run();
        } catch (IOException | UncheckedIOException e) {
            Throwable cause = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : e;
            throw new StorageException(what + ": folder " + folder + " cannot be read: " + cause, cause);
        }
    }

    private List<ScannedFile> run() {
        List<Folder> level = List.of(new Folder("", root, null));
        long entries = 0;
        while (!level.isEmpty()) {
            List<Entry> found = new ArrayList<>();
            Parallel.map(level, FolderScan::list).forEach(found::addAll);
            entries += found.size();
            if (entries > maxEntries) {
                throw new InvalidInputException(what + ": folder " + root + " holds more than " + maxEntries
                        + " files and folders, counting what links lead to once for each; store parts of it");
            }
            List<List<Entry>> chunks = new ArrayList<>();
            for (int from = 0; from < found.size(); from += CHUNK) {
                chunks.add(found.subList(from, Math.min(found.size(), from + CHUNK)));
            }
            List<Folder> below = new ArrayList<>();
            for (Look look : Parallel.map(chunks, this::look)) {
                files.addAll(look.files);
                below.addAll(look.folders);
                look.refused.forEach(this::refuse);
            }
            level = below;
        }
        if (refusals > 0) {
            if (refusals > refused.size()) {
                refused.add("and " + (refusals - refused.size()) + " more");
            }
            throw new InvalidInputException(what + ": folder " + root + " cannot be stored", refused);
        }
        files.sort(Comparator.comparing(ScannedFile::path));
        return files;
    }

    private void refuse(String why) {
        refusals++;
        if (refused.size() < LISTED) {
            refused.add(why);
        }
    }

    private static List<Entry> list(Folder folder) {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder.path)) {
            for (Path path : stream) {
                entries.add(new Entry(folder, path, path.getFileName().toString()));
            }
            // Here, on several threads: what is put together of sorted parts is sorted quickly.
            entries.sort(Comparator.comparing(Entry::name));
            return entries;
        } catch (NoSuchFileException e) {
            // Deleted since we saw it.
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw new UncheckedIOException(e.getCause());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Look look(List<Entry> entries) {
        Look look = new Look();
        for (Entry entry : entries) {
            try {
                look(entry, look);
            } catch (NoSuchFileException e) {
                // Deleted since we saw it.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return look;
    }

    private void look(Entry entry, Look to) throws IOException {
        String path = entry.parent.name.isEmpty() ? entry.name : entry.parent.name + "/" + entry.name;
        FileStat stat = FileStat.of(entry.path);
        Path real = entry.path;
        boolean linked = stat.kind() == FileStat.Kind.LINK;
        if (linked) {
            real = target(entry.path, path, to);
            if (real == null) {
                return;
            }
            stat = FileStat.of(real);
        }
        switch (stat.kind()) {
            case FILE -> {
                String why = refusal(entry, path);
                if (why == null) {
                    to.files.add(new ScannedFile(path, real, stat));
                } else {
                    to.refused.add(why);
                }
            }
            case FOLDER -> {
                if (linked && entry.parent.isWithin(real)) {
                    to.refused.add("link '" + path + "' leads in a circle");
                } else if (path.length() > FileEntry.MAX_PATH) {
                    // Whatever is below is refused, and some links go down for ever.
                    to.refused.add("folder '" + path.substring(0, 80) + "...' has more than " + FileEntry.MAX_PATH
                            + " characters in its path");
                } else {
                    to.folders.add(new Folder(path, real, entry.parent));
                }
            }
            default -> to.refused.add("'" + path + "' is neither a file nor a folder");
        }
    }

    /** Where a link leads in the end, or null if that was refused. */
    private @Nullable Path target(Path link, String path, Look to) {
        try {
            Path real = link.toRealPath();
            if (real.startsWith(root)) {
                return real;
            }
            to.refused.add("link '" + path + "' leads out of the folder");
        } catch (NoSuchFileException e) {
            to.refused.add("link '" + path + "' leads nowhere");
        } catch (IOException e) {
            // Links that lead to each other, say, of which the platform tells in words only.
            to.refused.add("link '" + path + "' cannot be followed: " + e);
        }
        return null;
    }

    private static @Nullable String refusal(Entry entry, String path) {
        if (entry.name.contains(REPLACEMENT) && !isReadable(entry)) {
            return "'" + path + "' has bytes in its name that are none of the encoding that this JVM reads names in, "
                    + System.getProperty("sun.jnu.encoding", "unknown")
                    + "; run it in a UTF-8 locale (LC_ALL=C.UTF-8), or rename the file";
        }
        try {
            FileEntry.checkPath(path);
            return null;
        } catch (InvalidInputException e) {
            return e.getMessage();
        }
    }

    /** Whether the name leads back to the file: what stands for bytes that could not be read does not. */
    private static boolean isReadable(Entry entry) {
        try {
            return entry.parent.path.resolve(entry.name).equals(entry.path);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /**
     * A folder to go into.
     *
     * @param name below the root, as files in it begin; the root's is empty
     * @param path without links
     * @param parent from which it was reached, perhaps by a link
     */
    private record Folder(String name, Path path, @Nullable Folder parent) {
        /** Whether this or one of those by which it was reached is that folder. */
        boolean isWithin(Path folder) {
            for (Folder each = this; each != null; each = each.parent) {
                if (each.path.equals(folder)) {
                    return true;
                }
            }
            return false;
        }
    }

    private record Entry(Folder parent, Path path, String name) {}

    /** What one thread has found. */
    private static final class Look {
        final List<ScannedFile> files = new ArrayList<>();
        final List<Folder> folders = new ArrayList<>();
        final List<String> refused = new ArrayList<>();
    }
}
