package io.jvmlops.serving.cache;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import java.lang.ref.WeakReference;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What all keys of one version have in common: the model's digest and form, its signature, how inputs become keys, and how
 * often somebody has had answers forgotten. Hashes are XXH3, 64 bits, from a seed that this process keeps to itself: who chooses
 * inputs cannot choose hashes.
 */
final class Scope {
    private static final long SECRET = new SecureRandom().nextLong();

    /**
     * All that are in use: equal ones are one object, so that no look-up compares headers. They would be several where a version
     * is loaded again, or twice.
     */
    private static final Map<Scope, WeakReference<Scope>> KNOWN = new WeakHashMap<>();

    private final byte[] header;
    private final int epoch;
    private final Hasher64 hasher;
    /** All ones, but where tests want keys to collide. */
    private final long mask;

    private Scope(byte[] header, int epoch, Hasher64 hasher, long mask) {
        this.header = header;
        this.epoch = epoch;
        this.hasher = hasher;
        this.mask = mask;
    }

    /**
     * A scope.
     *
     * @param header says all of it but the epoch, unambiguously
     * @param epoch answers of an earlier one are forgotten
     * @param mask the bits of hashes that count
     */
    static Scope of(byte[] header, int epoch, long mask) {
        long seed = Hashing.xxh3_64(SECRET).hashBytesToLong(header) + epoch;
        Scope made = new Scope(header, epoch, Hashing.xxh3_64(seed), mask);
        synchronized (KNOWN) {
            WeakReference<Scope> reference = KNOWN.get(made);
            Scope known = reference == null ? null : reference.get();
            if (known == null) {
                KNOWN.put(made, new WeakReference<>(made));
                known = made;
            }
            return known;
        }
    }

    Scope at(int newEpoch) {
        return of(header, newEpoch, mask);
    }

    /** Not to be changed. */
    byte[] header() {
        return header;
    }

    int epoch() {
        return epoch;
    }

    long hash(byte[] bytes, int length) {
        return hasher.hashBytesToLong(bytes, 0, length) & mask;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof Scope that
                        && epoch == that.epoch
                        && mask == that.mask
                        && Arrays.equals(header, that.header);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(header) + epoch;
    }
}
