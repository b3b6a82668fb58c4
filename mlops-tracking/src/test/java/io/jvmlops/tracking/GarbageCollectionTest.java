package io.jvmlops.tracking;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.ExperimentChanges;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.View;
import io.jvmlops.test.ManualClock;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.test.tracking.InMemoryTrackingStore;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What is collected and what is kept, on stores in memory and a clock that stands still. */
class GarbageCollectionTest {
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00Z");

    private final ManualClock clock = new ManualClock(T0);
    private final InMemoryTrackingStore runs = new InMemoryTrackingStore(clock);
    private final InMemoryArtifactStore artifacts = new InMemoryArtifactStore(clock);
    private final Manifests manifests = new Manifests();

    /** Refers to manifests, as a store of datasets does. */
    private static final class Manifests implements ArtifactReferences {
        private final List<Digest> digests = new ArrayList<>();
        private final List<Instant> limits = new ArrayList<>();

        @Override
        public void beginCollection(Instant limit) {
            limits.add(limit);
        }

        @Override
        public void forEachReference(Consumer<Reference> to) {
            digests.forEach(digest -> to.accept(new Reference(digest, true)));
        }
    }

    private GarbageCollection garbage() {
        return GarbageCollection.of(runs, artifacts, List.of(runs, manifests), clock);
    }

    private Digest put(String text) {
        return artifacts.put(new ByteArrayInputStream(text.getBytes(UTF_8))).digest();
    }

    private String run(String id, String... texts) {
        runs.createRun(new NewRun(id, runs.experiment("e").id(), id, T0));
        RunChanges.Builder changes = RunChanges.builder().storedSince(clock.instant());
        for (String text : texts) {
            changes.artifact(new FileEntry(text, text.length(), put(text)));
        }
        runs.updateRun(id, changes.build());
        return id;
    }

    private List<Digest> stored() {
        List<Digest> stored = new ArrayList<>();
        artifacts.list(entry -> stored.add(entry.digest()));
        return stored;
    }

    private static Digest digest(String text) {
        return Digest.of(text.getBytes(UTF_8));
    }

    private void delete(String run) {
        runs.updateRun(run, RunChanges.builder().delete().build());
    }

    @Test
    void whatNothingRefersToIsCollectedAfterTheGracePeriod() {
        run("a", "of a", "shared");
        delete(run("b", "of b", "shared"));
        put("garbage");
        clock.advance(Duration.ofHours(23));
        put("young");
        clock.advance(Duration.ofHours(1).plusMillis(1));
        GarbageReport preview = garbage().preview();
        assertThat(stored()).hasSize(5);
        assertThat(runs.findRun("a")).isPresent();
        GarbageReport report = garbage().collect();
        assertThat(stored())
                .containsExactlyInAnyOrder(digest("of a"), digest("of b"), digest("shared"), digest("young"));
        assertThat(report)
                .isEqualTo(new GarbageReport(
                        false, clock.instant().minus(Duration.ofDays(1)), 1, 7, 4, 19, 1, 5, 0, List.of(), 0, 0));
        assertThat(preview)
                .isEqualTo(new GarbageReport(
                        true, clock.instant().minus(Duration.ofDays(1)), 1, 7, 4, 19, 1, 5, 0, List.of(), 0, 0));
        assertThat(preview.toString())
                .contains("would collect 1 artifacts (7 bytes)", "1 artifacts (5 bytes) are unused");
        assertThat(garbage().collect().collected()).isZero();
        assertThat(garbage().grace(Duration.ZERO).collect().collected()).isEqualTo(1);
        put("just now");
        assertThat(garbage().grace(Duration.ZERO).collect().collected()).isZero();
        clock.advance(Duration.ofMillis(1));
        assertThat(garbage().grace(Duration.ZERO).collect().collected()).isEqualTo(1);
    }

