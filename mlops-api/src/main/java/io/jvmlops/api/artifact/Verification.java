package io.jvmlops.api.artifact;

import io.jvmlops.api.error.IntegrityException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What hashing everything again has found.
 *
 * @param subject what was verified: {@code model iris/3}
 * @param files how many were looked at
 * @param bytes how many were read
 * @param problems what differs, in the order of the paths; empty if everything is as it was stored
 */
public record Verification(String subject, long files, long bytes, List<Problem> problems) {
    private static final int SHOWN = 20;

    public Verification {
        problems = List.copyOf(problems);
    }

    public boolean isIntact() {
        return problems.isEmpty();
    }

    /** @throws IntegrityException that lists the problems, if there are any */
    public void requireIntact() {
        if (!isIntact()) {
            throw new IntegrityException(this + ". Restore the bytes from a backup, or store them again");
        }
    }

    /** For people: the subject, and the first problems. */
    @Override
    public String toString() {
        if (isIntact()) {
            return subject + " is intact: " + files + " files, " + bytes + " bytes";
        }
        return subject + " has " + problems.size() + " problems in " + files + " files: "
                + problems.stream().limit(SHOWN).map(Problem::toString).collect(Collectors.joining("; "))
                + (problems.size() > SHOWN ? "; ..." : "");
    }

    /** What can be wrong. */
    public enum Kind {
        /** There are no such bytes. */
        MISSING,
        /** There are others. */
        ALTERED,
        /** They cannot be read. */
        UNREADABLE
    }

    /**
     * A file that is not what it was.
     *
     * @param path of the file, or {@code (manifest)} for the list of files itself
     * @param expected its digest
     * @param detail what was found instead, for people
     */
    public record Problem(String path, Kind kind, Digest expected, String detail) {
        /** The path of a problem with the list of files itself. */
        public static final String MANIFEST = "(manifest)";

        @Override
        public String toString() {
            return "'" + path + "' " + kind.name().toLowerCase(java.util.Locale.ROOT) + ": " + detail;
        }
    }
}
