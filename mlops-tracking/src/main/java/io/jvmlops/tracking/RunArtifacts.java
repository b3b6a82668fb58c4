package io.jvmlops.tracking;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.tracking.internal.StoredFiles;
import io.jvmlops.tracking.internal.VerifiedStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The artifacts of a run, be it open, ended, deleted, or another process's: to list, read and verify. From {@link
 * Tracking#artifacts(String)}. Looks at the run anew with each call.
 *
 * <p>Thread-safe. Downloading and verifying work on the caller's thread and a few daemon threads {@code mlops-store-N} that
 * end with the call.
 */
public final class RunArtifacts {
    private static final int LISTED = 20;

    private final TrackingStore runs;
    private final ArtifactStore artifacts;
    private final String runId;

    RunArtifacts(TrackingStore runs, ArtifactStore artifacts, String runId) {
        this.runs = runs;
        this.artifacts = artifacts;
        this.runId = runId;
    }

    public String runId() {
        return runId;
    }

    /**
     * All files, by their path within the run.
     *
     * @throws NotFoundException if there is no such run any more
     */
    public Manifest list() {
        return runs.artifacts(runId);
    }

    /**
     * Opens a file; the caller closes the stream, which compares what is read with what was logged. If it differs, the read
     * that would give the last byte throws an {@link IntegrityException}: whoever has read up to the end has read what was
     * logged.
     *
     * @throws NotFoundException if there is no file of that path, or its bytes are gone
     */
    public InputStream open(String path) {
        Manifest all = list();
        FileEntry file = all.find(path).orElseThrow(() -> missing(path, all));
        return new VerifiedStream("artifact '" + path + "' of run " + runId, file, artifacts.open(file.digest()));
    }

    /**
     * Writes a file, or all files below a folder, to a place that does not exist yet: it appears when everything is there
     * and verified, and not at all if anything fails. Folders above it are made.
     *
     * @param path of a file, which becomes {@code target} itself; or of a folder, whose files become those of folder {@code
     *     target}; or {@code ""} for all files of the run
     * @throws NotFoundException if there is no such file or folder, or bytes are gone
     * @throws IntegrityException if bytes are not what was logged
     * @throws InvalidInputException if the file system cannot hold the files side by side
     * @throws StorageException if there is something at the target, or it cannot be written
     */
    public void download(String path, Path target) {
        Manifest all = list();
        Optional<FileEntry> file = all.find(path);
        if (file.isPresent()) {
            StoredFiles.write("artifact '" + path + "' of run " + runId, artifacts, file.get(), target);
            return;
        }
        String folder = path.isEmpty() || path.endsWith("/") ? path : path + "/";
        List<FileEntry> within = new ArrayList<>();
        for (FileEntry each : all.files()) {
            if (each.path().startsWith(folder)) {
                within.add(new FileEntry(each.path().substring(folder.length()), each.size(), each.digest()));
            }
        }
        if (within.isEmpty() && !path.isEmpty()) {
            throw missing(path, all);
        }
        StoredFiles.writeAll("artifact '" + path + "' of run " + runId, artifacts, within, target);
    }

    /**
     * Reads and hashes all files again, and says which are not what was logged.
     *
     * @throws NotFoundException if there is no such run any more
     */
    public Verification verify() {
        ArtifactVerifier verifier = new ArtifactVerifier(artifacts);
        verifier.add("", list().files());
        return verifier.finish("artifacts of run " + runId);
    }

    private NotFoundException missing(String path, Manifest all) {
        List<String> paths =
                all.files().stream().limit(LISTED).map(FileEntry::path).toList();
        return new NotFoundException("run " + runId + " has no artifact '" + path + "'; it has "
                + all.files().size() + (all.files().size() > LISTED ? ", among them " : ": ") + paths);
    }

    @Override
    public String toString() {
        return "artifacts of run " + runId;
    }
}
