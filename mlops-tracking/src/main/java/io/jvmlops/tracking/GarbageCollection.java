package io.jvmlops.tracking;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.search.Page;
import io.jvmlops.api.tracking.ExperimentInfo;
import io.jvmlops.api.tracking.ExperimentQuery;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.api.tracking.View;
import io.jvmlops.tracking.internal.sql.GarbageLimit;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the artifacts that nothing refers to: no run, no model version, no dataset.
 *
 * <pre>{@code
 * GarbageCollection garbage = tracking.garbage().grace(Duration.ofHours(6)).purgeRunsDeletedFor(Duration.ofDays(30));
 * System.out.println(garbage.preview());
 * System.out.println(garbage.collect());
 * }</pre>
 *
 * <p>Others read and write meanwhile, in whatever process. What was stored a moment ago may have no name yet, so what is
 * newer than the grace period stays. Who takes longer than that to store something and then refer to it is refused with
 * a {@link StorageException} that says so, and has to store it again; what was acknowledged is never collected. With local
 * files, deleting waits while a backup is made. Two collections at once are harmless.
 *
 * <p>Takes about 100 bytes of memory for each artifact that is referred to, at most 80 for each that is not, and what one
 * manifest of a dataset takes. Not thread-safe; no threads of its own.
 */
public final class GarbageCollection {
    /** For how long nothing is garbage, unless said otherwise. */
    public static final Duration DEFAULT_GRACE = Duration.ofDays(1);

    private static final Logger LOG = LoggerFactory.getLogger(GarbageCollection.class);
    private static final int FAILURES = 20;
    private static final int TELL_EVERY = 1_000;

    private final TrackingStore runs;
    private final ArtifactStore artifacts;
    private final List<ArtifactReferences> owners;
    private final InstantSource clock;
    private Duration grace = DEFAULT_GRACE;
    private @Nullable Duration purgeAfter;
    private Consumer<Progress> listener = progress -> {};

    /** @param clock stamps deletions of runs */
    GarbageCollection(
            TrackingStore runs, ArtifactStore artifacts, List<ArtifactReferences> owners, InstantSource clock) {
        this.runs = runs;
        this.artifacts = artifacts;
        this.owners = List.copyOf(owners);
        this.clock = clock;
    }

    /** @throws IllegalStateException if one of the stores does not say what it refers to */
    static GarbageCollection of(TrackingStore runs, ArtifactStore artifacts, List<?> stores, InstantSource clock) {
        List<ArtifactReferences> owners = new ArrayList<>();
        for (Object store : stores) {
            if (!(store instanceof ArtifactReferences references)) {
                throw new IllegalStateException("no garbage can be collected: " + store + " (of "
                        + store.getClass().getName()
                        + ") does not say which artifacts it refers to, and may need all of"
                        + " them; expected an implementation of "
                        + ArtifactReferences.class.getName());
            }
            owners.add(references);
        }
        owners.addAll(GarbageLimit.beside(owners, artifacts));
        return new GarbageCollection(runs, artifacts, owners, clock);
    }

    /** What a collection is doing. */
    public enum Phase {
        /** Removing runs and experiments. */
        PURGING,
        /** Asking what is referred to. */
        MARKING,
        /** Looking at what there is. */
        LISTING,
        /** Deleting what nothing refers to. */
        DELETING
    }

    /**
     * How far a collection has come.
     *
     * @param done how many runs and experiments, references, or artifacts the phase has dealt with so far
     */
    public record Progress(Phase phase, long done) {}

    /**
     * For how long after it was stored nothing is garbage: longer than anybody takes from storing something to referring to
     * it. {@link #DEFAULT_GRACE} if not set.
     *
     * @param grace 0 or more
     */
    public GarbageCollection grace(Duration grace) {
        this.grace = notNegative("grace", grace);
        return this;
    }

    /**
     * First removes for good the runs that were deleted so long ago, and experiments that were and have no runs then; see
     * {@link TrackingStore#purgeRun}. If not set, none are: deleted runs can be restored, and so keep their artifacts.
     *
     * @param age 0 or more
     */
    public GarbageCollection purgeRunsDeletedFor(Duration age) {
        this.purgeAfter = notNegative("age", age);
        return this;
    }

