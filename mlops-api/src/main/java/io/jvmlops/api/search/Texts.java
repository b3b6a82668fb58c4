package io.jvmlops.api.search;

import io.jvmlops.api.error.InvalidInputException;
import java.util.Set;

/** Texts in filters: what is refused, how they compare, how they fit a pattern. */
final class Texts {
    private static final Set<String> DATASET_KEYS = Set.of("name", "digest", "context");

    private Texts() {}

    static void checkKey(Field.Kind kind, String key) {
        if (kind == Field.Kind.DATASET && !DATASET_KEYS.contains(key)) {
            throw new InvalidInputException(
                    "dataset property \"" + clip(key) + "\" does not exist; expected name, digest or context");
        }
        if (key.isBlank() || key.length() > Field.MAX_KEY) {
            throw new InvalidInputException("key of " + kind.prefix() + " of " + key.length()
                    + " characters; expected 1 to " + Field.MAX_KEY + ", not blank");
        }
        for (int i = 0; i < key.length(); i++) {
            if (Character.isISOControl(key.charAt(i))) {
                throw new InvalidInputException(String.format(
                        "key of %s with control character U+%04X; no key has one", kind.prefix(), (int) key.charAt(i)));
            }
        }
        requireUnicode("key of " + kind.prefix(), key);
    }

    static void checkValue(Field field, String value) {
        if (value.length() > Filter.MAX_VALUE) {
            throw new InvalidInputException("text of " + value.length() + " characters for " + field
                    + "; expected at most " + Filter.MAX_VALUE + ", since no longer value is kept");
        }
        if (value.indexOf('\0') >= 0) {
            throw new InvalidInputException(
                    "text for " + field + " with U+0000; expected none, since not all stores" + " can keep it");
        }
        requireUnicode("text for " + field, value);
    }

    /** Half a character cannot be encoded in UTF-8: a database would be asked for something else. */
    private static void requireUnicode(String what, String text) {
        int at = unpaired(text);
        if (at >= 0) {
            throw new InvalidInputException(String.format(
                    "%s with unpaired surrogate U+%04X; expected whole characters", what, (int) text.charAt(at)));
        }
    }

    /** Where the first half of a character stands, or -1. */
    private static int unpaired(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (Character.charCount(text.codePointAt(i)) == 1) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }

    /** A short form of a text for a message. */
    static String clip(String text) {
        return text.codePointCount(0, text.length()) <= 40
                ? text
                : text.substring(0, text.offsetByCodePoints(0, 37)) + "...";
    }

    /** By code points, which is the order of the bytes in UTF-8. {@code String.compareTo} differs past U+FFFF. */
    static int compare(String a, String b) {
        int end = Math.min(a.length(), b.length());
        for (int i = 0; i < end; i++) {
            char c = a.charAt(i);
            char d = b.charAt(i);
            if (c != d) {
                boolean beyond = Character.isSurrogate(c);
                return beyond == Character.isSurrogate(d) ? Character.compare(c, d) : beyond ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /**
     * Whether a text fits a pattern. When a character does not fit, only the last {@code %} passed takes one more: an
     * earlier one cannot help, so the time is at most the product of the lengths.
     */
    static boolean like(String text, String pattern, boolean ignoreCase) {
        int t = 0;
        int p = 0;
        int afterPercent = -1;
        int resume = 0;
        while (t < text.length()) {
            int c = text.codePointAt(t);
            int want = p < pattern.length() ? pattern.codePointAt(p) : -1;
            if (want == '%') {
                p++;
                afterPercent = p;
                resume = t;
            } else if (want == '_' || want == c || ignoreCase && lower(want) == lower(c)) {
                t += Character.charCount(c);
                p += Character.charCount(want);
            } else if (afterPercent >= 0) {
                resume += Character.charCount(text.codePointAt(resume));
                t = resume;
                p = afterPercent;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '%') {
            p++;
        }
        return p == pattern.length();
    }

    private static int lower(int c) {
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }
}
