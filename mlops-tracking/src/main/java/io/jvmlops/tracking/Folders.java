package io.jvmlops.tracking;

import io.jvmlops.tracking.internal.FolderDeletion;
import io.jvmlops.tracking.internal.folder.FolderScan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Folders that are stored whole. */
final class Folders {
    private Folders() {}

    /**
     * All files below a folder, sorted by their path relative to it, see {@link FolderScan#files}.
     *
     * @param what for messages: {@code "artifact 'plots' of run 1234"}
     */
    static Map<String, Path> files(String what, Path folder) {
        Map<String, Path> files = new LinkedHashMap<>();
        FolderScan.files(what, folder).forEach(file -> files.put(file.path(), file.file()));
        return files;
    }

    /** Deletes a folder with all that is in it; links are deleted, not followed. */
    static void delete(Path folder) throws IOException {
        FolderDeletion.delete(folder);
    }
}