    @Test
    void aPreviewChangesNothingAndIsWhatHappens() {
        run("kept", "of kept", "shared");
        delete(run("old", "of old", "shared", "shared with garbage"));
        String emptied = runs.createExperiment("emptied", java.util.Map.of()).id();
        runs.createRun(new NewRun("within", emptied, "within", T0));
        runs.updateExperiment(emptied, ExperimentChanges.delete());
        clock.advance(Duration.ofDays(2));
        delete(run("recent", "of recent"));
        clock.advance(Duration.ofHours(1));
        GarbageCollection garbage = garbage().grace(Duration.ofMinutes(1)).purgeRunsDeletedFor(Duration.ofDays(1));
        var before = runs.search(RunQuery.all().view(View.ALL)).items();
        GarbageReport preview = garbage.preview();
        assertThat(runs.search(RunQuery.all().view(View.ALL)).items()).isEqualTo(before);
        assertThat(runs.findExperiment(emptied)).isPresent();
        assertThat(manifests.limits).isEmpty();
        // No limit was set either.
        run("old-bytes", "anything");
        runs.updateRun(
                "old-bytes",
                RunChanges.builder()
                        .artifact(new FileEntry("x", 1, digest("anything")))
                        .storedSince(T0)
                        .build());
        GarbageReport report = garbage.collect();
        assertThat(preview.purgedRuns()).isEqualTo(2).isEqualTo(report.purgedRuns());
        assertThat(preview.purgedExperiments()).isEqualTo(1).isEqualTo(report.purgedExperiments());
        assertThat(preview.collected()).isEqualTo(2).isEqualTo(report.collected());
        assertThat(preview.collectedBytes()).isEqualTo(report.collectedBytes());
        assertThat(preview.kept() + 1).isEqualTo(report.kept());
        assertThat(stored())
                .containsExactlyInAnyOrder(
                        digest("of kept"), digest("shared"), digest("of recent"), digest("anything"));
        assertThat(runs.findRun("old")).isEmpty();
        assertThat(runs.findRun("recent")).isPresent();
        assertThat(runs.findExperiment(emptied)).isEmpty();
        assertThat(report.toString()).contains("purged 2 runs and 1 experiments");
    }

    @Test
    void anExperimentWithARunThatIsNotPurgedStays() {
        String experiment = runs.experiment("e").id();
        run("restorable", "of it");
        clock.advance(Duration.ofDays(1));
        runs.updateExperiment(experiment, ExperimentChanges.delete());
        clock.advance(Duration.ofDays(1));
        delete("restorable");
        clock.advance(Duration.ofHours(1));
        GarbageReport report = garbage()
                .grace(Duration.ZERO)
                .purgeRunsDeletedFor(Duration.ofHours(12))
                .collect();
        assertThat(report.purgedRuns() + report.purgedExperiments()).isZero();
        assertThat(runs.findExperiment(experiment)).isPresent();
        assertThat(stored()).containsExactly(digest("of it"));
    }

    @Test
    void theFilesOfAManifestAreKept() {
        Manifest manifest = new Manifest(List.of(
                new FileEntry("a", 1, put("a")), new FileEntry("b/c", 2, put("bc")), new FileEntry("d", 1, put("a"))));
        manifests.digests.add(put(new String(manifest.toBytes(), UTF_8)));
        put("garbage");
        clock.advance(Duration.ofDays(2));
        GarbageReport report = garbage().collect();
        assertThat(report.collected()).isEqualTo(1);
        assertThat(stored()).containsExactlyInAnyOrder(digest("a"), digest("bc"), manifest.digest());
        assertThat(manifests.limits).containsExactly(clock.instant().minus(Duration.ofDays(1)));
    }

    @Test
    void aDamagedOrMissingManifestStopsEverything() {
        Manifest manifest = new Manifest(List.of(new FileEntry("a", 1, put("a"))));
        Digest digest = put(new String(manifest.toBytes(), UTF_8));
        manifests.digests.add(digest);
        put("garbage");
        clock.advance(Duration.ofDays(2));
        byte[] damaged = manifest.toBytes();
        Random random = new Random(9);
        for (int i = 0; i < 100; i++) {
            damaged = manifest.toBytes();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            artifacts.damage(digest, damaged);
            assertThatThrownBy(() -> garbage().collect())
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining(digest.toString())
                    .hasMessageContaining("altered");
            assertThatThrownBy(() -> garbage().preview()).isInstanceOf(IntegrityException.class);
        }
        artifacts.lose(digest);
        assertThatThrownBy(() -> garbage().collect())
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining(digest.toString())
                .hasMessageContaining("missing");
        assertThat(stored()).containsExactlyInAnyOrder(digest("a"), digest("garbage"));
        Digest none = put("no manifest");
        manifests.digests.clear();
        manifests.digests.add(none);
        assertThatThrownBy(() -> garbage().collect())
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("line 1");
        assertThat(stored()).hasSize(3);
        manifests.digests.clear();
        assertThat(garbage().collect().collected()).isEqualTo(2);
    }

    @Test
    void whatIsNotReferredToAnyMoreByTheTimeItIsReadIsNoDamage() {
        Digest gone = digest("gone");
        ArtifactReferences vanishing = new ArtifactReferences() {
            private boolean told;

            @Override
            public void beginCollection(Instant limit) {}

            @Override
            public void forEachReference(Consumer<Reference> to) {
                if (!told) {
                    told = true;
                    to.accept(new Reference(gone, true));
                }
            }
        };
        put("garbage");
        clock.advance(Duration.ofDays(2));
        assertThat(GarbageCollection.of(runs, artifacts, List.of(runs, vanishing), clock)
                        .collect()
                        .collected())
                .isEqualTo(1);
    }

