package io.jvmlops.tracking.dataset;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.artifact.Verification.Kind;
import io.jvmlops.api.artifact.Verification.Problem;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.internal.Parallel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** What an artifact store really holds. */
final class StoredContent {
    private static final int BUFFER = 1 << 18;

    private final ArtifactStore artifacts;

    StoredContent(ArtifactStore artifacts) {
        this.artifacts = artifacts;
    }

    /**
     * What was found in the place of some bytes.
     *
     * @param read how many bytes
     * @param kind what is wrong, or null if nothing is
     */
    record Finding(long read, @Nullable Kind kind, String detail) {
        @Nullable
        Problem problem(String path, Digest expected) {
            return kind == null ? null : new Problem(path, kind, expected, detail);
        }
    }

    /**
     * Reads stored bytes, hashes them and hands them on, checked or not.
     *
     * @param size what they should have; negative if unknown
     * @param to whose failures are thrown
     * @param progress is told how many more bytes were read
     */
    Finding read(Digest digest, long size, OutputStream to, LongConsumer progress) throws IOException {
        MessageDigest hasher = Digest.newHasher();
        byte[] buffer = new byte[(int) (size < 0 ? BUFFER : Math.max(1, Math.min(size + 1, BUFFER)))];
        long count = 0;
        try (InputStream in = artifacts.open(digest)) {
            while (true) {
                int n;
                try {
                    n = in.read(buffer);
                } catch (IOException e) {
                    return new Finding(count, Kind.UNREADABLE, e.toString());
                }
                if (n < 0) {
                    break;
                }
                hasher.update(buffer, 0, n);
                to.write(buffer, 0, n);
                count += n;
                progress.accept(n);
            }
        } catch (NotFoundException e) {
            return new Finding(0, Kind.MISSING, "it is not in the artifact store");
        } catch (StorageException e) {
            return new Finding(count, Kind.UNREADABLE, String.valueOf(e.getMessage()));
        }
        Digest found = Digest.finish(hasher);
        return found.equals(digest)
                ? new Finding(count, null, "")
                : new Finding(
                        count,
                        Kind.ALTERED,
                        "found " + found + ", " + count + " bytes"
                                + (size < 0 || size == count ? "" : ", expected " + size + " bytes"));
    }

    Verification verify(String subject, Digest manifest, Consumer<Progress> listener) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        Finding list = hash(manifest, -1, text, n -> {});
        Problem problem = list.problem(Problem.MANIFEST, manifest);
        if (problem != null) {
            return new Verification(subject, 0, list.read(), List.of(problem));
        }
        Manifest files;
        try {
            files = Manifest.parse(text.toByteArray());
        } catch (InvalidInputException e) {
            return new Verification(
                    subject,
                    0,
                    list.read(),
                    List.of(new Problem(Problem.MANIFEST, Kind.ALTERED, manifest, String.valueOf(e.getMessage()))));
        }
        Map<Digest, FileEntry> distinct = new HashMap<>();
        files.files().forEach(file -> distinct.putIfAbsent(file.digest(), file));
        List<FileEntry> order = distinct.values().stream()
                .sorted(Comparator.comparingLong(FileEntry::size).reversed().thenComparing(FileEntry::path))
                .toList();
        ProgressMeter progress = new ProgressMeter(
                listener,
                order.size(),
                order.stream().mapToLong(FileEntry::size).sum());
        Map<Digest, Finding> findings = new HashMap<>();
        List<Finding> found = Parallel.map(order, file -> {
            Finding finding = hash(file.digest(), file.size(), OutputStream.nullOutputStream(), progress::read);
            progress.fileDone();
            return finding;
        });
        progress.end();
        long bytes = list.read();
        for (int i = 0; i < order.size(); i++) {
            findings.put(order.get(i).digest(), found.get(i));
            bytes += found.get(i).read();
        }
        List<Problem> problems = new ArrayList<>();
        for (FileEntry file : files.files()) {
            Finding finding = findings.get(file.digest());
            Problem wrong = finding == null ? null : finding.problem(file.path(), file.digest());
            if (wrong != null) {
                problems.add(wrong);
            }
        }
        return new Verification(subject, files.files().size(), bytes, problems);
    }

    private Finding hash(Digest digest, long size, OutputStream to, LongConsumer progress) {
        try {
            return read(digest, size, to, progress);
        } catch (IOException e) {
            throw new StorageException("artifact " + digest + " cannot be read: " + e, e);
        }
    }
}
