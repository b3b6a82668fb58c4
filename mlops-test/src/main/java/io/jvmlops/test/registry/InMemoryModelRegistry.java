package io.jvmlops.test.registry;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.metadata.MetadataChanges;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.AliasListeners;
import io.jvmlops.api.registry.ModelInfo;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.api.registry.VersionTags;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps models, versions and aliases in memory, for tests: everything is gone with the object. */
public final class InMemoryModelRegistry implements ModelRegistry, ArtifactReferences {
    private final ArtifactStore artifacts;
    private final InstantSource clock;
    private final Supplier<String> actor;
    private final Map<String, Model> models = new TreeMap<>();
    /** Those that are not deleted, in the order of their registration. */
    private final List<Entry> entries = new ArrayList<>();

    private final List<AliasChange> moves = new ArrayList<>();
    private final AliasListeners listeners = new AliasListeners();
    private Instant collectedBefore = Instant.MIN;
    private boolean closed;

    public InMemoryModelRegistry(ArtifactStore artifacts) {
        this(artifacts, InstantSource.system(), () -> "test");
    }

    /**
     * @param artifacts holds the versions' files; not closed by this
     * @param actor says who registers and moves
     */
    public InMemoryModelRegistry(ArtifactStore artifacts, InstantSource clock, Supplier<String> actor) {
        this.artifacts = artifacts;
        this.clock = clock;
        this.actor = actor;
    }

    @Override
    public synchronized ModelInfo createModel(String name, MetadataChanges description) {
        requireOpen();
        ModelRef.checkName(name);
        if (model(name) != null) {
            throw new ConflictException("there is a model '" + name + "' already");
        }
        create(name).describe(description, clock.instant());
        return info(name);
    }

    private Model create(String name) {
        Model model = models.computeIfAbsent(name, unused -> new Model());
        model.deleted = false;
        model.createdAt = clock.instant();
        model.updatedAt = model.createdAt;
        model.description = "";
        return model;
    }

    @Override
    public synchronized Optional<ModelInfo> findModel(String name) {
        requireOpen();
        return model(name) == null ? Optional.empty() : Optional.of(info(name));
    }

    private ModelInfo info(String name) {
        Model model = require(name);
        return new ModelInfo(
                name,
                model.description,
                model.tags,
                model.createdAt,
                model.updatedAt,
                versions(name).size(),
                model.aliases);
    }

    /** Null if there is none. */
    private @Nullable Model model(String name) {
        Model model = models.get(name);
        return model == null || model.deleted ? null : model;
    }

    private Model require(String name) {
        Model model = model(name);
        if (model == null) {
            throw new NotFoundException("no model '" + name + "' is registered");
        }
        return model;
    }

    @Override
    public synchronized ModelInfo updateModel(String name, MetadataChanges changes) {
        requireOpen();
        require(name).describe(changes, clock.instant());
        return info(name);
    }

    @Override
    public synchronized void deleteModel(String name) {
        requireOpen();
        Model model = require(name);
        if (!model.aliases.isEmpty()) {
            throw new ConflictException(
                    "model '" + name + "' cannot be deleted: it has aliases " + model.aliases + "; remove them first");
        }
        entries.removeIf(entry -> entry.version.name().equals(name));
        model.tags.clear();
        model.deleted = true;
    }

    @Override
    public synchronized ModelVersion register(NewModelVersion version) {
        requireOpen();
        Instant since = artifacts.now();
        List<String> missing = version.files().files().stream()
                .filter(file -> !artifacts.renew(file.digest()))
                .map(FileEntry::path)
                .toList();
        if (!missing.isEmpty()) {
            throw new NotFoundException("model '" + version.name() + "' cannot be registered: its files " + missing
                    + " are not in the artifact store; put them there first");
        }
        if (since.isBefore(collectedBefore)) {
            throw new StorageException(
                    "model '" + version.name() + "' cannot be registered: garbage has been collected up to "
                            + collectedBefore + ", and its files may be gone. Try again",
                    null,
                    true);
        }
        Model present = model(version.name());
        Model model = present == null ? create(version.name()) : present;
        Instant now = clock.instant();
        model.updatedAt = now;
        ModelVersion added = new ModelVersion(
                version.name(),
                ++model.lastVersion,
                version.files().digest(),
                now,
                actor.get(),
                now,
                version.origin(),
                version.signature(),
                version.inputExample(),
                version.description(),
                version.tags());
        entries.add(new Entry(added, version.files()));
        return added;
    }

