package io.jvmlops.test.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class InMemoryArtifactStoreTest extends ArtifactStoreContract {
    @Override
    protected ArtifactStore open() {
        return new InMemoryArtifactStore();
    }

    @Test
    void aClockThatIsSetBackDoesNotCostBytesThatWereStoredSince() {
        AtomicReference<Instant> clock = new AtomicReference<>(Instant.EPOCH.plusSeconds(60));
        try (InMemoryArtifactStore store = new InMemoryArtifactStore(clock::get)) {
            Digest old = store.put(new ByteArrayInputStream(new byte[] {1})).digest();
            clock.set(Instant.EPOCH.plusSeconds(120));
            Instant since = store.now();
            clock.set(Instant.EPOCH);
            Digest stored = store.put(new ByteArrayInputStream(new byte[] {2})).digest();
            assertThat(store.delete(stored, since)).isFalse();
            assertThat(store.renew(old)).isTrue();
            assertThat(store.delete(old, since)).isFalse();
        }
    }
}
