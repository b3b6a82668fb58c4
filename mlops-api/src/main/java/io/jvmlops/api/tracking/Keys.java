package io.jvmlops.api.tracking;

import io.jvmlops.api.error.InvalidInputException;

/** The limits of names, keys and values in a tracking store, which are those of MLflow. */
public final class Keys {
    /** The longest name of an experiment, run, param, metric or tag, in characters. */
    public static final int MAX_KEY = 250;
    /** The longest value of a param, in characters. */
    public static final int MAX_PARAM_VALUE = 6_000;
    /** The longest value of a tag, in characters. */
    public static final int MAX_TAG_VALUE = 8_000;

    private Keys() {}

    /**
     * Checks a name or key: 1 to {@value #MAX_KEY} characters, not blank, no control character, no unpaired surrogate.
     *
     * @param what for the message: {@code "key of a param"}
     * @return the key
     * @throws InvalidInputException if it is not
     */
    public static String check(String what, String key) {
        if (key.isBlank() || key.length() > MAX_KEY) {
            throw new InvalidInputException(
                    what + ": expected 1 to " + MAX_KEY + " characters, not blank, found " + key.length());
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
     * Checks a value: no longer than the limit, no unpaired surrogate.
     *
     * @return the value
     * @throws InvalidInputException if it is not
     */
    public static String checkValue(String what, String value, int limit) {
        if (value.length() > limit) {
            throw new InvalidInputException(
                    what + ": expected at most " + limit + " characters, found " + value.length());
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
