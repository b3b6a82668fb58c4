package io.jvmlops.api.model;

import io.jvmlops.api.error.ModelIntegrityException;

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
     * @throws ModelIntegrityException if not; the message says why
     */
    void verify(ModelFiles files);
}
