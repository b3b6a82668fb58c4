package io.jvmlops.api.artifact;

import java.util.ArrayList;
import java.util.List;

/**
 * Which files differ between two folders. Each list is sorted by path.
 *
 * @param added files that only the second has
 * @param removed files that only the first has
 * @param changed files that both have, with other bytes
 */
public record ManifestDiff(List<FileEntry> added, List<FileEntry> removed, List<Change> changed) {
    public ManifestDiff {
        added = List.copyOf(added);
        removed = List.copyOf(removed);
        changed = List.copyOf(changed);
    }

    /** From the first to the second. */
    public static ManifestDiff between(Manifest first, Manifest second) {
        List<FileEntry> added = new ArrayList<>();
        List<FileEntry> removed = new ArrayList<>();
        List<Change> changed = new ArrayList<>();
        List<FileEntry> before = first.files();
        List<FileEntry> after = second.files();
        int i = 0;
        int j = 0;
        while (i < before.size() || j < after.size()) {
            int order = i == before.size()
                    ? 1
                    : j == after.size()
                            ? -1
                            : before.get(i).path().compareTo(after.get(j).path());
            if (order < 0) {
                removed.add(before.get(i++));
            } else if (order > 0) {
                added.add(after.get(j++));
            } else {
                FileEntry old = before.get(i++);
                FileEntry now = after.get(j++);
                if (!old.equals(now)) {
                    changed.add(new Change(old, now));
                }
            }
        }
        return new ManifestDiff(added, removed, changed);
    }

    /** Whether the folders are the same. */
    public boolean isEmpty() {
        return added.isEmpty() && removed.isEmpty() && changed.isEmpty();
    }

    /** For people: {@code 2 added, 0 removed, 1 changed}. */
    @Override
    public String toString() {
        return added.size() + " added, " + removed.size() + " removed, " + changed.size() + " changed";
    }

    /** A file with other bytes than before. */
    public record Change(FileEntry before, FileEntry after) {
        public String path() {
            return after.path();
        }
    }
}
