package io.jvmlops.test.dataset;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.ArtifactReferences.Reference;
import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.api.dataset.NewDataset;
import io.jvmlops.test.artifact.ArtifactReferencesContract;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** {@link ArtifactReferencesContract} for dataset versions. Extend it, and give it a store that is both. */
public abstract class DatasetReferencesContract extends ArtifactReferencesContract {
    /** By which each thread's bytes are stored: a store asks for the time on the thread that adds. */
    private final ThreadLocal<Instant> now = ThreadLocal.withInitial(() -> Instant.EPOCH);

    private final InMemoryArtifactStore artifacts = new InMemoryArtifactStore(now::get);
    private @Nullable DatasetStore datasets;

    /** An empty store that is an {@link ArtifactReferences} too, new for every test; the contract closes it. */
    protected abstract DatasetStore openDatasets(ArtifactStore artifacts) throws Exception;

    @Override
    protected final ArtifactReferences open() throws Exception {
        DatasetStore opened = openDatasets(artifacts);
        datasets = opened;
        return (ArtifactReferences) opened;
    }

    @AfterEach
    final void closeDatasets() {
        datasets().close();
    }

    private DatasetStore datasets() {
        DatasetStore opened = datasets;
        if (opened == null) {
            throw new IllegalStateException("the store is not open");
        }
        return opened;
    }

    @Override
    protected final Set<Reference> add(String name, byte[] content, Instant storedSince) {
        now.set(storedSince);
        Digest digest = artifacts.put(new ByteArrayInputStream(content)).digest();
        Manifest files = new Manifest(List.of(new FileEntry("data.bin", content.length, digest)));
        return Set.of(
                new Reference(datasets().add(new NewDataset(name, files, "")).digest(), true));
    }

    @Override
    protected final boolean delete(String name) {
        datasets().delete(name, 1);
        return false;
    }
}
