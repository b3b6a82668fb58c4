package io.jvmlops.api.registry;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which models there are, in which versions, and which of them is live. A version never changes; an alias is moved by
 * compare-and-set, and every move is kept.
 *
 * <p>Implementations are safe for use by several threads and pass {@code ModelRegistryContract} of mlops-test. Every
 * method may throw {@link StorageException}, and {@link ClosedException} after {@link #close}.
 */
public interface ModelRegistry extends AutoCloseable {
    /**
     * Adds the next version of a model, the first if the model is new.
     *
     * @throws NotFoundException if a file of the manifest is not in the artifact store
     */
    ModelVersion register(NewModelVersion version);

    /** The version that a reference means now, or empty. */
    Optional<ModelVersion> find(ModelRef ref);

    /** The versions of a model, oldest first; empty if there is no such model. */
    List<ModelVersion> versions(String model);

    /** The versions of all models that came from a run, oldest first; empty if there are none. */
    List<ModelVersion> versionsFromRun(String runId);

    /** The names of all models, sorted. */
    List<String> models();

    /** The aliases of a model, sorted, each with the version it points at. */
    Map<String, Integer> aliases(String model);

    /**
     * Moves an alias if it points where the caller thinks it does.
     *
     * @param expected the version it must point at, or null if it must not exist
     * @param to the version it will point at, or null to remove it
     * @param why in the caller's words
     * @throws InvalidInputException if the alias is not one, see {@link ModelRef.Alias}, or both versions are null
     * @throws ConflictException if it points elsewhere; the message says where
     * @throws NotFoundException if there is no version {@code to}
     */
    AliasChange compareAndSetAlias(
            String model, String alias, @Nullable Integer expected, @Nullable Integer to, String why);

    /** Every move of an alias, oldest first. */
    List<AliasChange> aliasHistory(String model, String alias);

    /**
     * The files of a version, verified as they are read.
     *
     * @throws NotFoundException if this registry has no such version with such a digest
     */
    ModelFiles files(ModelVersion version);

    /**
     * Tells of every alias moved through this object, after it is durable, on the mover's thread, which holds no
     * lock of the registry. A listener that throws is logged and harms nobody. Moves by other processes are not told; poll {@link #find} for those.
     *
     * @return close it to be told no more
     */
    Subscription subscribe(Consumer<AliasChange> listener);

    /**
     * The version that a reference means now.
     *
     * @throws NotFoundException if there is none; the message lists what there is
     */
    default ModelVersion get(ModelRef ref) {
        return find(ref).orElseThrow(() -> {
            List<ModelVersion> versions = versions(ref.name());
            return new NotFoundException(
                    versions.isEmpty()
                            ? "no model '" + ref.name() + "' is registered; there are " + models()
                            : "model '" + ref.name() + "' has no " + ref + "; it has versions "
                                    + versions.stream()
                                            .map(ModelVersion::version)
                                            .toList() + " and aliases "
                                    + aliases(ref.name()));
        });
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
