package io.jvmlops.tracking.internal;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.error.IntegrityException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Objects;

/**
 * Stored bytes, compared with what they should be as they are read: the read that would give the last of them fails with an
 * {@link IntegrityException} instead, if any of them differ, and so does every one after it. What came before may have been
 * wrong: nothing is to be relied on until the end has come. Not thread-safe.
 */
public final class VerifiedStream extends FilterInputStream {
    private static final int SKIPPED = 8_192;

    private final String what;
    private final FileEntry expected;
    private final MessageDigest hasher = Digest.newHasher();
    private long left;
    private boolean verified;
    private boolean failed;

    /** @param what for messages: {@code "artifact 'a.txt' of run 1234"} */
    public VerifiedStream(String what, FileEntry expected, InputStream stored) {
        super(stored);
        this.what = what;
        this.expected = expected;
        this.left = expected.size();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (failed) {
            throw altered("as an earlier read has said");
        }
        if (left > 0) {
            int count = in.read(into, offset, (int) Math.min(length, left));
            if (count < 0) {
                throw altered("it ends after " + (expected.size() - left) + " bytes");
            }
            hasher.update(into, offset, count);
            left -= count;
            if (left == 0) {
                verify();
            }
            return count;
        }
        verify();
        if (in.read() >= 0) {
            throw altered("it has more bytes than that");
        }
        return -1;
    }

    private void verify() {
        if (!verified) {
            Digest found = Digest.finish(hasher);
            if (!found.equals(expected.digest())) {
                throw altered("it is " + found);
            }
            verified = true;
        }
    }

    private IntegrityException altered(String found) {
        failed = true;
        return new IntegrityException(what + " was altered: " + found + ", expected " + expected.size() + " bytes of "
                + expected.digest() + ". Restore it from a backup, or store it again");
    }

    /** Reads what it skips. */
    @Override
    public long skip(long count) throws IOException {
        byte[] buffer = new byte[SKIPPED];
        long skipped = 0;
        while (skipped < count) {
            int read = read(buffer, 0, (int) Math.min(buffer.length, count - skipped));
            if (read < 0) {
                break;
            }
            skipped += read;
        }
        return skipped;
    }

    @Override
    public int available() throws IOException {
        return (int) Math.min(left, in.available());
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
