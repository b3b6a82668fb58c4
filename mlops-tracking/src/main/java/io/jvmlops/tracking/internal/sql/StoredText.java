package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.metadata.Keys;

/** Which texts can be in a database at all. What cannot must not be asked for: the question would be another one. */
final class StoredText {
    private StoredText() {}

    /** Not with U+0000, which PostgreSQL has not, nor with half a character, which drivers make a question mark. */
    static boolean isPossible(String text) {
        return text.equals(Keys.tolerated(text, Integer.MAX_VALUE));
    }
}
