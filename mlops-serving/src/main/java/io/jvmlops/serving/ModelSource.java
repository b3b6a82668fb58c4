package io.jvmlops.serving;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.serving.folder.ModelFolder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A model that is in no registry: a folder, a file, some bytes. It is loaded only if its digest is the one expected, or
 * if the caller says that it is trusted as it is. Immutable.
 *
 * <pre>{@code
 * ModelSource.file(Path.of("iris.onnx")).expecting(Digest.parse("sha256:..."))
 * ModelSource.folder(Path.of("models/iris")).trusted()
 * }</pre>
 */
public final class ModelSource {
    private final String name;
    private final Supplier<ModelFiles> files;
    private final @Nullable Digest expected;
    private final boolean file;

    private ModelSource(String name, boolean file, Supplier<ModelFiles> files, @Nullable Digest expected) {
        this.name = name;
        this.file = file;
        this.files = files;
        this.expected = expected;
    }

    /** A folder with an {@code MLmodel} descriptor, as MLflow lays it out. Its digest is that of its manifest. */
    public static Unverified folder(Path folder) {
        return new Unverified(folder.toString(), false, () -> ModelFolder.files(folder));
    }

    /** A single file; its ending tells the flavor: {@code .onnx}, {@code .tribuo}. Its digest is that of its bytes. */
    public static Unverified file(Path file) {
        Path last = file.getFileName();
        String name = last == null ? "" : last.toString();
        return new Unverified(file.toString(), true, () -> single(name, read(file)));
    }

    /**
     * Bytes that the caller has; they are copied.
     *
     * @param name a file name whose ending tells the flavor: {@code model.onnx}
     */
    public static Unverified bytes(String name, byte[] bytes) {
        byte[] copy = bytes.clone();
        return new Unverified(name, true, () -> single(name, copy));
    }

    private static byte[] read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new ModelLoadException("model file " + file
                    + (Files.isDirectory(file) ? " is a folder: use ModelSource.folder" : " does not exist"));
        }
        try {
            if (Files.size(file) > ModelFiles.MAX_FILE_SIZE) {
                throw new ModelLoadException(
                        "model file " + file + " has " + Files.size(file) + " bytes, more than fit in memory");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new StorageException("model file " + file + " cannot be read", e);
        }
    }

    private static ModelFiles single(String name, byte[] bytes) {
        FileEntry entry = new FileEntry(name, bytes.length, Digest.of(bytes));
        return ModelFiles.of(name, new Manifest(List.of(entry)), f -> new ByteArrayInputStream(bytes));
    }

    /** The files, after their digest was compared with the one expected. */
    ModelFiles open() {
        ModelFiles found = files.get();
        if (expected != null) {
            Digest actual = file ? found.manifest().files().get(0).digest() : found.digest();
            if (!actual.equals(expected)) {
                throw new IntegrityException("model " + name + " is not the one expected: expected " + expected
                        + ", found " + actual + ". It was not loaded");
            }
        }
        return found;
    }

    boolean isFile() {
        return file;
    }

    /** A source about which the caller has not said yet why it may be loaded. */
    public static final class Unverified {
        private final String name;
        private final boolean file;
        private final Supplier<ModelFiles> files;

        private Unverified(String name, boolean file, Supplier<ModelFiles> files) {
            this.name = name;
            this.file = file;
            this.files = files;
        }

        /** Loaded only if it has this digest. */
        public ModelSource expecting(Digest digest) {
            return new ModelSource(name, file, files, digest);
        }

        /** Loaded as it is: whoever can write it can change the answers, and attack the native parser. */
        public ModelSource trusted() {
            return new ModelSource(name, file, files, null);
        }
    }
}
