package io.jvmlops.test.model;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A model's files in memory, for tests that damage them. Changes return a copy; the manifest stays what it was at first
 * until {@link #sealed} takes the present bytes for right. Immutable.
 */
public final class InMemoryModelFiles {
    private final Manifest manifest;
    private final Map<String, byte[]> content;

    private InMemoryModelFiles(Manifest manifest, Map<String, byte[]> content) {
        this.manifest = manifest;
        this.content = content;
    }

    /** The files, with a manifest that fits them. */
    public static InMemoryModelFiles of(Map<String, byte[]> content) {
        Map<String, byte[]> copy = new TreeMap<>(content);
        return new InMemoryModelFiles(manifest(copy), copy);
    }

    /** What lies in a folder now, with a manifest that fits it. */
    public static InMemoryModelFiles of(Path folder) {
        Map<String, byte[]> content = new LinkedHashMap<>();
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path file : walk.filter(Files::isRegularFile).toList()) {
                content.put(
                        folder.relativize(file)
                                .toString()
                                .replace(folder.getFileSystem().getSeparator(), "/"),
                        Files.readAllBytes(file));
            }
        } catch (IOException e) {
            throw new StorageException("folder " + folder + " cannot be read", e);
        }
        return of(content);
    }

    /** With other bytes for a file, or with one more. */
    public InMemoryModelFiles with(String path, byte[] bytes) {
        Map<String, byte[]> changed = new TreeMap<>(content);
        changed.put(path, bytes);
        return new InMemoryModelFiles(manifest, changed);
    }

    /** Without a file. */
    public InMemoryModelFiles without(String path) {
        Map<String, byte[]> changed = new TreeMap<>(content);
        changed.remove(path);
        return new InMemoryModelFiles(manifest, changed);
    }

    /** With a manifest that fits the present bytes. */
    public InMemoryModelFiles sealed() {
        return of(content);
    }

    /** A copy of a file's bytes. */
    public byte[] bytes(String path) {
        byte[] bytes = content.get(path);
        if (bytes == null) {
            throw new IllegalArgumentException("no file '" + path + "'; there are " + content.keySet());
        }
        return bytes.clone();
    }

    /** As a loader takes them. */
    public ModelFiles toModelFiles(String name) {
        return ModelFiles.of(name, manifest, entry -> {
            byte[] bytes = content.get(entry.path());
            if (bytes == null) {
                throw new NoSuchFileException(entry.path());
            }
            return new ByteArrayInputStream(bytes);
        });
    }

    private static Manifest manifest(Map<String, byte[]> content) {
        return new Manifest(content.entrySet().stream()
                .map(file -> new FileEntry(file.getKey(), file.getValue().length, Digest.of(file.getValue())))
                .toList());
    }
}
