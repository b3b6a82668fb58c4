package io.jvmlops.api.monitoring;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.StorageException;
import java.util.List;
import java.util.Optional;

/**
 * Keeps profiles by the digest of the model version they belong to: its reference, and what was seen in windows of
 * time. Holds bytes; what they mean is the codec's business.
 *
 * <p>Implementations are safe for use by several threads and pass {@code ProfileStoreContract} of mlops-test. Every
 * method may throw {@link StorageException}.
 */
public interface ProfileStore {
    /** The name under which a version's reference profile is kept. */
    String REFERENCE = "reference";

    /**
     * Stores a profile, over one of the same name.
     *
     * @param name 1 to 64 of letters, digits, {@code _}, {@code -} and {@code .}, the first a letter or digit
     * @throws InvalidInputException if the name is not one
     */
    void put(Digest model, String name, byte[] profile);

    Optional<byte[]> get(Digest model, String name);

    /** The names under which profiles of a version are kept, sorted. */
    List<String> names(Digest model);
}
