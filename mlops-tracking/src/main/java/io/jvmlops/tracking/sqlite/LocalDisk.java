package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.error.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tells local disks from network file systems, on which a write-ahead log does not work: its index is memory that all
 * processes share, which two machines do not, and locks are unreliable on many of them (SQLite, "How To Corrupt An SQLite
 * Database File", 2.1; "Write-Ahead Logging", 2).
 */
final class LocalDisk {
    /** As Linux, macOS and the BSDs name them in their mount tables, which is what a FileStore's type is. */
    private static final Set<String> NETWORK = Set.of(
            "9p",
            "acfs",
            "afpfs",
            "afs",
            "auristorfs",
            "beegfs",
            "ceph",
            "cifs",
            "coda",
            "davfs",
            "drvfs",
            "gfs",
            "gfs2",
            "glusterfs",
            "gpfs",
            "lustre",
            "moosefs",
            "ncpfs",
            "nfs",
            "nfs3",
            "nfs4",
            "ocfs2",
            "orangefs",
            "pvfs2",
            "smb",
            "smb2",
            "smb3",
            "smbfs",
            "webdav");

    /** In user space the name of the program follows: {@code fuse.sshfs}, {@code fuse.s3fs}, {@code osxfuse_sshfs}. */
    private static final Pattern NETWORK_IN_USER_SPACE =
            Pattern.compile("(?:fuse|fuseblk|osxfuse|macfuse)[._](?:.*\\.)?"
                    + "(?:sshfs|s3fs|goofys|geesefs|rclone|gcsfuse|blobfuse2?|glusterfs|ceph(?:-fuse)?|juicefs|mfs|moosefs"
                    + "|lizardfs|davfs2?|curlftpfs|smbnetfs|nfs.*|mount-?s3|seaweedfs|weed|alluxio.*|hdfs.*|gvfsd-fuse"
                    + "|quobyte|beegfs|afs)");

    private LocalDisk() {}

    /**
     * Checks where a file is, or is to be.
     *
     * @throws StorageException if it is on a network file system
     */
    static void require(Path file) {
        require(file, typeAt(file));
    }

    /** @param type of the file system it is on; empty if unknown */
    static void require(Path file, String type) {
        if (isUnc(file.toString())) {
            throw refused(file, "a path of another machine");
        }
        if (isNetwork(type)) {
            throw refused(file, "the network file system '" + type + "'");
        }
    }

    private static String typeAt(Path file) {
        try {
            Path present = file;
            while (present != null && !Files.exists(present)) {
                present = present.getParent();
            }
            return present == null ? "" : Files.getFileStore(present).type();
        } catch (IOException | SecurityException unknown) {
            // Whoever opens the file will say what is wrong with it.
            return "";
        }
    }

    private static StorageException refused(Path file, String place) {
        return new StorageException(
                "database " + file + " is on " + place + ", where SQLite's locks and write-ahead log do not work: two"
                        + " machines would damage it. Choose a local disk, or use PostgreSQL (PostgresStores) when several"
                        + " machines share the runs",
                null);
    }

    /** @param type of a {@link java.nio.file.FileStore} */
    static boolean isNetwork(String type) {
        String lower = type.toLowerCase(Locale.ROOT);
        return NETWORK.contains(lower) || NETWORK_IN_USER_SPACE.matcher(lower).matches();
    }

    /** Whether a path of Windows names another machine; {@code \\?\} and {@code \\.\} are escapes for local ones. */
    static boolean isUnc(String path) {
        if (!path.startsWith("\\\\")) {
            return false;
        }
        boolean escaped = path.startsWith("\\\\?\\") || path.startsWith("\\\\.\\");
        return !escaped || path.regionMatches(true, 4, "UNC\\", 0, 4);
    }
}
