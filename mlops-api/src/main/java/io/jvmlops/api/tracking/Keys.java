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
     * Checks a name or key: 1 to {@value #MAX_KEY} characters, not blank, no control character.
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
        return key;
    }

    /**
     * Checks the length of a value.
     *
     * @return the value
     * @throws InvalidInputException if it is longer than the limit
     */
    public static String checkValue(String what, String value, int limit) {
        if (value.length() > limit) {
            throw new InvalidInputException(
                    what + ": expected at most " + limit + " characters, found " + value.length());
        }
        return value;
    }
}