    @Override
    public synchronized ModelVersion updateVersion(ModelRef.Version ref, MetadataChanges changes) {
        requireOpen();
        VersionTags.requireStageUntouched(changes);
        Entry entry = require(ref);
        ModelVersion before = entry.version;
        Map<String, String> tags = new LinkedHashMap<>(before.tags());
        tags.keySet().removeAll(changes.removedTags());
        tags.putAll(changes.tags());
        entry.version = new ModelVersion(
                before.name(),
                before.version(),
                before.digest(),
                before.createdAt(),
                before.createdBy(),
                clock.instant(),
                before.origin(),
                before.signature(),
                before.inputExample(),
                changes.description() == null ? before.description() : changes.description(),
                tags);
        return entry.version;
    }

    @Override
    public synchronized void deleteVersion(ModelRef.Version ref) {
        requireOpen();
        Entry entry = require(ref);
        Model model = require(ref.name());
        List<String> pointing = model.aliases.entrySet().stream()
                .filter(alias -> alias.getValue() == ref.version())
                .map(Map.Entry::getKey)
                .toList();
        if (!pointing.isEmpty()) {
            throw new ConflictException("model " + ref + " cannot be deleted: aliases " + pointing
                    + " point at it; move or remove them first");
        }
        entries.remove(entry);
        model.updatedAt = clock.instant();
    }

    private Entry require(ModelRef.Version ref) {
        Entry entry = entry(ref.name(), ref.version());
        if (entry == null) {
            throw new NotFoundException("there is no version " + ref.version() + " of model '" + ref.name() + "'");
        }
        return entry;
    }

    private @Nullable Entry entry(String name, int version) {
        for (Entry entry : entries) {
            if (entry.version.version() == version && entry.version.name().equals(name)) {
                return entry;
            }
        }
        return null;
    }

    @Override
    public synchronized Optional<ModelVersion> find(ModelRef ref) {
        requireOpen();
        Model model = model(ref.name());
        if (model == null) {
            return Optional.empty();
        }
        Integer number = ref instanceof ModelRef.Version exact
                ? Integer.valueOf(exact.version())
                : model.aliases.get(((ModelRef.Alias) ref).alias());
        Entry entry = number == null ? null : entry(ref.name(), number);
        return entry == null ? Optional.empty() : Optional.of(entry.version);
    }

    @Override
    public synchronized List<ModelVersion> versions(String model) {
        return where(entry -> entry.version.name().equals(model));
    }

    @Override
    public synchronized List<ModelVersion> versionsFromRun(String runId) {
        return where(entry -> runId.equals(entry.version.runId()));
    }

    @Override
    public synchronized List<ModelVersion> versionsTrainedOn(Digest dataset) {
        return where(entry -> entry.version.origin().datasets().stream()
                .anyMatch(trainedOn -> trainedOn.digest().equals(dataset)));
    }

    @Override
    public synchronized List<ModelVersion> versionsWithFile(Digest file) {
        return where(
                entry -> entry.files.files().stream().anyMatch(of -> of.digest().equals(file)));
    }

    private List<ModelVersion> where(Predicate<Entry> condition) {
        requireOpen();
        return entries.stream().filter(condition).map(entry -> entry.version).toList();
    }

    @Override
    public synchronized List<String> models() {
        requireOpen();
        return models.keySet().stream().filter(name -> model(name) != null).toList();
    }

