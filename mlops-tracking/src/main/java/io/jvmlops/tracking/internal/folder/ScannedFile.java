package io.jvmlops.tracking.internal.folder;

import java.nio.file.Path;

/**
 * A file that a scan has found.
 *
 * @param path below the folder, with {@code /} between segments; {@link io.jvmlops.api.artifact.FileEntry#checkPath} is
 *     content with it
 * @param file where it is; of a link, what it leads to
 * @param stat as it was then
 */
public record ScannedFile(String path, Path file, FileStat stat) {}
