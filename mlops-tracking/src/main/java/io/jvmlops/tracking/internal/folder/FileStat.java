package io.jvmlops.tracking.internal.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * What a file system says of a file without reading it. Whatever is done to a file's bytes changes one of these, unless it is
 * done within the same tick of the file system's clock; see {@link StatCache}.
 *
 * @param modified nanoseconds since the epoch, at most what a long holds; anybody can set it
 * @param changed the same of the last change of any kind, which nobody can set; where the platform has no such thing, of
 *     the file's creation
 * @param inode 0 where the platform has no such thing
 */
public record FileStat(Kind kind, long size, long modified, long changed, long inode) {
    private static final String UNIX = "unix:mode,size,lastModifiedTime,ctime,ino";

    /** The bits of a mode that say what it is, and what they say (POSIX, {@code sys/stat.h}). */
    private static final int TYPE = 0xF000;

    private static final int FILE_TYPE = 0x8000;
    private static final int FOLDER_TYPE = 0x4000;
    private static final int LINK_TYPE = 0xA000;

    /** What it is. */
    public enum Kind {
        FILE,
        FOLDER,
        LINK,
        OTHER
    }

    /** Of the link, if it is one. */
    public static FileStat of(Path path) throws IOException {
        if (!path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return portable(Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
        }
        Map<String, Object> found = Files.readAttributes(path, UNIX, LinkOption.NOFOLLOW_LINKS);
        int type = number(found, "mode").intValue() & TYPE;
        return new FileStat(
                type == FILE_TYPE
                        ? Kind.FILE
                        : type == FOLDER_TYPE ? Kind.FOLDER : type == LINK_TYPE ? Kind.LINK : Kind.OTHER,
                number(found, "size").longValue(),
                nanos(time(found, "lastModifiedTime")),
                nanos(time(found, "ctime")),
                number(found, "ino").longValue());
    }

    private static Number number(Map<String, Object> found, String name) {
        return (Number) Objects.requireNonNull(found.get(name), name);
    }

    private static FileTime time(Map<String, Object> found, String name) {
        return (FileTime) Objects.requireNonNull(found.get(name), name);
    }

    private static FileStat portable(BasicFileAttributes found) {
        return new FileStat(
                found.isRegularFile()
                        ? Kind.FILE
                        : found.isDirectory() ? Kind.FOLDER : found.isSymbolicLink() ? Kind.LINK : Kind.OTHER,
                found.size(),
                nanos(found.lastModifiedTime()),
                nanos(found.creationTime()),
                0);
    }

    private static long nanos(FileTime time) {
        return time.to(TimeUnit.NANOSECONDS);
    }
}
