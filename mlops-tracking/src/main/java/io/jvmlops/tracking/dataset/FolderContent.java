package io.jvmlops.tracking.dataset;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.internal.Parallel;
import io.jvmlops.tracking.internal.folder.ContentReader;
import io.jvmlops.tracking.internal.folder.FileStat;
import io.jvmlops.tracking.internal.folder.FolderScan;
import io.jvmlops.tracking.internal.folder.ScannedFile;
import io.jvmlops.tracking.internal.folder.StatCache;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What is in a folder, or a single file: what is there, then what of it is known from last time, then the rest read. */
final class FolderContent {
    private final String what;
    private final Path root;
    private final StatCache.Session known;
    private final List<ScannedFile> files;
    private final List<@Nullable Digest> digests;

    private FolderContent(String what, Path root, StatCache.Session known, List<ScannedFile> files) {
        this.what = what;
        this.root = root;
        this.known = known;
        this.files = new ArrayList<>(files);
        this.digests = known.find(files);
    }

    /** @param what for messages: {@code "dataset 'iris'"} */
    static FolderContent scan(String what, Path folderOrFile, StatCache cache) {
        try {
            Path root = folderOrFile.toRealPath();
            // Before anything is looked at: what changes from here on is not taken for old.
            StatCache.Session known = cache.begin(root);
            return switch (FileStat.of(root).kind()) {
                case FOLDER -> new FolderContent(what, root, known, FolderScan.files(what, root));
                case FILE -> new FolderContent(what, root, known, List.of(FolderScan.file(what, root)));
                default -> throw new InvalidInputException(what + ": " + root + " is neither a file nor a folder");
            };
        } catch (NoSuchFileException e) {
            throw new NotFoundException(what + ": there is no file or folder " + folderOrFile, e);
        } catch (IOException e) {
            throw new StorageException(what + ": " + folderOrFile + " cannot be read: " + e, e);
        }
    }

    /** Without links. */
    Path root() {
        return root;
    }

    /** Hashes what is not known. */
    Manifest hash(Consumer<Progress> progress) {
        List<Integer> unknown = IntStream.range(0, files.size())
                .filter(i -> digests.get(i) == null)
                .boxed()
                .toList();
        return read(unknown, ContentReader::hash, progress);
    }

    /** Stores what is not known, or known and not stored. */
    Manifest store(ArtifactStore artifacts, Consumer<Progress> progress) {
        List<Boolean> stored = Parallel.map(digests, digest -> digest != null && artifacts.contains(digest));
        List<Integer> missing = IntStream.range(0, files.size())
                .filter(i -> !stored.get(i))
                .boxed()
                .toList();
        return read(missing, artifacts::put, progress);
    }

    private Manifest read(
            List<Integer> wanted, Function<InputStream, ArtifactStore.Stored> to, Consumer<Progress> listener) {
        long bytes = wanted.stream().mapToLong(i -> files.get(i).stat().size()).sum();
        ProgressMeter progress = new ProgressMeter(listener, wanted.size(), bytes);
        ContentReader reader = new ContentReader(what, progress::read);
        // The large ones first: one that begins last is waited for alone.
        List<Integer> order = wanted.stream()
                .sorted(Comparator.comparingLong(
                                (Integer i) -> files.get(i).stat().size())
                        .reversed())
                .toList();
        List<ContentReader.Content> contents = Parallel.map(order, i -> {
            ContentReader.Content content = reader.read(files.get(i), to);
            progress.fileDone();
            return content;
        });
        for (int i = 0; i < contents.size(); i++) {
            files.set(order.get(i), contents.get(i).file());
            digests.set(order.get(i), contents.get(i).digest());
        }
        progress.end();
        List<Digest> complete = new ArrayList<>(files.size());
        List<FileEntry> entries = new ArrayList<>(files.size());
        for (int i = 0; i < files.size(); i++) {
            Digest digest = digests.get(i);
            if (digest == null) {
                throw new IllegalStateException(what + ": no digest of " + files.get(i));
            }
            complete.add(digest);
            entries.add(new FileEntry(files.get(i).path(), files.get(i).stat().size(), digest));
        }
        known.save(files, complete);
        return new Manifest(entries);
    }
}
