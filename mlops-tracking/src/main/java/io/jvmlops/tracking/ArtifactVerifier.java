package io.jvmlops.tracking;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.search.Page;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.api.tracking.View;
import io.jvmlops.tracking.dataset.Datasets;
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

    void addRuns(TrackingStore runs) {
        String next = null;
        do {
            Page<RunInfo> page = runs.search(RunQuery.all().view(View.ALL).after(next));
            for (RunInfo run : page.items()) {
                try {
                    add("runs/" + run.id() + "/", runs.artifacts(run.id()).files());
                } catch (NotFoundException e) {
                    // Purged meanwhile.
                }
            }
            next = page.next();
        } while (next != null);
    }

    void addModels(ModelRegistry registry) {
        for (String name : registry.models()) {
            for (ModelVersion listed : registry.versions(name)) {
                String owner = "models/" + name + "/" + listed.version() + "/";
                try {
                    // Looked up once more, as this refuses what the list has left out.
                    ModelVersion version = registry.find(listed.ref()).orElse(null);
                    if (version != null) {
                        add(owner, registry.files(version).manifest().files());
                    }
                } catch (IntegrityException e) {
                    addManifest(owner, Verification.Kind.ALTERED, listed.digest(), e);
                } catch (NotFoundException e) {
                    // Deleted meanwhile.
                }
            }
        }
    }

    void addDatasets(Datasets datasets) {
        for (String name : datasets.names()) {
            for (StoredDataset version : datasets.versions(name)) {
                String owner = "datasets/" + version.label() + "/";
                try {
                    add(owner, datasets.manifest(version).files());
                } catch (IntegrityException e) {
                    addManifest(owner, Verification.Kind.ALTERED, version.digest(), e);
                } catch (NotFoundException e) {
                    if (datasets.store().find(name, version.version()).isPresent()) {
                        addManifest(owner, Verification.Kind.MISSING, version.digest(), e);
                    }
                } catch (StorageException e) {
                    addManifest(owner, Verification.Kind.UNREADABLE, version.digest(), e);
                }
            }
        }
    }

    private void addManifest(String owner, Verification.Kind kind, Digest expected, MlopsException found) {
        problems.add(new Verification.Problem(
                owner + Verification.Problem.MANIFEST, kind, expected, String.valueOf(found.getMessage())));
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
