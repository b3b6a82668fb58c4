package io.jvmlops.test.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.test.Concurrently;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link ArtifactStore} does. Extend it, and give it a store. */
public abstract class ArtifactStoreContract {
    private ArtifactStore store;

    /** An empty store, new for every test; the contract closes it. */
    protected abstract ArtifactStore open() throws Exception;

    @BeforeEach
    final void openStore() throws Exception {
        store = open();
    }

    @AfterEach
    final void closeStore() {
        store.close();
    }

    @Test
    void bytesComeBackByTheirDigest() throws IOException {
        byte[] bytes = "hello".getBytes(UTF_8);
        ArtifactStore.Stored stored = put(bytes);
        assertThat(stored).isEqualTo(new ArtifactStore.Stored(Digest.of(bytes), 5));
        assertThat(store.contains(stored.digest())).isTrue();
        assertThat(read(stored.digest())).isEqualTo(bytes);
    }

    @Test
    void nothingIsAContentToo() throws IOException {
        ArtifactStore.Stored stored = put(new byte[0]);
        assertThat(stored).isEqualTo(new ArtifactStore.Stored(Digest.of(new byte[0]), 0));
        assertThat(read(stored.digest())).isEmpty();
    }

    @Test
    void largeContentComesBackWhole() throws IOException {
        byte[] bytes = new byte[5_000_011];
        new Random(7).nextBytes(bytes);
        ArtifactStore.Stored stored = store.put(new Trickle(bytes));
        assertThat(stored).isEqualTo(new ArtifactStore.Stored(Digest.of(bytes), bytes.length));
        assertThat(Arrays.equals(read(stored.digest()), bytes)).isTrue();
    }

    @Test
    void theSameBytesAreStoredOnceAndFoundAsOften() throws IOException {
        byte[] bytes = "again".getBytes(UTF_8);
        assertThat(put(bytes)).isEqualTo(put(bytes));
        try (InputStream one = store.open(Digest.of(bytes));
                InputStream two = store.open(Digest.of(bytes))) {
            assertThat(one.readAllBytes()).isEqualTo(bytes);
            assertThat(two.readAllBytes()).isEqualTo(bytes);
        }
    }

    @Test
    void whatIsNotThereIsNamed() {
        Digest digest = Digest.of("missing".getBytes(UTF_8));
        assertThat(store.contains(digest)).isFalse();
        assertThatThrownBy(() -> store.open(digest))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining(digest.hex());
    }

    @Test
    void aSourceThatFailsLeavesNothing() {
        byte[] bytes = new byte[300_000];
        IOException broken = new IOException("the source broke");
        assertThatThrownBy(() -> store.put(new Failing(bytes, broken)))
                .isInstanceOf(StorageException.class)
                .hasRootCause(broken);
        assertThat(store.contains(Digest.of(bytes))).isFalse();
        assertThat(store.contains(Digest.of(new byte[0]))).isFalse();
    }

    @Test
    void aSourceThatThrowsUncheckedLeavesNothing() {
        byte[] bytes = new byte[300_000];
        IllegalStateException broken = new IllegalStateException("the source broke");
        assertThatThrownBy(() -> store.put(new Failing(bytes, broken))).isSameAs(broken);
        assertThat(store.contains(Digest.of(bytes))).isFalse();
    }

    @Test
    void afterAFailureTheSameBytesCanBeStored() throws IOException {
        byte[] bytes = "second try".getBytes(UTF_8);
        assertThatThrownBy(() -> store.put(new Failing(bytes, new IOException("broken"))))
                .isInstanceOf(StorageException.class);
        put(bytes);
        assertThat(read(Digest.of(bytes))).isEqualTo(bytes);
    }

    @Test
    void closingTheSourceIsLeftToTheCaller() throws IOException {
        AtomicBoolean closed = new AtomicBoolean();
        try (InputStream source = new ByteArrayInputStream(new byte[10]) {
            @Override
            public void close() {
                closed.set(true);
            }
        }) {
            store.put(source);
            assertThat(closed).isFalse();
        }
    }

    @Test
    void theSameBytesFromManyThreadsAreOneContent() throws IOException {
        byte[] bytes = new byte[200_000];
        new Random(3).nextBytes(bytes);
        List<ArtifactStore.Stored> stored = Concurrently.run(8, thread -> put(bytes));
        assertThat(new HashSet<>(stored)).hasSize(1);
        assertThat(read(Digest.of(bytes))).isEqualTo(bytes);
    }

    @Test
    void differentBytesFromManyThreadsAreAllKept() {
        List<List<Digest>> stored = Concurrently.run(
                8,
                thread -> IntStream.range(0, 20)
                        .mapToObj(i -> put((thread + "/" + i).getBytes(UTF_8)).digest())
                        .toList());
        assertThat(stored.stream().flatMap(List::stream))
                .hasSize(160)
                .doesNotHaveDuplicates()
                .allMatch(store::contains);
    }

    @Test
    void anInterruptedThreadCanStoreAndStaysInterrupted() throws IOException {
        byte[] bytes = "from an interrupted thread".getBytes(UTF_8);
        Thread.currentThread().interrupt();
        try {
            put(bytes);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
        assertThat(read(Digest.of(bytes))).isEqualTo(bytes);
    }

    @Test
    void aClosedStoreSaysSo() {
        Digest digest = put(new byte[1]).digest();
        store.close();
        store.close();
        assertThatThrownBy(() -> put(new byte[1])).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> store.open(digest)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> store.contains(digest)).isInstanceOf(ClosedException.class);
    }

    private ArtifactStore.Stored put(byte[] bytes) {
        return store.put(new ByteArrayInputStream(bytes));
    }

    private byte[] read(Digest digest) throws IOException {
        try (InputStream in = store.open(digest)) {
            return in.readAllBytes();
        }
    }

    /** Gives its bytes in pieces of odd sizes, as a network does. */
    private static final class Trickle extends ByteArrayInputStream {
        Trickle(byte[] bytes) {
            super(bytes);
        }

        @Override
        public synchronized int read(byte[] into, int offset, int length) {
            return super.read(into, offset, Math.min(length, 7_919));
        }

        @Override
        public synchronized byte[] readAllBytes() {
            return Arrays.copyOfRange(buf, pos, count);
        }
    }

    /** Gives all of its bytes, and then fails where the end should be. */
    private static final class Failing extends InputStream {
        private final ByteArrayInputStream bytes;
        private final Exception failure;

        Failing(byte[] bytes, Exception failure) {
            this.bytes = new ByteArrayInputStream(bytes);
            this.failure = failure;
        }

        @Override
        public int read() throws IOException {
            int next = bytes.read();
            return next < 0 ? fail() : next;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int count = bytes.read(into, offset, length);
            return count < 0 ? fail() : count;
        }

        private int fail() throws IOException {
            if (failure instanceof IOException checked) {
                throw checked;
            }
            throw (RuntimeException) failure;
        }
    }
}
