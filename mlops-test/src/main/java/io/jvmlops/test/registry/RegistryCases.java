package io.jvmlops.test.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.registry.ModelOrigin;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.test.ManualClock;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A registry for each test, and what to put into it. */
abstract class RegistryCases {
    static final Instant T0 = Instant.parse("2026-03-01T12:00:00.123Z");
    static final String RUN = "0123456789abcdef0123456789abcdef";

    final ManualClock clock = new ManualClock(T0);
    volatile String actor = "ada";
    InMemoryArtifactStore artifacts;
    ModelRegistry registry;

    /** An empty registry over the artifact store, new for every test; the contract closes it. */
    protected abstract ModelRegistry open(ArtifactStore artifacts, InstantSource clock, Supplier<String> actor)
            throws Exception;

    @BeforeEach
    final void openRegistry() throws Exception {
        artifacts = new InMemoryArtifactStore(clock);
        registry = open(artifacts, clock, () -> actor);
    }

    @AfterEach
    final void closeRegistry() {
        registry.close();
    }

    final ModelVersion register(String name, String content) {
        return registry.register(
                NewModelVersion.builder(name, manifest(content)).build());
    }

    final NewModelVersion fromRun(String name, String content, String run) {
        return NewModelVersion.builder(name, manifest(content))
                .origin(ModelOrigin.ofRun(run))
                .build();
    }

    /** A version as it is when it was registered and nothing was said of it. */
    static ModelVersion bare(String name, int version, Digest digest, Instant at, String by, ModelOrigin origin) {
        return new ModelVersion(name, version, digest, at, by, at, origin, null, null, "", Map.of());
    }

    final Manifest manifest(String content) {
        return new Manifest(List.of(entry("MLmodel", content)));
    }

    final FileEntry entry(String path, String content) {
        ArtifactStore.Stored stored = artifacts.put(new ByteArrayInputStream(content.getBytes(UTF_8)));
        return new FileEntry(path, stored.size(), stored.digest());
    }
}