    @Test
    void aStoreThatDoesNotSayWhatItNeedsIsNamed() {
        assertThatThrownBy(() -> GarbageCollection.of(runs, artifacts, List.of(runs, "a store of the host"), clock))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a store of the host")
                .hasMessageContaining(ArtifactReferences.class.getName());
        assertThatThrownBy(() -> garbage().grace(Duration.ofMillis(-1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> garbage().purgeRunsDeletedFor(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(garbage().grace(Duration.ofSeconds(Long.MAX_VALUE)).collect().collected())
                .isZero();
    }

    @Test
    void aStoreThatCannotSayWhatItNeedsStopsEverything() {
        ArtifactReferences broken = new ArtifactReferences() {
            @Override
            public void beginCollection(Instant limit) {}

            @Override
            public void forEachReference(Consumer<Reference> to) {
                throw new StorageException("unreachable", null, true);
            }
        };
        put("garbage");
        clock.advance(Duration.ofDays(2));
        assertThatThrownBy(() -> GarbageCollection.of(runs, artifacts, List.of(runs, broken), clock)
                        .collect())
                .isInstanceOf(StorageException.class);
        assertThat(stored()).hasSize(1);
    }

    @Test
    void aDeleteThatFailsIsCountedAndTheNextCollectionTriesAgain() {
        List<Digest> garbage = List.of(put("one"), put("two"), put("three"));
        clock.advance(Duration.ofDays(2));
        Digest stuck = garbage.get(1);
        ArtifactStore sticky = new Forwarding(artifacts) {
            @Override
            public boolean delete(Digest digest, Instant before) {
                if (digest.equals(stuck)) {
                    throw new StorageException("stuck", null);
                }
                return super.delete(digest, before);
            }
        };
        GarbageReport report =
                GarbageCollection.of(runs, sticky, List.of(runs), clock).collect();
        assertThat(report.collected()).isEqualTo(2);
        assertThat(report.failed()).isEqualTo(1);
        assertThat(report.failures()).containsExactly("stuck");
        assertThat(report.kept()).isEqualTo(1);
        assertThat(report.toString()).contains("1 could not be deleted: stuck");
        assertThat(garbage().collect().collected()).isEqualTo(1);
    }

    @Test
    void whatIsStoredAgainWhileItIsLookedAtIsKept() {
        Digest digest = put("reborn");
        clock.advance(Duration.ofDays(2));
        ArtifactStore reviving = new Forwarding(artifacts) {
            @Override
            public boolean delete(Digest which, Instant before) {
                GarbageCollectionTest.this.put("reborn");
                return super.delete(which, before);
            }
        };
        GarbageReport report =
                GarbageCollection.of(runs, reviving, List.of(runs), clock).collect();
        assertThat(report.collected()).isZero();
        assertThat(report.kept()).isEqualTo(1);
        assertThat(artifacts.contains(digest)).isTrue();
    }

    @Test
    void aListenerIsToldOfAllPhasesAndCannotStopThem() {
        put("garbage");
        clock.advance(Duration.ofDays(2));
        List<GarbageCollection.Phase> phases = new ArrayList<>();
        GarbageReport report = garbage()
                .onProgress(progress -> {
                    phases.add(progress.phase());
                    throw new IllegalStateException("a listener that fails");
                })
                .collect();
        assertThat(phases).containsExactly(GarbageCollection.Phase.values());
        assertThat(report.collected()).isEqualTo(1);
    }

    /** Hands everything on. */
    private static class Forwarding implements ArtifactStore {
        private final ArtifactStore to;

        Forwarding(ArtifactStore to) {
            this.to = to;
        }

        @Override
        public Stored put(InputStream content) {
            return to.put(content);
        }

        @Override
        public InputStream open(Digest digest) {
            return to.open(digest);
        }

        @Override
        public boolean contains(Digest digest) {
            return to.contains(digest);
        }

        @Override
        public boolean renew(Digest digest) {
            return to.renew(digest);
        }

        @Override
        public Instant now() {
            return to.now();
        }

        @Override
        public void list(Consumer<Entry> entries) {
            to.list(entries);
        }

        @Override
        public boolean delete(Digest digest, Instant before) {
            return to.delete(digest, before);
        }

        @Override
        public void close() {
            to.close();
        }
    }
}
