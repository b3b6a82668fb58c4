package io.jvmlops.api.artifact;

import io.jvmlops.api.error.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A folder's content, by name: its files sorted by path, each with size and digest. Two folders with the same files have
 * the same manifest, and so the same {@link #digest()}, which is what a model version points at.
 *
 * <p>The canonical text has a line per file, {@code <64 hex digits> <size> <path>\n}, in UTF-8, sorted by path in UTF-16
 * code unit order ({@link String#compareTo}).
 *
 * @param files sorted by path, paths unique
 */
public record Manifest(List<FileEntry> files) {
    /** Sorts the files. */
    public Manifest {
        files = files.stream().sorted(Comparator.comparing(FileEntry::path)).toList();
        for (int i = 1; i < files.size(); i++) {
            if (files.get(i).path().equals(files.get(i - 1).path())) {
                throw new InvalidInputException(
                        "two files have the path '" + files.get(i).path() + "'");
            }
        }
    }

    public Optional<FileEntry> find(String path) {
        int low = 0;
        int high = files.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            FileEntry file = files.get(middle);
            int order = file.path().compareTo(path);
            if (order == 0) {
                return Optional.of(file);
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return Optional.empty();
    }

    /** The sum of the files' sizes, in bytes. */
    public long size() {
        return files.stream().mapToLong(FileEntry::size).sum();
    }

    /** The canonical text, as bytes. */
    public byte[] toBytes() {
        StringBuilder text = new StringBuilder((int) Math.min(1 << 24, 128L * files.size()));
        for (FileEntry file : files) {
            text.append(file.digest().hex())
                    .append(' ')
                    .append(file.size())
                    .append(' ')
                    .append(file.path())
                    .append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** The digest of {@link #toBytes()}. */
    public Digest digest() {
        return Digest.of(toBytes());
    }

    /**
     * Reads the canonical text.
     *
     * @throws InvalidInputException if it is not the text of a manifest; the message gives the line
     */
    public static Manifest parse(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        List<FileEntry> files = new ArrayList<>();
        for (int start = 0; start < text.length(); ) {
            int end = text.indexOf('\n', start);
            if (end < 0) {
                end = text.length();
            }
            try {
                files.add(entry(text, start, end));
            } catch (IllegalArgumentException | InvalidInputException e) {
                throw new InvalidInputException("line " + (files.size() + 1)
                        + " of a manifest: expected '<sha-256> <size> <path>' (" + e.getMessage() + ")");
            }
            start = end + 1;
        }
        return new Manifest(files);
    }

    private static FileEntry entry(String text, int start, int end) {
        int first = text.indexOf(' ', start);
        int second = first < 0 ? -1 : text.indexOf(' ', first + 1);
        if (second < 0 || second >= end) {
            throw new IllegalArgumentException("there are no three parts");
        }
        return new FileEntry(
                text.substring(second + 1, end),
                Long.parseLong(text, first + 1, second, 10),
                new Digest(text.substring(start, first)));
    }
}
