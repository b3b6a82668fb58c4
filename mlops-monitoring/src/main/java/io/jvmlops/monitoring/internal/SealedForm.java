package io.jvmlops.monitoring.internal;

import io.jvmlops.api.error.InvalidInputException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * What stored bytes of ours begin and end with: a magic of four bytes, a version byte, a body, and the CRC-32C of all before it,
 * big-endian. Immutable.
 */
public final class SealedForm {
    private static final int START = Integer.BYTES + 1;
    private static final int END = Integer.BYTES;

    private final int magic;
    private final int version;
    private final String subject;

    /** @param subject what is stored, for messages */
    public SealedForm(int magic, int version, String subject) {
        this.magic = magic;
        this.version = version;
        this.subject = subject;
    }

    public byte[] seal(byte[] body) {
        byte[] sealed = new byte[START + body.length + END];
        ByteBuffer.wrap(sealed)
                .putInt(magic)
                .put((byte) version)
                .put(body)
                .putInt(checksum(sealed, START + body.length));
        return sealed;
    }

    /**
     * The body of sealed bytes, which are not copied.
     *
     * @throws InvalidInputException if they are damaged, cut short, of something else or of an unknown version
     */
    public ByteBuffer open(byte[] sealed) {
        ByteBuffer in = ByteBuffer.wrap(sealed);
        if (sealed.length < START + END || in.getInt() != magic) {
            throw invalid("it does not begin like one");
        }
        int found = in.get();
        if (found != version) {
            throw invalid("version " + found + " is unknown, expected " + version);
        }
        int end = sealed.length - END;
        if (in.getInt(end) != checksum(sealed, end)) {
            throw invalid("its checksum does not fit: it was damaged or cut short");
        }
        return in.limit(end);
    }

    public InvalidInputException invalid(String why) {
        return new InvalidInputException(subject + ": " + why);
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
