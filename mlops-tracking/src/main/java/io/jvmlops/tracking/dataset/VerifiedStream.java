package io.jvmlops.tracking.dataset;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.error.IntegrityException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Hashes what it gives, and fails at the end instead of ending if that was not what it should be. */
final class VerifiedStream extends FilterInputStream {
    private final FileEntry file;
    private final String owner;
    private final MessageDigest hasher = Digest.newHasher();
    private long count;
    private boolean ended;

    VerifiedStream(InputStream in, FileEntry file, String owner) {
        super(in);
        this.file = file;
        this.owner = owner;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int n = in.read(into, offset, length);
        if (n > 0) {
            hasher.update(into, offset, n);
            count += n;
        } else if (n < 0 && !ended) {
            Digest found = Digest.finish(hasher);
            if (!found.equals(file.digest())) {
                throw new IntegrityException("file '" + file.path() + "' of " + owner + " was altered: found " + found
                        + ", " + count + " bytes, expected " + file.digest() + ", " + file.size()
                        + " bytes. Restore it from a backup, or add the folder again");
            }
            ended = true;
        }
        return n;
    }

    /** Reads, so that nothing is left out of the hash. */
    @Override
    public long skip(long n) throws IOException {
        byte[] buffer = new byte[(int) Math.max(0, Math.min(n, 8_192))];
        long skipped = 0;
        while (skipped < n) {
            int some = read(buffer, 0, (int) Math.min(n - skipped, buffer.length));
            if (some < 0) {
                break;
            }
            skipped += some;
        }
        return skipped;
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
