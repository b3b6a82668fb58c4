package io.jvmlops.tracking;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.tracking.internal.Parallel;
import io.jvmlops.tracking.internal.StoredFiles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Hashes files of an artifact store, each content once however many refer to it, and says who refers to those that differ.
 * Not thread-safe.
 */
final class ArtifactVerifier {
    /** How many files are hashed together. */
    private static final int AT_ONCE = 4_096;

    private final ArtifactStore artifacts;
    private final DigestSet looked = new DigestSet();
    private final Map<Digest, Verification.Problem> wrong = new HashMap<>();
    private final List<Named> waiting = new ArrayList<>();
    private final List<Verification.Problem> problems = new ArrayList<>();
    private long files;
    private long bytes;

    private record Named(String owner, FileEntry file) {}

    ArtifactVerifier(ArtifactStore artifacts) {
        this.artifacts = artifacts;
    }

    /** @param owner what comes before the paths of the files where problems are named; may be empty */
    void add(String owner, List<FileEntry> referredTo) {
        for (FileEntry file : referredTo) {
            waiting.add(new Named(owner, file));
            if (waiting.size() == AT_ONCE) {
                look();
            }
        }
    }

    /** A problem that is none of a file's bytes. */
    void add(Verification.Problem problem) {
        problems.add(problem);
    }

    private void look() {
        Map<Digest, FileEntry> unknown = new LinkedHashMap<>();
        for (Named named : waiting) {
            if (looked.add(named.file.digest())) {
                unknown.put(named.file.digest(), named.file);
            }
        }
        List<FileEntry> contents = List.copyOf(unknown.values());
        Parallel.map(contents, file -> Optional.ofNullable(StoredFiles.check(artifacts, file))).stream()
                .flatMap(Optional::stream)
                .forEach(problem -> wrong.put(problem.expected(), problem));
        contents.forEach(file -> bytes += file.size());
        files += waiting.size();
        for (Named named : waiting) {
            Verification.Problem problem = wrong.get(named.file.digest());
            if (problem != null) {
                problems.add(new Verification.Problem(
                        named.owner + named.file.path(), problem.kind(), problem.expected(), problem.detail()));
            }
        }
        waiting.clear();
    }

    Verification finish(String subject) {
        look();
        return new Verification(subject, files, bytes, problems);
    }
}
