package io.jvmlops.tracking;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.files.LocalArtifactStore;
import io.jvmlops.tracking.internal.OwnerOnly;
import io.jvmlops.tracking.sqlite.SqliteStores;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.UUID;

/** Copies of a tracking's folder, which appear whole or not at all. */
final class Backup {
    private Backup() {}

    /** @throws StorageException if the target is there already or cannot be written; nothing is left of the attempt */
    static void write(SqliteStores database, ArtifactStore artifacts, Path target) {
        Path whole = target.toAbsolutePath().normalize();
        String what = "backup of " + database + " to " + whole;
        if (Files.exists(whole, LinkOption.NOFOLLOW_LINKS)) {
            throw new StorageException(what + ": there is something of that name already; choose another one", null);
        }
        Path above = Objects.requireNonNull(whole.getParent(), "a backup cannot be the root of a file system");
        Path part = above.resolve(whole.getFileName() + "." + UUID.randomUUID() + ".part");
        boolean done = false;
        try {
            OwnerOnly.createFolders(part);
            // The database first: what its runs refer to was stored before they did, and so is found afterwards, as
            // long as nobody collects it in between.
            if (artifacts instanceof LocalArtifactStore local) {
                LocalArtifactStore.Undeleted undeleted = local.keepAll();
                try {
                    database.backup(part.resolve(Tracking.DATABASE));
                    local.copyTo(part.resolve(Tracking.ARTIFACTS));
                } finally {
                    undeleted.close();
                }
            } else {
                database.backup(part.resolve(Tracking.DATABASE));
            }
            if (Files.exists(whole, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(whole.toString());
            }
            Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
            done = true;
            OwnerOnly.force(above);
        } catch (IOException e) {
            throw new StorageException(
                    what + ": " + e + ". Its folder must be writable for "
                            + System.getProperty("user.name", "this user") + " and its disk have room",
                    e);
        } finally {
            if (!done && Files.exists(part)) {
                try {
                    Folders.delete(part);
                } catch (IOException e) {
                    // Its name says that it is not whole; why the attempt failed is being thrown.
                }
            }
        }
    }
}
