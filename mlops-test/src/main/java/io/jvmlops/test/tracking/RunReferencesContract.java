package io.jvmlops.test.tracking;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.ArtifactReferences.Reference;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.test.artifact.ArtifactReferencesContract;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** {@link ArtifactReferencesContract} for the artifacts of runs. Extend it, and give it a store that is both. */
public abstract class RunReferencesContract extends ArtifactReferencesContract {
    private @Nullable TrackingStore runs;

    /** An empty store that is an {@link ArtifactReferences} too, new for every test; the contract closes it. */
    protected abstract TrackingStore openRuns() throws Exception;

    @Override
    protected final ArtifactReferences open() throws Exception {
        TrackingStore opened = openRuns();
        runs = opened;
        opened.experiment("collected");
        return (ArtifactReferences) opened;
    }

    @AfterEach
    final void closeRuns() {
        runs().close();
    }

    /** The store of this test. */
    protected final TrackingStore runs() {
        TrackingStore opened = runs;
        if (opened == null) {
            throw new IllegalStateException("the store is not open");
        }
        return opened;
    }

    @Override
    protected final Set<Reference> add(String name, byte[] content, Instant storedSince) {
        if (runs().findRun(name).isEmpty()) {
            runs().createRun(new NewRun(name, runs().experiment("collected").id(), name, Instant.EPOCH));
        }
        Digest digest = Digest.of(content);
        runs().updateRun(
                        name,
                        RunChanges.builder()
                                .param("p", "v")
                                .artifact(new FileEntry("file", content.length, digest))
                                .storedSince(storedSince)
                                .build());
        return Set.of(new Reference(digest, false));
    }

    @Override
    protected final boolean delete(String name) {
        runs().updateRun(name, RunChanges.builder().delete().build());
        return true;
    }
}
