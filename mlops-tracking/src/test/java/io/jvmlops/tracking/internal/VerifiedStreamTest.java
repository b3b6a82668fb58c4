package io.jvmlops.tracking.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.error.IntegrityException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VerifiedStreamTest {
    private static final byte[] BYTES = new byte[10_000];

    static {
        new Random(1).nextBytes(BYTES);
    }

    private static InputStream open(byte[] expected, byte[] stored) {
        return new VerifiedStream(
                "it", new FileEntry("f", expected.length, Digest.of(expected)), new ByteArrayInputStream(stored));
    }

    @Test
    void whatIsAsItWasIsReadInWhateverPieces() throws IOException {
        assertThat(open(BYTES, BYTES).readAllBytes()).isEqualTo(BYTES);
        assertThat(open(new byte[0], new byte[0]).readAllBytes()).isEmpty();
        Random random = new Random(2);
        for (int round = 0; round < 50; round++) {
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            InputStream in = open(BYTES, BYTES);
            int at = 0;
            while (true) {
                int kind = random.nextInt(4);
                if (kind == 0) {
                    int one = in.read();
                    if (one < 0) {
                        break;
                    }
                    read.write(one);
                    at++;
                } else if (kind == 1) {
                    int skipped = (int) in.skip(random.nextInt(500));
                    read.write(BYTES, at, skipped);
                    at += skipped;
                } else {
                    byte[] some = new byte[1 + random.nextInt(3_000)];
                    int count = in.read(some, 0, some.length);
                    if (count < 0) {
                        break;
                    }
                    read.write(some, 0, count);
                    at += count;
                }
            }
            assertThat(read.toByteArray()).isEqualTo(BYTES);
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void anyAlteredByteIsFoundByTheReadThatWouldGiveTheLast() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < 100; i++) {
            byte[] altered = BYTES.clone();
            altered[i == 0 ? BYTES.length - 1 : random.nextInt(BYTES.length)] ^= (byte) (1 << random.nextInt(8));
            assertThatThrownBy(() -> open(BYTES, altered).readAllBytes())
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageStartingWith("it was altered");
            // Without asking for the end.
            InputStream in = open(BYTES, altered);
            assertThat(in.readNBytes(BYTES.length - 1)).hasSize(BYTES.length - 1);
            assertThatThrownBy(in::read).isInstanceOf(IntegrityException.class);
            assertThatThrownBy(in::read).isInstanceOf(IntegrityException.class);
            assertThatThrownBy(() -> open(BYTES, altered).skip(BYTES.length)).isInstanceOf(IntegrityException.class);
        }
    }

    @Test
    void tooFewAndTooManyBytesAreFound() {
        for (byte[] wrong :
                List.of(new byte[0], Arrays.copyOf(BYTES, BYTES.length - 1), Arrays.copyOf(BYTES, BYTES.length + 1))) {
            InputStream in = open(BYTES, wrong);
            assertThatThrownBy(in::readAllBytes).isInstanceOf(IntegrityException.class);
            assertThatThrownBy(in::read).isInstanceOf(IntegrityException.class);
            assertThatThrownBy(in::read).isInstanceOf(IntegrityException.class);
        }
        assertThatThrownBy(() -> open(new byte[0], BYTES).read()).isInstanceOf(IntegrityException.class);
        // A size that is not that of the digest.
        InputStream in = new VerifiedStream(
                "it", new FileEntry("f", 5, Digest.of(new byte[0])), new ByteArrayInputStream(BYTES));
        assertThatThrownBy(() -> in.readNBytes(5)).isInstanceOf(IntegrityException.class);
        assertThatThrownBy(in::read).isInstanceOf(IntegrityException.class);
    }
}