    private static Duration notNegative(String what, Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(what + " of " + duration + ": expected 0 or more");
        }
        return duration;
    }

    /** Is told now and then, on the caller's thread. What it throws is logged, and stops nothing. */
    public GarbageCollection onProgress(Consumer<Progress> listener) {
        this.listener = Objects.requireNonNull(listener);
        return this;
    }

    /**
     * Says what {@link #collect} would do now, and changes nothing at all. If runs are to be purged, it asks for the
     * artifacts of all others one by one.
     *
     * @throws IntegrityException as by {@link #collect}
     * @throws StorageException if a store cannot be read
     */
    public GarbageReport preview() {
        Purge purge = plan();
        Instant limit = before(artifacts.now(), grace);
        Garbage found = find(limit, mark(purge));
        return found.report(true, limit, purge.runs.size(), purge.experiments.size(), 0, List.of());
    }

    /**
     * Deletes what nothing refers to. What cannot be deleted is counted, and does not stop the rest.
     *
     * @throws IntegrityException if a manifest of a dataset, or what else says what is referred to, is damaged or missing:
     *     then no artifact is deleted; runs may have been purged
     * @throws StorageException if a store cannot be read or written; what is deleted by then was garbage
     */
    public GarbageReport collect() {
        Purge purged = purge(plan());
        Instant limit = before(artifacts.now(), grace);
        // First for all: from here on, whatever becomes referred to is newer than what is deleted, or refused.
        owners.forEach(owner -> owner.beginCollection(limit));
        Garbage found = find(limit, mark(Purge.NONE));
        GarbageReport report = delete(found, limit, purged);
        LOG.info("{}: {}", artifacts, report);
        return report;
    }

    /** A long time ago if it is longer than there have been times. */
    private static Instant before(Instant now, Duration age) {
        Duration most = Duration.between(Instant.EPOCH, now);
        return age.compareTo(most) < 0 ? now.minus(age) : Instant.EPOCH;
    }

    private record Purge(Set<String> runs, Set<String> experiments) {
        static final Purge NONE = new Purge(Set.of(), Set.of());
    }

    /** What has been deleted for long enough. */
    private Purge plan() {
        Duration age = purgeAfter;
        if (age == null) {
            return Purge.NONE;
        }
        Instant limit = before(clock.instant(), age);
        Set<String> goneRuns = new LinkedHashSet<>();
        forEachRun(RunQuery.all().view(View.DELETED), run -> {
            if (isBefore(run.deletedAt(), limit)) {
                goneRuns.add(run.id());
            }
        });
        Set<String> goneExperiments = new LinkedHashSet<>();
        ExperimentQuery query = ExperimentQuery.all().view(View.DELETED);
        String next = null;
        do {
            Page<ExperimentInfo> page = runs.searchExperiments(query.after(next));
            for (ExperimentInfo experiment : page.items()) {
                if (isBefore(experiment.deletedAt(), limit)) {
                    Set<String> left = new HashSet<>();
                    forEachRun(RunQuery.all().view(View.ALL).inExperiment(experiment.id()), run -> {
                        if (!goneRuns.contains(run.id())) {
                            left.add(run.id());
                        }
                    });
                    if (left.isEmpty()) {
                        goneExperiments.add(experiment.id());
                    }
                }
            }
            next = page.next();
        } while (next != null);
        return new Purge(goneRuns, goneExperiments);
    }

    private static boolean isBefore(@Nullable Instant deletedAt, Instant limit) {
        return deletedAt != null && !deletedAt.isAfter(limit);
    }

    private void forEachRun(RunQuery query, Consumer<RunInfo> to) {
        String next = null;
        do {
            Page<RunInfo> page = runs.search(query.after(next));
            page.items().forEach(to);
            next = page.next();
        } while (next != null);
    }

    /** Returns what it has removed. */
    private Purge purge(Purge plan) {
        Set<String> goneRuns = new HashSet<>();
        Set<String> goneExperiments = new HashSet<>();
        Count count = new Count(Phase.PURGING);
        for (String run : plan.runs) {
            if (purged(() -> runs.purgeRun(run))) {
                goneRuns.add(run);
            }
            count.one();
        }
        for (String experiment : plan.experiments) {
            if (purged(() -> runs.purgeExperiment(experiment))) {
                goneExperiments.add(experiment);
            }
            count.one();
        }
        count.end();
        return new Purge(goneRuns, goneExperiments);
    }

    /** Somebody may have restored it by now, or purged it. */
    private static boolean purged(Runnable purge) {
        try {
            purge.run();
            return true;
        } catch (ConflictException | NotFoundException e) {
            LOG.debug("Not purged: {}", e.getMessage());
            return false;
        }
    }

    /**
     * What is referred to.
     *
     * @param without runs that do not count
     */
    private DigestSet mark(Purge without) {
        Count count = new Count(Phase.MARKING);
        DigestSet marked = new DigestSet();
        DigestSet manifests = new DigestSet();
        for (ArtifactReferences owner : owners) {
            if (owner == runs && !without.runs.isEmpty()) {
                forEachRun(RunQuery.all().view(View.ALL), run -> {
                    if (!without.runs.contains(run.id())) {
                        markRun(run.id(), marked, count);
                    }
                });
            } else {
                owner.forEachReference(reference -> {
                    marked.add(reference.digest());
                    if (reference.isManifest()) {
                        manifests.add(reference.digest());
                    }
                    count.one();
                });
            }
        }
        // Not while the owners are being asked: they may be reading a database meanwhile.
        manifests.forEach(digest -> markFiles(digest, marked, count));
        count.end();
        return marked;
    }

    private void markRun(String run, DigestSet marked, Count count) {
        Manifest files;
        try {
            files = runs.artifacts(run);
        } catch (NotFoundException e) {
            // Purged by somebody else.
            return;
        }
        for (FileEntry file : files.files()) {
            marked.add(file.digest());
            count.one();
        }
    }

    private void markFiles(Digest digest, DigestSet marked, Count count) {
        String what = "no garbage was collected: the manifest " + digest + " in " + artifacts;
        String remedy = ", so nobody knows which artifacts belong to it. Restore it from a backup, or delete what"
                + " refers to it";
        byte[] text;
        try (InputStream in = artifacts.open(digest)) {
            text = in.readAllBytes();
        } catch (NotFoundException e) {
            if (!isReferredTo(digest)) {
                // It was a moment ago; another collection was quicker.
                return;
            }
            throw new IntegrityException(what + " is missing" + remedy, e);
        } catch (IOException e) {
            throw new StorageException(what + " cannot be read: " + e, e);
        }
        if (!Digest.of(text).equals(digest)) {
            throw new IntegrityException(what + " was altered: it is " + Digest.of(text) + " now" + remedy);
        }
        Manifest manifest;
        try {
            manifest = Manifest.parse(text);
        } catch (InvalidInputException e) {
            throw new IntegrityException(what + " is none: " + e.getMessage() + remedy, e);
        }
        for (FileEntry file : manifest.files()) {
            marked.add(file.digest());
            count.one();
        }
    }

    private boolean isReferredTo(Digest digest) {
        Set<Digest> found = new HashSet<>();
        for (ArtifactReferences owner : owners) {
            owner.forEachReference(reference -> {
                if (reference.isManifest() && reference.digest().equals(digest)) {
                    found.add(digest);
                }
            });
        }
        return !found.isEmpty();
    }

    /** What there is. */
    private static final class Garbage {
        private static final int WORDS = 5;

        /** Four words of a digest, and the size. */
        private long[] garbage = new long[64 * WORDS];

        private int count;
        private long bytes;
        private long kept;
        private long keptBytes;
        private long recent;
        private long recentBytes;

        void add(ArtifactStore.Entry entry) {
            int place = count * WORDS;
            if (place == garbage.length) {
                garbage = Arrays.copyOf(garbage, Math.multiplyExact(place, 2));
            }
            for (int word = 0; word < 4; word++) {
                garbage[place + word] = DigestSet.word(entry.digest(), word);
            }
            garbage[place + 4] = entry.size();
            count++;
            bytes += entry.size();
        }

        Digest digest(int index) {
            int place = index * WORDS;
            return DigestSet.digest(garbage[place], garbage[place + 1], garbage[place + 2], garbage[place + 3]);
        }

        long size(int index) {
            return garbage[index * WORDS + 4];
        }

        GarbageReport report(
                boolean preview, Instant limit, long runs, long experiments, long failed, List<String> failures) {
            return new GarbageReport(
                    preview,
                    limit,
                    count,
                    bytes,
                    kept,
                    keptBytes,
                    recent,
                    recentBytes,
                    failed,
                    failures,
                    runs,
                    experiments);
        }
    }

    private Garbage find(Instant limit, DigestSet marked) {
        Count count = new Count(Phase.LISTING);
        Garbage found = new Garbage();
        artifacts.list(entry -> {
            boolean isMarked = marked.contains(entry.digest());
            boolean isNew = !entry.storedAt().isBefore(limit);
            if (!isMarked && !isNew) {
                found.add(entry);
            } else {
                found.kept++;
                found.keptBytes += entry.size();
            }
            if (!isMarked && isNew) {
                found.recent++;
                found.recentBytes += entry.size();
            }
            count.one();
        });
        count.end();
        return found;
    }

    private GarbageReport delete(Garbage found, Instant limit, Purge purged) {
        Count count = new Count(Phase.DELETING);
        long failed = 0;
        List<String> failures = new ArrayList<>();
        int listed = found.count;
        found.count = 0;
        found.bytes = 0;
        for (int i = 0; i < listed; i++) {
            Digest digest = found.digest(i);
            long size = found.size(i);
            try {
                if (artifacts.delete(digest, limit)) {
                    found.count++;
                    found.bytes += size;
                } else if (artifacts.contains(digest)) {
                    // Stored again meanwhile.
                    found.kept++;
                    found.keptBytes += size;
                    found.recent++;
                    found.recentBytes += size;
                }
            } catch (StorageException e) {
                failed++;
                found.kept++;
                found.keptBytes += size;
                if (failures.size() < FAILURES) {
                    failures.add(String.valueOf(e.getMessage()));
                }
            }
            count.one();
        }
        count.end();
        return found.report(false, limit, purged.runs.size(), purged.experiments.size(), failed, failures);
    }

    /** Counts, and tells of it. */
    private final class Count {
        private final Phase phase;
        private long done;

        Count(Phase phase) {
            this.phase = phase;
        }

        void one() {
            done++;
            if (done % TELL_EVERY == 0) {
                end();
            }
        }

        void end() {
            try {
                listener.accept(new Progress(phase, done));
            } catch (RuntimeException e) {
                LOG.warn("A listener to a garbage collection has failed", e);
            }
        }
    }
}
