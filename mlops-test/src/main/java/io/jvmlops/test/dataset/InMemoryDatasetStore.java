package io.jvmlops.test.dataset;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.api.dataset.NewDataset;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.metadata.MetadataChanges;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Keeps dataset versions in memory, for tests: everything is gone with the object. */
public final class InMemoryDatasetStore implements DatasetStore, ArtifactReferences {
    private final ArtifactStore artifacts;
    private final InstantSource clock;
    private final Supplier<String> actor;
    private final List<StoredDataset> live = new ArrayList<>();
    private final Map<String, Integer> lastVersions = new HashMap<>();
    private Instant collectedBefore = Instant.MIN;
    private boolean closed;

    public InMemoryDatasetStore(ArtifactStore artifacts) {
        this(artifacts, InstantSource.system(), () -> "test");
    }

    /**
     * @param artifacts holds the versions' files and manifests; not closed by this
     * @param actor says who adds
     */
    public InMemoryDatasetStore(ArtifactStore artifacts, InstantSource clock, Supplier<String> actor) {
        this.artifacts = artifacts;
        this.clock = clock;
        this.actor = actor;
    }

    @Override
    public StoredDataset add(NewDataset dataset) {
        requireOpen();
        Instant since = artifacts.now();
        Digest digest = artifacts
                .put(new ByteArrayInputStream(dataset.files().toBytes()))
                .digest();
        for (FileEntry file : dataset.files().files()) {
            if (!artifacts.renew(file.digest())) {
                throw new NotFoundException("dataset '" + dataset.name() + "' cannot be added: its file '" + file.path()
                        + "' is not in the artifact store; put it there first");
            }
        }
        synchronized (this) {
            requireOpen();
            if (since.isBefore(collectedBefore)) {
                throw new StorageException(
                        "dataset '" + dataset.name()
                                + "' cannot be added: garbage was collected since its files were stored; do it again",
                        null,
                        true);
            }
            Optional<StoredDataset> newest = latest(dataset.name());
            if (newest.isPresent() && newest.get().digest().equals(digest)) {
                return newest.get();
            }
            StoredDataset added = new StoredDataset(
                    dataset.name(),
                    lastVersions.merge(dataset.name(), 1, Integer::sum),
                    digest,
                    dataset.source(),
                    dataset.files().files().size(),
                    dataset.files().size(),
                    clock.instant().truncatedTo(ChronoUnit.MILLIS),
                    actor.get(),
                    dataset.description(),
                    dataset.tags());
            live.add(added);
            return added;
        }
    }

    @Override
    public synchronized Optional<StoredDataset> find(String name, int version) {
        requireOpen();
        return live.stream()
                .filter(each -> each.name().equals(name) && each.version() == version)
                .findFirst();
    }

    @Override
    public synchronized List<StoredDataset> versions(String name) {
        requireOpen();
        return live.stream().filter(each -> each.name().equals(name)).toList();
    }

    @Override
    public synchronized List<StoredDataset> withDigest(Digest digest) {
        requireOpen();
        return live.stream().filter(each -> each.digest().equals(digest)).toList();
    }

    @Override
    public synchronized List<String> names() {
        requireOpen();
        return live.stream().map(StoredDataset::name).distinct().sorted().toList();
    }

    @Override
    public Manifest manifest(StoredDataset dataset) {
        requireOpen();
        if (find(dataset.name(), dataset.version())
                .filter(each -> each.digest().equals(dataset.digest()))
                .isEmpty()) {
            throw new NotFoundException("there is no dataset version " + dataset.label());
        }
        byte[] text;
        try (InputStream in = artifacts.open(dataset.digest())) {
            text = in.readAllBytes();
        } catch (IOException e) {
            throw new StorageException("the manifest of dataset " + dataset.label() + " cannot be read", e);
        }
        if (!Digest.of(text).equals(dataset.digest())) {
            throw new IntegrityException("the manifest of dataset " + dataset.label() + " was altered");
        }
        return Manifest.parse(text);
    }

    @Override
    public synchronized StoredDataset update(String name, int version, MetadataChanges changes) {
        StoredDataset old = require(name, version);
        Map<String, String> tags = new LinkedHashMap<>(old.tags());
        tags.keySet().removeAll(changes.removedTags());
        tags.putAll(changes.tags());
        String description = changes.description();
        StoredDataset changed = new StoredDataset(
                old.name(),
                old.version(),
                old.digest(),
                old.source(),
                old.files(),
                old.size(),
                old.createdAt(),
                old.createdBy(),
                description == null ? old.description() : description,
                tags);
        live.set(live.indexOf(old), changed);
        return changed;
    }

    @Override
    public synchronized void delete(String name, int version) {
        live.remove(require(name, version));
    }

    private StoredDataset require(String name, int version) {
        return find(name, version)
                .orElseThrow(
                        () -> new NotFoundException("there is no version " + version + " of a dataset '" + name + "'"));
    }

    @Override
    public synchronized void beginCollection(Instant limit) {
        requireOpen();
        if (limit.isAfter(collectedBefore)) {
            collectedBefore = limit;
        }
    }

    @Override
    public void forEachReference(Consumer<Reference> to) {
        Set<Reference> references = new LinkedHashSet<>();
        synchronized (this) {
            requireOpen();
            live.forEach(each -> references.add(new Reference(each.digest(), true)));
        }
        references.forEach(to);
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    private synchronized void requireOpen() {
        if (closed) {
            throw new ClosedException("this dataset store in memory has been closed");
        }
    }
}
