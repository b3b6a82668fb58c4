package io.jvmlops.serving.tribuo;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.metadata.Keys;
import java.nio.charset.StandardCharsets;

/** Names and values of Tribuo's, which are of any length, as a store keeps them. */
final class Texts {
    private static final String CUT = "...";

    private Texts() {}

    /** A key that is one in {@link Keys}; what is too long ends in a hash, so that two keys stay two. */
    static String key(String text) {
        String clean = Keys.tolerated(text.replaceAll("\\p{Cc}", " "), Integer.MAX_VALUE);
        if (clean.isBlank()) {
            return "(blank)";
        }
        if (clean.length() <= Keys.MAX_KEY) {
            return clean;
        }
        String hash =
                "~" + Digest.of(text.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 8);
        return Keys.tolerated(clean, Keys.MAX_KEY - hash.length()) + hash;
    }

    static String value(String text, int limit) {
        String kept = Keys.tolerated(text, limit);
        return text.length() <= limit ? kept : Keys.tolerated(text, limit - CUT.length()) + CUT;
    }
}
