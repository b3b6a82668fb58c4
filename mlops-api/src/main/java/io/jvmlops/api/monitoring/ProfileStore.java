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
     * Stores a profile, over one of the same name: whoever reads gets the old or the new one, never a mixture. The array
     * is not kept.
     *
     * @param name 1 to 64 of letters, digits, {@code _}, {@code -} and {@code .}, the first a letter or digit
     * @throws InvalidInputException if the name is not one
     */
    void put(Digest model, String name, byte[] profile);

    /**
     * What was stored last under this name, or empty. The array is the caller's.
     *
     * @throws InvalidInputException if the name is not one
     */
    Optional<byte[]> get(Digest model, String name);

    /** The names under which profiles of a version are kept, sorted; empty if there are none. */
    List<String> names(Digest model);

    /**
     * Checks a name as {@link #put} takes it, for implementations.
     *
     * @return the name
     * @throws InvalidInputException if it is not 1 to 64 of letters, digits, {@code _}, {@code -} and {@code .}, the first
     *     a letter or digit
     */
    static String checkName(String name) {
        boolean valid = !name.isEmpty() && name.length() <= 64;
        for (int i = 0; valid && i < name.length(); i++) {
            char c = name.charAt(i);
            boolean alphanumeric = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            valid = alphanumeric || i > 0 && (c == '_' || c == '-' || c == '.');
        }
        if (!valid) {
            throw new InvalidInputException(
                    "name of a profile: expected 1 to 64 of A-Z a-z 0-9 _ - . with a letter or digit first, found "
                            + name.length() + " characters that do not fit");
        }
        return name;
    }
}
