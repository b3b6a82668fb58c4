package io.jvmlops.api.artifact;

import io.jvmlops.api.error.InvalidInputException;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One file of a folder: where it lies in it, how long it is, and the digest of its bytes.
 *
 * @param path relative, segments separated by {@code /}; see {@link #checkPath}
 * @param size in bytes
 * @param digest of the content
 */
public record FileEntry(String path, long size, Digest digest) {
    /** The longest path, in characters. */
    public static final int MAX_PATH = 1024;

    private static final Pattern RESERVED =
            Pattern.compile("(?:con|prn|aux|nul|conin\\$|conout\\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:\\..*)?");

    public FileEntry {
        checkPath(path);
        if (size < 0) {
            throw new IllegalArgumentException("size " + size + " of file '" + path + "'");
        }
    }

    /**
     * Checks that a path stays inside whatever folder it is resolved against, on every file system: relative, no empty,
     * {@code .} or {@code ..} segment, no backslash, colon, control character or unpaired surrogate, no Windows device name, no segment that
     * ends in a dot or space, at most {@value #MAX_PATH} characters. Nothing is decoded: {@code %2e%2e} is a name like
     * any other.
     *
     * @return the path
     * @throws InvalidInputException if one of these fails; the message says which
     */
    public static String checkPath(String path) {
        if (path.isEmpty() || path.length() > MAX_PATH) {
            throw refuse(path, "has " + path.length() + " characters, expected 1 to " + MAX_PATH);
        }
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (Character.isISOControl(c) || c == '\\' || c == ':') {
                throw refuse(path, String.format("has character U+%04X at position %d", (int) c, i));
            }
            if (Character.isSurrogate(c)) {
                // In UTF-8 all of these would be one question mark, and so two paths one.
                if (!Character.isHighSurrogate(c)
                        || i + 1 == path.length()
                        || !Character.isLowSurrogate(path.charAt(i + 1))) {
                    throw refuse(path, "has half a character at position " + i);
                }
                i++;
            }
        }
        for (String segment : path.split("/", -1)) {
            if (segment.isEmpty()) {
                throw refuse(path, "has an empty segment; expected a relative path like 'model/weights.bin'");
            }
            if (segment.endsWith(".") || segment.endsWith(" ")) {
                throw refuse(path, "has the segment '" + segment + "', which ends in a dot or space");
            }
            if (RESERVED.matcher(segment.toLowerCase(Locale.ROOT)).matches()) {
                throw refuse(path, "has the segment '" + segment + "', a reserved device name");
            }
        }
        return path;
    }

    private static InvalidInputException refuse(String path, String why) {
        String shown = path.length() > 80 ? path.substring(0, 80) + "..." : path;
        return new InvalidInputException("path '" + shown.replaceAll("\\p{Cntrl}", "?") + "' " + why);
    }
}
