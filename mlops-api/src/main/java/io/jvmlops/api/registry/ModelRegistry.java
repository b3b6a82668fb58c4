package io.jvmlops.api.registry;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.metadata.MetadataChanges;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which models there are, in which versions, and which of them is live. The bytes of a version never change; an alias is
 * moved by compare-and-set, and every move is kept.
 *
 * <p>Implementations are safe for use by several threads and pass {@code ModelRegistryContract} of mlops-test. Every
 * method may throw {@link StorageException}, and {@link ClosedException} after {@link #close}.
 */
public interface ModelRegistry extends AutoCloseable {
    /** The longest reason for moving an alias, in characters. */
    int MAX_WHY = Keys.MAX_DESCRIPTION;

    /** The most moves that {@link #aliasChanges} gives at once. */
    int MAX_CHANGES = 10_000;

    /**
     * Adds a model that has no versions yet, to describe it first. {@link #register} adds models as well.
     *
     * @param name see {@link ModelRef#checkName}
     * @param description of the model
     * @throws ConflictException if there is one of that name
     */
    ModelInfo createModel(String name, MetadataChanges description);

    /** The model of that name, or empty. */
    Optional<ModelInfo> findModel(String name);

    /**
     * Applies all of the changes or none.
     *
     * @return the model as it is then
     * @throws NotFoundException if there is no such model
     */
    ModelInfo updateModel(String name, MetadataChanges changes);

    /**
     * Deletes a model with all its versions, as {@link #deleteVersion} does. A later model of that name goes on counting
     * versions.
     *
     * @throws NotFoundException if there is no such model
     * @throws ConflictException if it has aliases; the message names them
     */
    void deleteModel(String name);

    /**
     * Adds the next version of a model, the first if the model is new. Its files count as stored now.
     *
     * @throws NotFoundException if a file of the manifest is not in the artifact store
     * @throws StorageException also, and {@linkplain StorageException#retryable to be tried again}, if garbage was collected
     *     at the same time
     */
    ModelVersion register(NewModelVersion version);

    /**
     * Applies all of the changes or none.
     *
     * @return the version as it is then
     * @throws NotFoundException if there is no such version
     * @throws InvalidInputException if they set or remove the tag {@link VersionTags#LEGACY_STAGE}
     */
    ModelVersion updateVersion(ModelRef.Version version, MetadataChanges changes);

    /**
     * Deletes a version for good: nothing finds it any more, and its number is never used again. The history of aliases stays.
     * Its bytes go with the next garbage collection, unless something else refers to them.
     *
     * @throws NotFoundException if there is no such version
     * @throws ConflictException if aliases point at it; the message names them
     */
    void deleteVersion(ModelRef.Version version);

    /**
     * The version that a reference means now, or empty.
     *
     * @throws IntegrityException if what is stored of it is damaged
     */
    Optional<ModelVersion> find(ModelRef ref);

    /**
     * The versions of a model, oldest first; empty if there is no such model. A signature that is damaged is left out here
     * and in the other lists, so that one version does not hide the others; {@link #find} refuses it.
     */
    List<ModelVersion> versions(String model);

    /** The versions of all models that came from a run, oldest first; empty if there are none. */
    List<ModelVersion> versionsFromRun(String runId);

    /** The versions of all models that were trained on a dataset, oldest first; empty if there are none. */
    List<ModelVersion> versionsTrainedOn(Digest dataset);

    /** The versions of all models that have a file with these bytes, oldest first; empty if there are none. */
    List<ModelVersion> versionsWithFile(Digest file);

    /** The names of all models, sorted. */
    List<String> models();

    /** The aliases of a model, sorted, each with the version it points at. */
    Map<String, Integer> aliases(String model);

    /**
     * Moves an alias if it points where the caller thinks it does.
     *
     * @param expected the version it must point at, or null if it must not exist
     * @param to the version it will point at, or null to remove it
     * @param why in the caller's words, at most {@value #MAX_WHY} characters
     * @throws InvalidInputException if the alias is not one, see {@link ModelRef.Alias}, or both versions are null
     * @throws ConflictException if it points elsewhere; the message says where
     * @throws NotFoundException if there is no version {@code to}
     */
    AliasChange compareAndSetAlias(
            String model, String alias, @Nullable Integer expected, @Nullable Integer to, String why);

    /**
     * Points an alias back at the version that it pointed at before, and if that was a rollback too, further back. What is
     * skipped: times when it did not exist, versions that were deleted since, and the version that it has now. A move after
     * rollbacks begins anew from there: after 1, 2, 3, back to 2 and a move to 5, it goes back to 2, and then to 1.
     *
     * @param expected where the caller thinks it points, or null if it does not exist: of two who roll back at once, one does
     * @param why in the caller's words, at most {@value #MAX_WHY} characters
     * @throws ConflictException if it points elsewhere, or there is nothing to go back to
     */
    AliasChange rollback(String model, String alias, @Nullable Integer expected, String why);

    /**
     * Points an alias back, from wherever it points.
     *
     * @throws ConflictException if somebody else moved it meanwhile, or there is nothing to go back to
     */
    default AliasChange rollback(String model, String alias, String why) {
        return rollback(model, alias, aliases(model).get(alias), why);
    }

    /** Every move of an alias, oldest first. */
    List<AliasChange> aliasHistory(String model, String alias);

    /**
     * Every move of all aliases of a model, of those too that it no longer has, oldest first. As it stands here, it reads through
     * {@link #aliasChanges}.
     */
    default List<AliasChange> aliasHistory(String model) {
        List<AliasChange> history = new ArrayList<>();
        long after = 0;
        while (true) {
            List<AliasChange> changes = aliasChanges(after, MAX_CHANGES);
            changes.stream().filter(change -> change.model().equals(model)).forEach(history::add);
            if (changes.size() < MAX_CHANGES) {
                return history;
            }
            after = changes.get(changes.size() - 1).sequence();
        }
    }

    /**
     * The moves of all aliases of all models after some move, oldest first: for other processes to poll. Nothing that becomes
     * visible later has a lower {@link AliasChange#sequence}, so none is missed.
     *
     * @param after the sequence of the last one that is known; 0 for none
     * @param limit 1 to {@value #MAX_CHANGES}
     */
    List<AliasChange> aliasChanges(long after, int limit);

    /**
     * The files of a version, verified as they are read.
     *
     * @throws NotFoundException if this registry has no such version with such a digest
     * @throws IntegrityException if the list of its files is not what it was
     */
    ModelFiles files(ModelVersion version);

    /**
     * Hashes all files of a version again. Damage is reported, not thrown, be it of the files or of the list of them ({@link
     * Verification.Problem#MANIFEST}).
     *
     * @throws NotFoundException if there is no such version
     */
    Verification verify(ModelVersion version);

    /**
     * Tells of every alias moved through this object, after it is durable, on the mover's thread, which holds no
     * lock of the registry. A listener that throws is logged and harms nobody. Moves by other processes are not told; poll
     * {@link #aliasChanges} for those.
     *
     * @return close it to be told no more
     */
    Subscription subscribe(Consumer<AliasChange> listener);

    /**
     * The version that a reference means now.
     *
     * @throws NotFoundException if there is none; the message says what there is
     */
    default ModelVersion get(ModelRef ref) {
        return find(ref).orElseThrow(() -> RegistryMessages.notFound(this, ref));
    }

    /** Points an alias at a version, wherever it pointed before. */
    default AliasChange setAlias(String model, String alias, ModelVersion to) {
        return setAlias(model, alias, to, "");
    }

    /**
     * Points an alias at a version, wherever it pointed before.
     *
     * @throws NotFoundException if the version is not one of this model
     */
    default AliasChange setAlias(String model, String alias, ModelVersion to, String why) {
        if (!to.name().equals(model)) {
            throw new NotFoundException("alias '" + alias + "' of model '" + model + "' cannot point at " + to.ref());
        }
        ConflictException lost = null;
        // Each lost race means that somebody else moved the alias; nobody moves one hundreds of times a second.
        for (int attempt = 0; attempt < 100; attempt++) {
            try {
                return compareAndSetAlias(model, alias, aliases(model).get(alias), to.version(), why);
            } catch (ConflictException e) {
                lost = e;
            }
        }
        throw new ConflictException("alias '" + alias + "' of model '" + model + "' keeps moving", lost);
    }

    /** Releases what the registry holds. Closing twice is harmless. */
    @Override
    void close();

    /** An end to being told. */
    interface Subscription extends AutoCloseable {
        /** No call of the listener begins after this returns. */
        @Override
        void close();
    }
}
