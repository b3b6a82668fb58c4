package io.jvmlops.api.model;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.metadata.Keys;
import java.util.regex.Pattern;

/** Which version of which registered model: {@code name@alias} or {@code name/version}. */
public sealed interface ModelRef {
    /** The registered model. */
    String name();

    /** Reads {@code name@alias} or {@code name/version}; {@code models:/} in front, as MLflow writes it, is fine. */
    static ModelRef parse(String text) {
        String ref = text.startsWith("models:/") ? text.substring("models:/".length()) : text;
        int at = ref.indexOf('@');
        if (at >= 0) {
            return new Alias(ref.substring(0, at), ref.substring(at + 1));
        }
        int slash = ref.lastIndexOf('/');
        if (slash >= 0) {
            try {
                return new Version(ref.substring(0, slash), Integer.parseInt(ref.substring(slash + 1)));
            } catch (NumberFormatException e) {
                throw new InvalidInputException(
                        "model reference '" + text + "': expected a number after the slash, as in 'iris/3'");
            }
        }
        throw new InvalidInputException("model reference '" + text
                + "' names no version: expected 'name@alias' as in 'iris@champion', or 'name/version' as in 'iris/3'");
    }

    /**
     * Whichever version the alias points at when asked.
     *
     * @param alias letters, digits, {@code _}, {@code -} and {@code .}, not only digits, at most 255 characters
     */
    record Alias(String name, String alias) implements ModelRef {
        private static final Pattern VALID = Pattern.compile("[A-Za-z0-9_.-]{1,255}");
        private static final Pattern DIGITS = Pattern.compile("v?[0-9]+");

        public Alias {
            checkName(name);
            if (!VALID.matcher(alias).matches() || DIGITS.matcher(alias).matches()) {
                throw new InvalidInputException("alias of model '" + name
                        + "': expected 1 to 255 of A-Z a-z 0-9 _ . -, and not just a version number, found "
                        + alias.length() + " characters");
            }
        }

        @Override
        public String toString() {
            return name + "@" + alias;
        }
    }

    /** Exactly this version. */
    record Version(String name, int version) implements ModelRef {
        public Version {
            checkName(name);
            if (version < 1) {
                throw new InvalidInputException("version " + version + " of model '" + name + "': expected 1 or more");
            }
        }

        @Override
        public String toString() {
            return name + "/" + version;
        }
    }

    /**
     * Checks the name of a registered model.
     *
     * @return the name
     * @throws InvalidInputException if it is empty, longer than 256 characters, or has {@code / : @}, a control character
     *     or half of one
     */
    static String checkName(String name) {
        if (name.isBlank() || name.length() > 256) {
            throw new InvalidInputException(
                    "name of a model: expected 1 to 256 characters, not blank, found " + name.length());
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '/' || c == ':' || c == '@' || Character.isISOControl(c)) {
                throw new InvalidInputException(String.format(
                        "name of a model: character U+%04X at position %d; '/', ':', '@' and control characters are not allowed",
                        (int) c, i));
            }
        }
        Keys.checkValue("name of a model", name, 256);
        return name;
    }
}
