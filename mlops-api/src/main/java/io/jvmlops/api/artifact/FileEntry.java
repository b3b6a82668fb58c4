package io.jvmlops.api.artifact;

import io.jvmlops.api.error.InvalidInputException;
import java.util.List;

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

    /** What Windows takes for devices, with whatever follows a dot; of the last two, a digit follows. */
    private static final List<String> DEVICES = List.of("con", "prn", "aux", "nul", "conin$", "conout$");

    private static final List<String> NUMBERED_DEVICES = List.of("com", "lpt");

    /** Windows takes the superscript ones for digits, too. */
    private static final String DEVICE_DIGITS = "0123456789\u00b9\u00b2\u00b3";

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
        for (int start = 0; start <= path.length(); ) {
            int slash = path.indexOf('/', start);
            int end = slash < 0 ? path.length() : slash;
            checkSegment(path, start, end);
            start = end + 1;
        }
        return path;
    }

    private static void checkSegment(String path, int start, int end) {
        if (start == end) {
            throw refuse(path, "has an empty segment; expected a relative path like 'model/weights.bin'");
        }
        char last = path.charAt(end - 1);
        if (last == '.' || last == ' ') {
            throw refuse(path, "has the segment '" + path.substring(start, end) + "', which ends in a dot or space");
        }
        if (isDevice(path, start, end)) {
            throw refuse(path, "has the segment '" + path.substring(start, end) + "', a reserved device name");
        }
    }

    private static boolean isDevice(String path, int start, int end) {
        int dot = path.indexOf('.', start);
        int stem = (dot < 0 || dot > end ? end : dot) - start;
        if (stem == 4 && DEVICE_DIGITS.indexOf(path.charAt(start + 3)) >= 0) {
            return NUMBERED_DEVICES.stream().anyMatch(name -> path.regionMatches(true, start, name, 0, 3));
        }
        return (stem == 3 || stem >= 6)
                && DEVICES.stream()
                        .anyMatch(name ->
                                name.length() == stem && path.regionMatches(true, start, name, 0, name.length()));
    }

    private static InvalidInputException refuse(String path, String why) {
        String shown = path.length() > 80 ? path.substring(0, 80) + "..." : path;
        return new InvalidInputException("path '" + shown.replaceAll("\\p{Cntrl}", "?") + "' " + why);
    }
}
