package io.jvmlops.tracking.dataset;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.artifact.Verification.Kind;
import io.jvmlops.api.artifact.Verification.Problem;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.internal.Parallel;
import io.jvmlops.tracking.internal.StoredFiles;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/** Reads and hashes everything that a version consists of. */
final class DatasetVerifier {
    private final ArtifactStore artifacts;
    private final Consumer<Progress> listener;

    DatasetVerifier(ArtifactStore artifacts, Consumer<Progress> listener) {
        this.artifacts = artifacts;
        this.listener = listener;
    }

    Verification verify(StoredDataset dataset) {
        String subject = "dataset " + dataset.label();
        byte[] text;
        try (InputStream in = artifacts.open(dataset.digest())) {
            text = in.readAllBytes();
        } catch (NotFoundException e) {
            return damaged(subject, dataset, 0, Kind.MISSING, "there are no such bytes as " + dataset.digest());
        } catch (IOException | StorageException e) {
            return damaged(subject, dataset, 0, Kind.UNREADABLE, "it cannot be read: " + e.getMessage());
        }
        Digest found = Digest.of(text);
        if (!found.equals(dataset.digest())) {
            return damaged(
                    subject,
                    dataset,
                    text.length,
                    Kind.ALTERED,
                    "it is " + found + " of " + text.length + " bytes, expected " + dataset.digest());
        }
        try {
            return verify(subject, Manifest.parse(text), text.length);
        } catch (InvalidInputException e) {
            // Stored as it is by somebody else than us.
            return damaged(subject, dataset, text.length, Kind.ALTERED, String.valueOf(e.getMessage()));
        }
    }

    /** What the files were, nobody knows. */
    private static Verification damaged(String subject, StoredDataset dataset, long read, Kind kind, String detail) {
        return new Verification(
                subject, 0, read, List.of(new Problem(Problem.MANIFEST, kind, dataset.digest(), detail)));
    }

    private Verification verify(String subject, Manifest files, long read) {
        Map<Digest, FileEntry> distinct = new HashMap<>();
        files.files().forEach(file -> distinct.putIfAbsent(file.digest(), file));
        List<FileEntry> order = distinct.values().stream()
                .sorted(Comparator.comparingLong(FileEntry::size).reversed())
                .toList();
        ProgressMeter progress = new ProgressMeter(
                listener,
                order.size(),
                order.stream().mapToLong(FileEntry::size).sum());
        LongAdder bytes = new LongAdder();
        bytes.add(read);
        Map<Digest, Problem> wrong = new HashMap<>();
        Parallel.map(order, file -> {
                    Problem problem = StoredFiles.check(artifacts, file, more -> {
                        bytes.add(more);
                        progress.read(more);
                    });
                    progress.fileDone();
                    return Optional.ofNullable(problem);
                })
                .forEach(found -> found.ifPresent(problem -> wrong.put(problem.expected(), problem)));
        progress.end();
        List<Problem> problems = new ArrayList<>();
        for (FileEntry file : files.files()) {
            Problem problem = wrong.get(file.digest());
            if (problem != null) {
                problems.add(new Problem(file.path(), problem.kind(), problem.expected(), problem.detail()));
            }
        }
        return new Verification(subject, files.files().size(), bytes.sum(), problems);
    }
}
