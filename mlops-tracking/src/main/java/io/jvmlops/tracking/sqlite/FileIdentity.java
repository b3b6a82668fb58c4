package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.error.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which file a name stood for when it was opened. What is written to a file that was deleted or replaced since is gone when
 * it is closed, and no write of ours fails for it.
 *
 * @param key device and inode, or null where the platform has no such thing: then only absence is noticed
 */
record FileIdentity(Path file, @Nullable Object key) {
    static FileIdentity of(Path file) {
        try {
            return new FileIdentity(file, keyOf(file));
        } catch (IOException e) {
            throw new StorageException("database " + file + " cannot be looked at: " + e, e);
        }
    }

    /** @throws StorageException if the name stands for another file, or none */
    void requireStill(String what) {
        String found;
        try {
            if (Objects.equals(keyOf(file), key)) {
                return;
            }
            found = "replaced by another file";
        } catch (NoSuchFileException e) {
            found = "deleted or moved away";
        } catch (IOException e) {
            // It is there, as far as anybody can say; a write that fails says more.
            return;
        }
        throw new StorageException(
                what + ": database " + file + " was " + found + " while it was open; nothing is written to it any more."
                        + " Close it, put the file back (or restore a backup), and open it again",
                null);
    }

    private static @Nullable Object keyOf(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }
}
