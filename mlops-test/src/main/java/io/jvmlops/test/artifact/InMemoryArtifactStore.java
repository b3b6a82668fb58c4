package io.jvmlops.test.artifact;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps artifacts in memory, for tests: everything is gone with the object. */
public final class InMemoryArtifactStore implements ArtifactStore {
    private final Map<Digest, byte[]> contents = new ConcurrentHashMap<>();
    private volatile boolean closed;

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
        contents.put(digest, bytes);
        return new Stored(digest, bytes.length);
    }

    @Override
    public InputStream open(Digest digest) {
        requireOpen();
        byte[] bytes = contents.get(digest);
        if (bytes == null) {
            throw new NotFoundException("there is no artifact " + digest);
        }
        return new ByteArrayInputStream(bytes);
    }

    @Override
    public boolean contains(Digest digest) {
        requireOpen();
        return contents.containsKey(digest);
    }

    /** Puts other bytes in the place of stored ones, as a damaged disk or an attacker would. */
    public void damage(Digest digest, byte[] instead) {
        contents.put(digest, instead.clone());
    }

    /** Loses stored bytes, as a disk would. */
    public void lose(Digest digest) {
        contents.remove(digest);
    }

    @Override
    public void close() {
        closed = true;
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("this artifact store in memory has been closed");
        }
    }
}
