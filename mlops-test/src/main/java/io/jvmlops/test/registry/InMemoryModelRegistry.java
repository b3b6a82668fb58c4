package io.jvmlops.test.registry;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.AliasListeners;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Keeps models, versions and aliases in memory, for tests: everything is gone with the object. */
public final class InMemoryModelRegistry implements ModelRegistry {

    private final ArtifactStore artifacts;
    private final InstantSource clock;
    private final Supplier<String> actor;
    private final Map<String, Model> models = new TreeMap<>();
    private final List<ModelVersion> inOrder = new ArrayList<>();
    private final AliasListeners listeners = new AliasListeners();
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
    public synchronized ModelVersion register(NewModelVersion version) {
        requireOpen();
        List<String> missing = version.files().files().stream()
                .filter(file -> !artifacts.contains(file.digest()))
                .map(FileEntry::path)
                .toList();
        if (!missing.isEmpty()) {
            throw new NotFoundException("model '" + version.name() + "' cannot be registered: its files " + missing
                    + " are not in the artifact store; put them there first");
        }
        Model model = models.computeIfAbsent(version.name(), name -> new Model());
        ModelVersion added = new ModelVersion(
                version.name(),
                model.versions.size() + 1,
                version.files().digest(),
                version.runId(),
                clock.instant(),
                actor.get(),
                version.provenance());
        model.versions.add(added);
        model.manifests.add(version.files());
        inOrder.add(added);
        return added;
    }

    @Override
    public synchronized Optional<ModelVersion> find(ModelRef ref) {
        requireOpen();
        Model model = models.get(ref.name());
        if (model == null) {
            return Optional.empty();
        }
        Integer number = ref instanceof ModelRef.Version exact
                ? exact.version()
                : model.aliases.get(((ModelRef.Alias) ref).alias());
        return number == null || number > model.versions.size()
                ? Optional.empty()
                : Optional.of(model.versions.get(number - 1));
    }

    @Override
    public synchronized List<ModelVersion> versions(String model) {
        requireOpen();
        Model found = models.get(model);
        return found == null ? List.of() : List.copyOf(found.versions);
    }

    @Override
    public synchronized List<ModelVersion> versionsFromRun(String runId) {
        requireOpen();
        return inOrder.stream().filter(v -> runId.equals(v.runId())).toList();
    }

    @Override
    public synchronized List<String> models() {
        requireOpen();
        return List.copyOf(models.keySet());
    }

    @Override
    public synchronized Map<String, Integer> aliases(String model) {
        requireOpen();
        Model found = models.get(model);
        return found == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(found.aliases));
    }

    @Override
    public AliasChange compareAndSetAlias(
            String model, String alias, @Nullable Integer expected, @Nullable Integer to, String why) {
        AliasChange change = move(new ModelRef.Alias(model, alias), expected, to, why);
        listeners.tell(change);
        return change;
    }

    private synchronized AliasChange move(
            ModelRef.Alias ref, @Nullable Integer expected, @Nullable Integer to, String why) {
        requireOpen();
        if (expected == null && to == null) {
            throw new InvalidInputException(
                    "alias " + ref + " cannot move from nowhere to nowhere: expected a version before or after");
        }
        Model model = models.get(ref.name());
        if (to != null && (model == null || to < 1 || to > model.versions.size())) {
            throw new NotFoundException("alias " + ref + " cannot point at version " + to
                    + ": there is none; the model has " + (model == null ? 0 : model.versions.size()) + " versions");
        }
        Integer present = model == null ? null : model.aliases.get(ref.alias());
        if (model == null || !Objects.equals(present, expected)) {
            throw new ConflictException("alias " + ref + " was expected at "
                    + (expected == null ? "no version" : "version " + expected) + " and is at "
                    + (present == null ? "none" : "version " + present));
        }
        AliasChange change = new AliasChange(ref.name(), ref.alias(), present, to, actor.get(), clock.instant(), why);
        if (to == null) {
            model.aliases.remove(ref.alias());
        } else {
            model.aliases.put(ref.alias(), to);
        }
        model.history.add(change);
        return change;
    }

    @Override
    public synchronized List<AliasChange> aliasHistory(String model, String alias) {
        requireOpen();
        Model found = models.get(model);
        return found == null
                ? List.of()
                : found.history.stream().filter(c -> c.alias().equals(alias)).toList();
    }

    @Override
    public synchronized ModelFiles files(ModelVersion version) {
        requireOpen();
        Model model = models.get(version.name());
        if (model == null
                || version.version() < 1
                || version.version() > model.versions.size()
                || !model.versions.get(version.version() - 1).digest().equals(version.digest())) {
            throw new NotFoundException("there is no version " + version.ref() + " with " + version.digest());
        }
        return ModelFiles.of(
                version.ref().toString(),
                model.manifests.get(version.version() - 1),
                file -> artifacts.open(file.digest()));
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

    private static final class Model {
        final List<ModelVersion> versions = new ArrayList<>();
        final List<Manifest> manifests = new ArrayList<>();
        final Map<String, Integer> aliases = new HashMap<>();
        final List<AliasChange> history = new ArrayList<>();
    }
}
