package io.jvmlops.api.artifact;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The SHA-256 of some bytes: their name.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Digest(String hex) {
    private static final int DIGITS = 64;
    private static final String PREFIX = "sha256:";

    public Digest {
        if (!isHex(hex)) {
            throw new IllegalArgumentException(
                    "a SHA-256 digest has 64 lower-case hexadecimal digits, found " + hex.length() + " characters");
        }
    }

    private static boolean isHex(String text) {
        if (text.length() != DIGITS) {
            return false;
        }
        for (int i = 0; i < DIGITS; i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return true;
    }

    /** The digest of the bytes. */
    public static Digest of(byte[] bytes) {
        return finish(newHasher().digest(bytes));
    }

    /** Reads {@code sha256:<hex>} or the 64 digits alone. */
    public static Digest parse(String text) {
        return new Digest(text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text);
    }

    /** A fresh SHA-256, for hashing while copying; hand its result to {@link #finish(MessageDigest)}. */
    public static MessageDigest newHasher() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The digest of all that was fed to the hasher, which is reset. */
    public static Digest finish(MessageDigest hasher) {
        return finish(hasher.digest());
    }

    private static Digest finish(byte[] hash) {
        return new Digest(HexFormat.of().formatHex(hash));
    }

    /** The first 12 digits: enough for a person to tell versions apart, not enough to verify with. */
    public String abbreviated() {
        return hex.substring(0, 12);
    }

    /** {@code sha256:<hex>}. */
    @Override
    public String toString() {
        return PREFIX + hex;
    }
}
