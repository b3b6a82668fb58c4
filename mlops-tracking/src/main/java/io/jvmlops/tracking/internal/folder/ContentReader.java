package io.jvmlops.tracking.internal.folder;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.StorageException;
import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.function.Function;
import java.util.function.LongConsumer;

/** Reads files that others may be writing: what is read was the file's content at one time, or is not taken. */
public final class ContentReader {
    /** How often a file is read that keeps changing. */
    static final int ATTEMPTS = 4;

    private static final int BUFFER = 1 << 18;

    private final String what;
    private final LongConsumer progress;

    /**
     * @param what for messages: {@code "dataset 'iris'"}
     * @param progress is told how many more bytes were read, on the reading thread; of a file that is read again, those
     *     of the last time are taken back by a negative number
     */
    public ContentReader(String what, LongConsumer progress) {
        this.what = what;
        this.progress = progress;
    }

    /**
     * What was read.
     *
     * @param file with the stat that it had before and after
     */
    public record Content(ScannedFile file, Digest digest) {}

    /** Hashes what it is given. */
    public static ArtifactStore.Stored hash(InputStream in) {
        MessageDigest hasher = Digest.newHasher();
        byte[] buffer = new byte[BUFFER];
        long size = 0;
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                hasher.update(buffer, 0, n);
                size += n;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ArtifactStore.Stored(Digest.finish(hasher), size);
    }

    /**
     * Gives the content of a file to somebody who takes it all; again, if it has changed meanwhile.
     *
     * @param to {@link #hash}, or a store
     * @throws StorageException if the file cannot be read, or is gone; retryable if it changes all the time
     */
    public Content read(ScannedFile file, Function<InputStream, ArtifactStore.Stored> to) {
        FileStat before = file.stat();
        try {
            for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
                ArtifactStore.Stored stored;
                Input in = new Input(open(file.file()));
                try (in) {
                    stored = to.apply(in);
                }
                FileStat after = FileStat.of(file.file());
                // By then it may be a link, whose target was read.
                if (after.kind() == FileStat.Kind.FILE && after.equals(before) && stored.size() == after.size()) {
                    return new Content(new ScannedFile(file.path(), file.file(), after), stored.digest());
                }
                progress.accept(-in.count);
                before = after;
            }
        } catch (NoSuchFileException e) {
            throw new StorageException(
                    what + ": file " + file.file() + " was deleted while the folder was read; nothing was recorded, try"
                            + " again when nobody changes it",
                    e,
                    true);
        } catch (IOException | UncheckedIOException e) {
            Throwable cause = e instanceof UncheckedIOException unchecked ? unchecked.getCause() : e;
            throw new StorageException(
                    what + ": file " + file.file() + " cannot be read: " + cause + ". It must be readable for "
                            + System.getProperty("user.name", "this user"),
                    cause);
        }
        throw new StorageException(
                what + ": file " + file.file() + " changed each of the " + ATTEMPTS
                        + " times it was read; nothing was recorded, try again when nobody writes to it",
                null,
                true);
    }

    /** Where there is a choice, not a channel: an interrupt of the calling thread would close it halfway. */
    private static InputStream open(Path file) throws IOException {
        if (!file.getFileSystem().equals(FileSystems.getDefault())) {
            return Files.newInputStream(file);
        }
        try {
            return new FileInputStream(file.toFile());
        } catch (IOException e) {
            if (Files.notExists(file)) {
                throw (NoSuchFileException) new NoSuchFileException(file.toString()).initCause(e);
            }
            throw e;
        }
    }

    /** Counts; its failures are told from those of whoever takes the bytes. */
    private final class Input extends FilterInputStream {
        long count;

        Input(InputStream in) {
            super(in);
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            int n;
            try {
                n = in.read(into, offset, length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (n > 0) {
                count += n;
                progress.accept(n);
            }
            return n;
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
