package io.jvmlops.tracking;

import io.jvmlops.api.artifact.Digest;
import java.util.HexFormat;
import java.util.function.Consumer;

/**
 * Digests, 32 bytes each, in an array of at most three times that: a million of them have room where a million texts have
 * not. Not thread-safe.
 */
final class DigestSet {
    private static final int WORDS = 4;

    /** Four words each; four zeros where there is none. */
    private long[] table = new long[WORDS * 64];

    private int size;
    private boolean hasZero;

    /** Returns whether it is new. */
    boolean add(Digest digest) {
        if (3L * size > 2L * (table.length / WORDS)) {
            grow();
        }
        boolean added = add(word(digest, 0), word(digest, 1), word(digest, 2), word(digest, 3));
        if (added) {
            size++;
        }
        return added;
    }

    boolean contains(Digest digest) {
        long a = word(digest, 0);
        long b = word(digest, 1);
        long c = word(digest, 2);
        long d = word(digest, 3);
        return (a | b | c | d) == 0 ? hasZero : !isFree(find(a, b, c, d));
    }

    int size() {
        return size;
    }

    void forEach(Consumer<Digest> to) {
        if (hasZero) {
            to.accept(digest(0, 0, 0, 0));
        }
        for (int i = 0; i < table.length; i += WORDS) {
            if (!isFree(i)) {
                to.accept(digest(table[i], table[i + 1], table[i + 2], table[i + 3]));
            }
        }
    }

    private boolean add(long a, long b, long c, long d) {
        if ((a | b | c | d) == 0) {
            boolean added = !hasZero;
            hasZero = true;
            return added;
        }
        int place = find(a, b, c, d);
        if (!isFree(place)) {
            return false;
        }
        table[place] = a;
        table[place + 1] = b;
        table[place + 2] = c;
        table[place + 3] = d;
        return true;
    }

    /** Where it is, or the free place where it would be. A digest is random enough to be its own hash. */
    private int find(long a, long b, long c, long d) {
        int places = table.length / WORDS;
        int place = (int) Long.remainderUnsigned(a ^ b ^ c ^ d, places) * WORDS;
        while (!isFree(place)
                && (table[place] != a || table[place + 1] != b || table[place + 2] != c || table[place + 3] != d)) {
            place += WORDS;
            if (place == table.length) {
                place = 0;
            }
        }
        return place;
    }

    private boolean isFree(int place) {
        return (table[place] | table[place + 1] | table[place + 2] | table[place + 3]) == 0;
    }

    private void grow() {
        long[] old = table;
        table = new long[Math.multiplyExact(old.length, 2)];
        for (int i = 0; i < old.length; i += WORDS) {
            if ((old[i] | old[i + 1] | old[i + 2] | old[i + 3]) != 0) {
                add(old[i], old[i + 1], old[i + 2], old[i + 3]);
            }
        }
    }

    /** One of the four words of a digest. */
    static long word(Digest digest, int index) {
        return Long.parseUnsignedLong(digest.hex(), 16 * index, 16 * index + 16, 16);
    }

    static Digest digest(long a, long b, long c, long d) {
        HexFormat hex = HexFormat.of();
        return new Digest(hex.toHexDigits(a) + hex.toHexDigits(b) + hex.toHexDigits(c) + hex.toHexDigits(d));
    }
}
