package io.jvmlops.api.metadata;

import io.jvmlops.api.error.InvalidInputException;
import java.util.Map;
import java.util.Objects;

/** The limits of names, keys and values, which are those of MLflow. */
public final class Keys {
    /** The longest name of an experiment, run, param, metric or tag, in characters. */
    public static final int MAX_KEY = 250;
    /** The longest value of a param, in characters. */
    public static final int MAX_PARAM_VALUE = 6_000;
    /** The longest value of a tag, in characters. */
    public static final int MAX_TAG_VALUE = 8_000;

    /** The longest description of a model, version or dataset, in characters. */
    public static final int MAX_DESCRIPTION = 5_000;

    /** How much of a value a message shows, in characters. */
    private static final int SHOWN = 100;

    private Keys() {}

    /** A value as a message shows it: the start of a long one, on one line. */
    public static String clipped(String value) {
        String start = value.length() <= SHOWN ? value : tolerated(value, SHOWN) + "...";
        return start.replaceAll("\\p{Cntrl}", " ");
    }

    /** The text as a store can keep it: what {@link #checkValue} would refuse is replaced or cut off. */
    public static String tolerated(String text, int limit) {
        String cut = text.length() > limit ? text.substring(0, limit) : text;
        StringBuilder kept = new StringBuilder(cut.length());
        for (int i = 0; i < cut.length(); i++) {
            char c = cut.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < cut.length() && Character.isLowSurrogate(cut.charAt(i + 1))) {
                kept.append(c).append(cut.charAt(++i));
            } else if (!Character.isSurrogate(c)) {
                kept.append(c == 0 ? '\uFFFD' : c);
            } else if (i + 1 < cut.length()) {
                kept.append('\uFFFD');
            }
        }
        return kept.toString();
    }

    /**
     * Checks a name or key: 1 to {@value #MAX_KEY} characters, not blank, no control character, no unpaired surrogate.
     *
     * @param what for the message: {@code "key of a param"}
     * @return the key
     * @throws InvalidInputException if it is not
     */
    public static String check(String what, String key) {
        Objects.requireNonNull(key, () -> what + " is null");
        if (key.isBlank() || key.length() > MAX_KEY) {
            throw new InvalidInputException(what + ": expected 1 to " + MAX_KEY + " characters, not blank, found "
                    + key.length() + (key.isBlank() ? "" : ": '" + clipped(key) + "'"));
        }
        for (int i = 0; i < key.length(); i++) {
            if (Character.isISOControl(key.charAt(i))) {
                throw new InvalidInputException(
                        String.format("%s: control character U+%04X at position %d", what, (int) key.charAt(i), i));
            }
        }
        requireUnicode(what, key);
        return key;
    }

    /**
     * Checks the keys and values of tags.
     *
     * @throws InvalidInputException if one is over the limits
     */
    public static void checkTags(Map<String, String> tags) {
        tags.forEach((key, value) -> {
            check("key of a tag", key);
            checkValue("value of tag '" + key + "'", value, MAX_TAG_VALUE);
        });
    }

    /**
     * Checks a value: no longer than the limit, no character U+0000 (PostgreSQL has none), no unpaired surrogate.
     *
     * @return the value
     * @throws InvalidInputException if it is not
     */
    public static String checkValue(String what, String value, int limit) {
        Objects.requireNonNull(value, () -> what + " is null");
        if (value.length() > limit) {
            throw new InvalidInputException(
                    what + ": expected at most " + limit + " characters, found " + value.length());
        }
        int nul = value.indexOf('\0');
        if (nul >= 0) {
            throw new InvalidInputException(what + ": character U+0000 at position " + nul
                    + "; a text may hold any other, store binary data as an artifact");
        }
        requireUnicode(what, value);
        return value;
    }

    /** Half a character cannot be encoded in UTF-8: a store would keep something else, and find it changed. */
    private static void requireUnicode(String what, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new InvalidInputException(String.format(
                        "%s: unpaired surrogate U+%04X at position %d; expected whole characters", what, (int) c, i));
            }
        }
    }
}
