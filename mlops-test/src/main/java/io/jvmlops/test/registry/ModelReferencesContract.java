package io.jvmlops.test.registry;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.ArtifactReferences.Reference;
import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.test.artifact.ArtifactReferencesContract;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** {@link ArtifactReferencesContract} for model versions. Extend it, and give it a registry that is both. */
public abstract class ModelReferencesContract extends ArtifactReferencesContract {
    /** By which each thread's bytes are stored: a store asks for the time on the thread that adds. */
    private final ThreadLocal<Instant> now = ThreadLocal.withInitial(() -> Instant.EPOCH);

    private final InMemoryArtifactStore artifacts = new InMemoryArtifactStore(now::get);
    private @Nullable ModelRegistry registry;

    /** An empty registry that is an {@link ArtifactReferences} too, new for every test; the contract closes it. */
    protected abstract ModelRegistry openRegistry(ArtifactStore artifacts) throws Exception;

    @Override
    protected final ArtifactReferences open() throws Exception {
        ModelRegistry opened = openRegistry(artifacts);
        registry = opened;
        return (ArtifactReferences) opened;
    }

    @AfterEach
    final void closeRegistry() {
        registry().close();
    }

    private ModelRegistry registry() {
        ModelRegistry opened = registry;
        if (opened == null) {
            throw new IllegalStateException("the registry is not open");
        }
        return opened;
    }

    @Override
    protected final Set<Reference> add(String name, byte[] content, Instant storedSince) {
        now.set(storedSince);
        Digest digest = artifacts.put(new ByteArrayInputStream(content)).digest();
        Manifest files = new Manifest(List.of(new FileEntry("data.bin", content.length, digest)));
        registry().register(NewModelVersion.builder(name, files).build());
        return Set.of(new Reference(digest, false));
    }

    @Override
    protected final boolean delete(String name) {
        registry().deleteVersion(new ModelRef.Version(name, 1));
        return false;
    }
}