    @Override
    public synchronized Map<String, Integer> aliases(String model) {
        requireOpen();
        Model found = model(model);
        return found == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(found.aliases));
    }

    @Override
    public AliasChange compareAndSetAlias(
            String model, String alias, @Nullable Integer expected, @Nullable Integer to, String why) {
        AliasChange change = set(new ModelRef.Alias(model, alias), expected, to, why);
        listeners.tell(change);
        return change;
    }

    private synchronized AliasChange set(
            ModelRef.Alias ref, @Nullable Integer expected, @Nullable Integer to, String why) {
        requireOpen();
        if (expected == null && to == null) {
            throw new InvalidInputException(
                    "alias " + ref + " cannot move from nowhere to nowhere: expected a version before or after");
        }
        checkWhy(ref, why);
        if (to != null && entry(ref.name(), to) == null) {
            throw new NotFoundException("alias " + ref + " cannot point at version " + to
                    + ": there is none; the model has "
                    + versions(ref.name()).stream().map(ModelVersion::version).toList());
        }
        Model model = requireAt(ref, expected);
        return add(model, AliasChange.Kind.SET, ref, expected, to, why, model.newest.get(ref.alias()));
    }

    @Override
    public AliasChange rollback(String model, String alias, @Nullable Integer expected, String why) {
        AliasChange change = back(new ModelRef.Alias(model, alias), expected, why);
        listeners.tell(change);
        return change;
    }

    private synchronized AliasChange back(ModelRef.Alias ref, @Nullable Integer expected, String why) {
        requireOpen();
        checkWhy(ref, why);
        Model model = requireAt(ref, expected);
        Move newest = model.newest.get(ref.alias());
        for (Move to = newest == null ? null : newest.previous; to != null; to = to.previous) {
            if (to.to != null && !to.to.equals(expected) && entry(ref.name(), to.to) != null) {
                return add(model, AliasChange.Kind.ROLLBACK, ref, expected, to.to, why, to.previous);
            }
        }
        throw new ConflictException("alias " + ref + " cannot go back: there is no version that it pointed at before "
                + "and that is still registered");
    }

    private static void checkWhy(ModelRef.Alias ref, String why) {
        Keys.checkValue("reason for moving alias " + ref, why, MAX_WHY);
    }

    private Model requireAt(ModelRef.Alias ref, @Nullable Integer expected) {
        Model model = model(ref.name());
        Integer present = model == null ? null : model.aliases.get(ref.alias());
        if (!Objects.equals(present, expected)) {
            throw new ConflictException("alias " + ref + " was expected at "
                    + (expected == null ? "no version" : "version " + expected) + " and is at "
                    + (present == null ? "none" : "version " + present));
        }
        // What was never registered has no alias to move.
        return model == null ? new Model() : model;
    }

    private AliasChange add(
            Model model,
            AliasChange.Kind kind,
            ModelRef.Alias ref,
            @Nullable Integer from,
            @Nullable Integer to,
            String why,
            @Nullable Move previous) {
        AliasChange change = new AliasChange(
                moves.size() + 1, kind, ref.name(), ref.alias(), from, to, actor.get(), clock.instant(), why);
        if (to == null) {
            model.aliases.remove(ref.alias());
        } else {
            model.aliases.put(ref.alias(), to);
        }
        model.newest.put(ref.alias(), new Move(to, previous));
        moves.add(change);
        return change;
    }

    @Override
    public synchronized List<AliasChange> aliasHistory(String model, String alias) {
        requireOpen();
        return moves.stream()
                .filter(move -> move.model().equals(model) && move.alias().equals(alias))
                .toList();
    }

    @Override
    public synchronized List<AliasChange> aliasChanges(long after, int limit) {
        requireOpen();
        if (limit < 1 || limit > MAX_CHANGES) {
            throw new IllegalArgumentException("a limit of " + limit + " moves: expected 1 to " + MAX_CHANGES);
        }
        return moves.stream()
                .filter(move -> move.sequence() > after)
                .limit(limit)
                .toList();
    }

    @Override
    public synchronized ModelFiles files(ModelVersion version) {
        requireOpen();
        Entry entry = entry(version.name(), version.version());
        if (entry == null || !entry.version.digest().equals(version.digest())) {
            throw new NotFoundException("there is no version " + version.ref() + " with " + version.digest());
        }
        return ModelFiles.of(version.ref().toString(), entry.files, file -> artifacts.open(file.digest()));
    }

    @Override
    public Verification verify(ModelVersion version) {
        return files(version).verify();
    }

    @Override
    public synchronized void beginCollection(Instant limit) {
        requireOpen();
        if (limit.isAfter(collectedBefore)) {
            collectedBefore = limit;
        }
    }

    @Override
    public void forEachReference(Consumer<Reference> to) {
        List<Manifest> manifests;
        synchronized (this) {
            requireOpen();
            manifests = entries.stream().map(entry -> entry.files).toList();
        }
        for (Manifest manifest : manifests) {
            manifest.files().forEach(file -> to.accept(new Reference(file.digest(), false)));
        }
    }

    @Override
    public synchronized Subscription subscribe(Consumer<AliasChange> listener) {
        requireOpen();
        return listeners.add(listener);
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("this model registry in memory has been closed");
        }
    }

    private static final class Entry {
        ModelVersion version;
        final Manifest files;

        Entry(ModelVersion version, Manifest files) {
            this.version = version;
            this.files = files;
        }
    }

    /** Where an alias went, and the move that it goes back to next. */
    private record Move(@Nullable Integer to, @Nullable Move previous) {}

    private static final class Model {
        String description = "";
        final Map<String, String> tags = new TreeMap<>();
        Instant createdAt = Instant.EPOCH;
        Instant updatedAt = Instant.EPOCH;
        int lastVersion;
        boolean deleted;
        final Map<String, Integer> aliases = new HashMap<>();
        /** The last move of each alias, of one that was removed too. */
        final Map<String, Move> newest = new HashMap<>();

        void describe(MetadataChanges changes, Instant now) {
            if (changes.description() != null) {
                description = changes.description();
            }
            tags.keySet().removeAll(changes.removedTags());
            tags.putAll(changes.tags());
            updatedAt = now;
        }
    }
}
