package io.jvmlops.api.model;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.IntegrityException;
import java.util.Set;

/**
 * Decides whether a model's files may be loaded, before anything of them is parsed: a signature check, an allow-list of
 * digests, a policy. Runs beside the check of every file against the manifest, which always happens.
 *
 * <p>Implementations are thread-safe and pass {@code ModelVerifierContract} of mlops-test.
 */
@FunctionalInterface
public interface ModelVerifier {
    /**
     * Returns if the files may be loaded.
     *
     * @throws IntegrityException if not; the message says why
     */
    void verify(ModelFiles files);

    /**
     * Lets only these versions pass: for a host that keeps the list of what was approved apart from the registry.
     *
     * @param approved digests of manifests, as {@link ModelFiles#digest()} gives them; copied
     */
    static ModelVerifier allowing(Set<Digest> approved) {
        Set<Digest> copy = Set.copyOf(approved);
        return files -> {
            if (!copy.contains(files.digest())) {
                throw new IntegrityException("model " + files.name() + " with " + files.digest() + " is not among the "
                        + copy.size() + " approved. It was not loaded");
            }
        };
    }
}
