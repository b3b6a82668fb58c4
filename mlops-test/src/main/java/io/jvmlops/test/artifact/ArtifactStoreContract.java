package io.jvmlops.test.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.test.Concurrently;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
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
    void theClockNeverGoesBack() {
        Instant last = store.now();
        for (int i = 0; i < 1_000; i++) {
            Instant now = store.now();
            assertThat(now).isAfterOrEqualTo(last);
            last = now;
        }
    }

    @Test
    void everythingStoredIsListedWithItsSizeAndTime() {
        assertThat(entries()).isEmpty();
        Instant before = store.now();
        ArtifactStore.Stored empty = put(new byte[0]);
        ArtifactStore.Stored some = put("some".getBytes(UTF_8));
        put("some".getBytes(UTF_8));
        assertThat(entries())
                .extracting(ArtifactStore.Entry::digest, ArtifactStore.Entry::size)
                .containsExactlyInAnyOrder(tuple(empty.digest(), 0L), tuple(some.digest(), 4L));
        assertThat(entries()).allMatch(entry -> !entry.storedAt().isBefore(before));
    }

    /** To the finest that the clock tells: a platform's own times of files lag behind its clock. */
    @Test
    void whatIsStoredIsNeverOlderThanTheCallThatStoredIt() {
        for (int i = 0; i < 200; i++) {
            Instant before = store.now();
            Digest digest = put(("content " + i % 3).getBytes(UTF_8)).digest();
            assertThat(entry(digest).storedAt()).isAfterOrEqualTo(before);
        }
    }

    @Test
    void whatIsRenewedIsNeverOlderThanTheCallThatRenewedIt() throws IOException {
        byte[] bytes = "renewed".getBytes(UTF_8);
        Digest digest = put(bytes).digest();
        for (int i = 0; i < 200; i++) {
            Instant before = store.now();
            assertThat(store.renew(digest)).isTrue();
            assertThat(entry(digest)).satisfies(entry -> {
                assertThat(entry.storedAt()).isAfterOrEqualTo(before);
                assertThat(entry.size()).isEqualTo(7);
            });
        }
        assertThat(read(digest)).isEqualTo(bytes);
    }

    @Test
    void whatIsNotThereIsNeitherRenewedNorDeleted() {
        Digest missing = Digest.of("missing".getBytes(UTF_8));
        assertThat(store.renew(missing)).isFalse();
        assertThat(store.contains(missing)).isFalse();
        assertThat(store.delete(missing, store.now().plusSeconds(60))).isFalse();
        put(new byte[1]);
        assertThat(store.delete(missing, store.now().plusSeconds(60))).isFalse();
        assertThat(entries()).hasSize(1);
    }

    @Test
    void whatIsOlderIsDeleted() throws IOException {
        byte[] bytes = "deleted".getBytes(UTF_8);
        Digest digest = put(bytes).digest();
        Digest other = put("other".getBytes(UTF_8)).digest();
        assertThat(store.delete(digest, later())).isTrue();
        assertThat(store.contains(digest)).isFalse();
        assertThat(store.renew(digest)).isFalse();
        assertThat(store.delete(digest, later())).isFalse();
        assertThatThrownBy(() -> store.open(digest)).isInstanceOf(NotFoundException.class);
        assertThat(entries()).extracting(ArtifactStore.Entry::digest).containsExactly(other);
        put(bytes);
        assertThat(read(digest)).isEqualTo(bytes);
    }

    @Test
    void whatIsNewerOrRenewedIsNotDeleted() {
        Instant before = store.now();
        Digest digest = put("kept".getBytes(UTF_8)).digest();
        assertThat(store.delete(digest, before)).isFalse();
        assertThat(store.delete(digest, entry(digest).storedAt())).isFalse();
        Instant between = later();
        assertThat(store.renew(digest)).isTrue();
        assertThat(store.delete(digest, between)).isFalse();
        Instant again = later();
        put("kept".getBytes(UTF_8));
        assertThat(store.delete(digest, again)).isFalse();
        assertThat(store.contains(digest)).isTrue();
    }

    @Test
    void whatIsBeingReadWhileItIsDeletedIsReadToItsEndOrStays() throws IOException {
        byte[] bytes = new byte[500_000];
        new Random(11).nextBytes(bytes);
        Digest digest = put(bytes).digest();
        try (InputStream in = store.open(digest)) {
            byte[] first = in.readNBytes(1_000);
            try {
                store.delete(digest, later());
            } catch (StorageException inUse) {
                // As some platforms have it.
            }
            assertThat(Arrays.equals(first, Arrays.copyOf(bytes, 1_000))).isTrue();
            assertThat(Arrays.equals(in.readAllBytes(), Arrays.copyOfRange(bytes, 1_000, bytes.length)))
                    .isTrue();
        }
    }

    /**
     * Threads store or renew the same few contents while others delete them. Whoever has stored or renewed since some time
     * finds the content afterwards, whatever is deleted that is older than that time.
     */
    @Test
    void whatWasStoredOrRenewedIsNotLostToADelete() {
        int contents = 40;
        int rounds = 150;
        // What is deleted is older than the oldest call that is still to look; as a collection's limit is.
        AtomicReferenceArray<Instant> since = new AtomicReferenceArray<>(6);
        AtomicInteger storing = new AtomicInteger(since.length());
        CountDownLatch oneDeleted = new CountDownLatch(1);
        List<Integer> deleted = Concurrently.run(8, thread -> {
            try {
                Random random = new Random(thread);
                int count = 0;
                for (int i = 0; thread < since.length() ? i < rounds : storing.get() > 0; i++) {
                    byte[] bytes = ("raced " + random.nextInt(contents)).getBytes(UTF_8);
                    Digest digest = Digest.of(bytes);
                    if (thread < since.length()) {
                        since.set(thread, store.now());
                        // Nothing that this call stores is older than that.
                        boolean there = random.nextBoolean()
                                ? store.renew(digest)
                                : put(bytes).size() > 0;
                        if (there) {
                            assertThat(read(digest)).isEqualTo(bytes);
                        }
                        since.set(thread, null);
                    } else {
                        Instant limit = store.now();
                        for (int other = 0; other < since.length(); other++) {
                            Instant of = since.get(other);
                            limit = of != null && of.isBefore(limit) ? of : limit;
                        }
                        if (store.delete(digest, limit)) {
                            count++;
                            oneDeleted.countDown();
                        }
                    }
                }
                if (thread < since.length()) {
                    // A busy machine may let all of these end before those that delete have begun.
                    assertThat(oneDeleted.await(30, TimeUnit.SECONDS)).isTrue();
                }
                return count;
            } finally {
                storing.decrementAndGet();
            }
        });
        assertThat(deleted.stream().mapToInt(Integer::intValue).sum()).isPositive();
        for (int i = 0; i < contents; i++) {
            put(("raced " + i).getBytes(UTF_8));
        }
        assertThat(entries()).hasSize(contents);
    }

    @Test
    void ofManyThatDeleteTheSameOneHasDeletedIt() {
        Digest digest = put("once".getBytes(UTF_8)).digest();
        Instant before = later();
        assertThat(Concurrently.run(8, thread -> store.delete(digest, before))).containsOnlyOnce(true);
    }

    private List<ArtifactStore.Entry> entries() {
        List<ArtifactStore.Entry> entries = new ArrayList<>();
        store.list(entries::add);
        return entries;
    }

    private ArtifactStore.Entry entry(Digest digest) {
        return entries().stream()
                .filter(entry -> entry.digest().equals(digest))
                .findFirst()
                .orElseThrow();
    }

    /** A time after that of everything stored so far, which comes at once. */
    private Instant later() {
        Instant newest = entries().stream()
                .map(ArtifactStore.Entry::storedAt)
                .max(Instant::compareTo)
                .orElseThrow();
        Instant now = store.now();
        while (!now.isAfter(newest)) {
            Thread.onSpinWait();
            now = store.now();
        }
        return now;
    }

    @Test
    void anInterruptedThreadCanStoreAndStaysInterrupted() throws IOException {
        byte[] bytes = "from an interrupted thread".getBytes(UTF_8);
        Thread.currentThread().interrupt();
        try {
            Digest digest = put(bytes).digest();
            assertThat(store.renew(digest)).isTrue();
            assertThat(store.delete(digest, later())).isTrue();
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
        assertThatThrownBy(() -> store.renew(digest)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> store.list(entry -> {})).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> store.delete(digest, Instant.EPOCH)).isInstanceOf(ClosedException.class);
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
