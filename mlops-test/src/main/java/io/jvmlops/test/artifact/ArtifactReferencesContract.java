package io.jvmlops.test.artifact;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.ArtifactReferences.Reference;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.test.Concurrently;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link ArtifactReferences} does. Extend it, and give it a store and how to add references to it. The times are
 * whole milliseconds, which every store can keep.
 */
public abstract class ArtifactReferencesContract {
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00.123Z");

    private ArtifactReferences store;

    /** A store without references, new for every test; the subclass closes it. */
    protected abstract ArtifactReferences open() throws Exception;

    /**
     * Adds something that refers to these bytes, which are stored already, and durably so when this returns.
     *
     * @param name another one each time
     * @param storedSince as the caller of the store says
     * @return the references that there are now because of it
     * @throws StorageException if the store refuses them as too old
     */
    protected abstract Set<Reference> add(String name, byte[] content, Instant storedSince);

    /**
     * Deletes what {@link #add} has added, as far as that can be undone; by default nothing.
     *
     * @return whether it can be restored, so that its references stay
     */
    protected boolean delete(String name) {
        return true;
    }

    /** Opens the same store again, as another process would; by default the same object. */
    protected ArtifactReferences again() throws Exception {
        return store;
    }

    @BeforeEach
    final void openStore() throws Exception {
        store = open();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static Set<Reference> references(ArtifactReferences store) {
        Set<Reference> references = new HashSet<>();
        store.forEachReference(references::add);
        return references;
    }

    @Test
    void aStoreWithoutEntriesRefersToNothing() {
        assertThat(references(store)).isEmpty();
        store.beginCollection(T0);
        assertThat(references(store)).isEmpty();
    }

    @Test
    void everyReferenceIsTold() {
        Set<Reference> added = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            Set<Reference> more = add("entry" + i, bytes("content " + i), T0);
            assertThat(more).isNotEmpty();
            added.addAll(more);
        }
        // The same bytes once more.
        added.addAll(add("again", bytes("content 0"), T0));
        assertThat(references(store)).isEqualTo(added);
        if (added.stream().noneMatch(Reference::isManifest)) {
            assertThat(added).extracting(Reference::digest).contains(Digest.of(bytes("content 3")));
        }
    }

    @Test
    void whatCanBeRestoredIsStillReferredTo() {
        Set<Reference> kept = add("kept", bytes("kept"), T0);
        Set<Reference> deleted = add("deleted", bytes("deleted"), T0);
        Set<Reference> expected = new HashSet<>(kept);
        if (delete("deleted")) {
            expected.addAll(deleted);
        }
        assertThat(references(store)).isEqualTo(expected);
    }

    @Test
    void bytesStoredBeforeTheLimitAreRefusedAndNothingIsChanged() {
        Set<Reference> before = add("before", bytes("before"), T0);
        store.beginCollection(T0.plusMillis(10));
        assertThatThrownBy(() -> add("late", bytes("late"), T0.plusMillis(9)))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("collected")
                .asInstanceOf(InstanceOfAssertFactories.type(StorageException.class))
                .matches(StorageException::retryable, "is retryable");
        assertThat(references(store)).isEqualTo(before);
    }

    @Test
    void bytesStoredAtTheLimitOrLaterAreTaken() {
        store.beginCollection(T0);
        Set<Reference> expected = new HashSet<>(add("at", bytes("at"), T0));
        expected.addAll(add("after", bytes("after"), T0.plusMillis(1)));
        // Renewed, and tried again.
        assertThatThrownBy(() -> add("late", bytes("late"), T0.minusMillis(1))).isInstanceOf(StorageException.class);
        expected.addAll(add("late", bytes("late"), T0));
        assertThat(references(store)).isEqualTo(expected);
    }

    @Test
    void bytesThatAreReferredToAlreadyAreNoOtherCase() {
        add("first", bytes("same"), T0);
        store.beginCollection(T0.plusMillis(1));
        assertThatThrownBy(() -> add("second", bytes("same"), T0)).isInstanceOf(StorageException.class);
    }

    @Test
    void anEarlierLimitChangesNothing() {
        store.beginCollection(T0);
        store.beginCollection(T0.minusSeconds(3600));
        assertThatThrownBy(() -> add("late", bytes("late"), T0.minusMillis(1))).isInstanceOf(StorageException.class);
        store.beginCollection(T0);
        add("new", bytes("new"), T0);
    }

    @Test
    void theLimitIsKept() throws Exception {
        store.beginCollection(T0);
        store = again();
        assertThatThrownBy(() -> add("late", bytes("late"), T0.minusMillis(1))).isInstanceOf(StorageException.class);
    }

    @Test
    void manyReferencesAreToldWhileOthersComeAndGo() {
        Set<Reference> before = new LinkedHashSet<>();
        for (int i = 0; i < 40; i++) {
            before.addAll(add("before" + i, bytes("before " + i), T0));
        }
        List<Set<Reference>> told = Concurrently.run(4, thread -> {
            for (int i = 0; i < 10; i++) {
                add("thread" + thread + "-" + i, bytes(thread + " " + i), T0);
            }
            return references(store);
        });
        assertThat(told).allMatch(references -> references.containsAll(before));
    }

    /** The rule that collecting stands on: whatever was not refused is told to every later collection. */
    @Test
    void whatIsAddedWhileCollectionsBeginIsToldOrRefused() {
        // Each entry is as old as the limit at the time: those that lose the race are refused.
        AtomicLong now = new AtomicLong(T0.toEpochMilli());
        int collectors = 2;
        List<Set<Reference>> all = Concurrently.run(4, thread -> {
            Set<Reference> mine = new HashSet<>();
            for (int i = 0; i < 25; i++) {
                if (thread < collectors) {
                    Instant limit = Instant.ofEpochMilli(now.incrementAndGet());
                    store.beginCollection(limit);
                } else {
                    Instant since = Instant.ofEpochMilli(now.get());
                    try {
                        mine.addAll(add("racing" + thread + "-" + i, bytes(thread + "/" + i), since));
                    } catch (StorageException refused) {
                        assertThat(refused.retryable()).isTrue();
                        assertThat(now.get()).isGreaterThan(since.toEpochMilli());
                    }
                }
            }
            return mine;
        });
        Set<Reference> acknowledged = all.stream().flatMap(Set::stream).collect(Collectors.toSet());
        assertThat(references(store)).isEqualTo(acknowledged);
        store.beginCollection(Instant.ofEpochMilli(now.get() + 1));
        assertThat(IntStream.range(0, 3))
                .allSatisfy(age -> assertThatThrownBy(
                                () -> add("old" + age, bytes("old"), Instant.ofEpochMilli(now.get() - age)))
                        .isInstanceOf(StorageException.class));
    }
}
