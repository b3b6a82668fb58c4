package io.jvmlops.serving.cache;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What an answer depends on: the scope, which is model, schema and rule, and an input's canonical bytes. Two keys are equal
 * only if all of that is; the hash is computed once, where the bytes were written.
 */
final class CacheKey {
    private final Scope scope;
    private final byte[] bytes;
    private final long hash;
    private final boolean floats;

    /** @param bytes the key's from now on */
    CacheKey(Scope scope, byte[] bytes, long hash) {
        this(scope, bytes, hash, false);
    }

    /** @param floats whether the answer is remembered as a {@link FloatAnswer} */
    CacheKey(Scope scope, byte[] bytes, long hash, boolean floats) {
        this.scope = scope;
        this.bytes = bytes;
        this.hash = hash;
        this.floats = floats;
    }

    /** As a table spreads the upper half of an {@code int} over the lower, it gets the lower half of 64 mixed bits. */
    static int fold(long hash) {
        return (int) (hash ^ hash >>> 32);
    }

    Scope scope() {
        return scope;
    }

    /** Of who asked first; no part of what is compared. */
    boolean isOfFloats() {
        return floats;
    }

    /** Not to be changed. */
    byte[] bytes() {
        return bytes;
    }

    boolean matches(long otherHash, Scope otherScope, byte[] otherBytes, int length) {
        return hash == otherHash
                && bytes.length == length
                && Arrays.equals(bytes, 0, length, otherBytes, 0, length)
                && scope.equals(otherScope);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other || other instanceof CacheKey that && that.matches(hash, scope, bytes, bytes.length);
    }

    @Override
    public int hashCode() {
        return fold(hash);
    }
}
