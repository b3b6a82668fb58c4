package io.jvmlops.test.artifact;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Keeps artifacts in memory, for tests: everything is gone with the object. */
public final class InMemoryArtifactStore implements ArtifactStore {
    private final Map<Digest, Bytes> contents = new ConcurrentHashMap<>();
    private final InstantSource clock;
    private volatile boolean closed;

    public InMemoryArtifactStore() {
        this(InstantSource.system());
    }

    /** @param clock by which bytes are stored */
    public InMemoryArtifactStore(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Stored put(InputStream content) {
        requireOpen();
        byte[] bytes;
        try {
            bytes = content.readAllBytes();
        } catch (IOException e) {
            throw new StorageException("an artifact cannot be stored: its source failed", e);
        }
        Digest digest = Digest.of(bytes);
        requireOpen();
        // The time is looked at in turn: it must not go back for somebody who was quicker.
        contents.compute(digest, (same, present) -> new Bytes(bytes, clock.instant()));
        return new Stored(digest, bytes.length);
    }

    @Override
    public InputStream open(Digest digest) {
        requireOpen();
        Bytes bytes = contents.get(digest);
        if (bytes == null) {
            throw new NotFoundException("there is no artifact " + digest);
        }
        return new ByteArrayInputStream(bytes.content);
    }

    @Override
    public boolean contains(Digest digest) {
        requireOpen();
        return contents.containsKey(digest);
    }

    @Override
    public boolean renew(Digest digest) {
        requireOpen();
        return contents.computeIfPresent(digest, (same, bytes) -> new Bytes(bytes.content, clock.instant())) != null;
    }

    @Override
    public Instant now() {
        return clock.instant();
    }

    @Override
    public void list(Consumer<Entry> to) {
        requireOpen();
        contents.forEach((digest, bytes) -> to.accept(new Entry(digest, bytes.content.length, bytes.storedAt)));
    }

    @Override
    public boolean delete(Digest digest, Instant before) {
        requireOpen();
        AtomicBoolean deleted = new AtomicBoolean();
        contents.computeIfPresent(digest, (same, bytes) -> {
            deleted.set(bytes.storedAt.isBefore(before));
            return deleted.get() ? null : bytes;
        });
        return deleted.get();
    }

    /** Puts other bytes in the place of stored ones, as a damaged disk or an attacker would. */
    public void damage(Digest digest, byte[] instead) {
        contents.compute(
                digest, (same, bytes) -> new Bytes(instead.clone(), bytes == null ? clock.instant() : bytes.storedAt));
    }

    /** Loses stored bytes, as a disk would. */
    public void lose(Digest digest) {
        contents.remove(digest);
    }

    @Override
    public void close() {
        closed = true;
    }

    private static final class Bytes {
        final byte[] content;
        final Instant storedAt;

        Bytes(byte[] content, Instant storedAt) {
            this.content = content;
            this.storedAt = storedAt;
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("this artifact store in memory has been closed");
        }
    }
}
