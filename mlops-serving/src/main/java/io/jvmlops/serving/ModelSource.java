package io.jvmlops.serving;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.model.ModelVerifier;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.serving.folder.ModelFolder;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a model comes from: a folder, a file, some bytes, the class path, a registry. What is in no registry is loaded only if
 * its digest is the one expected, a verifier lets it pass, or the caller says that it is trusted as it is. Immutable.
 *
 * <pre>{@code
 * ModelSource.file(Path.of("iris.onnx")).expecting(Digest.parse("sha256:..."))
 * ModelSource.folder(Path.of("models/iris")).verifiedBy(DetachedSignature.by(publicKey))
 * ModelSource.classPath(App.class, "/models/iris").trusted()
 * ModelSource.registered(registry, "iris@champion")
 * }</pre>
 */
public final class ModelSource {
    /** What was found, and whether it is a file: of one, the digest is that of its bytes. */
    record Found(ModelFiles files, boolean file) {
        /** @param name what it is called, with the ending that tells the flavor */
        static Found single(String name, byte[] bytes) {
            FileEntry entry = new FileEntry(name, bytes.length, Digest.of(bytes));
            return new Found(
                    ModelFiles.of(name, new Manifest(List.of(entry)), f -> new ByteArrayInputStream(bytes)), true);
        }

        Digest digest() {
            return file ? files.manifest().files().get(0).digest() : files.digest();
        }
    }

    private final String name;
    private final Supplier<Found> files;
    private final @Nullable Digest expected;
    private final @Nullable ModelVerifier verifier;

    private ModelSource(
            String name, Supplier<Found> files, @Nullable Digest expected, @Nullable ModelVerifier verifier) {
        this.name = name;
        this.files = files;
        this.expected = expected;
        this.verifier = verifier;
    }

    /**
     * A version of a registry, which knows its digest: {@code name@alias}, as it points when this is loaded, or {@code
     * name/version}.
     */
    public static ModelSource registered(ModelRegistry registry, String ref) {
        ModelRef parsed = ModelRef.parse(ref);
        return new ModelSource(ref, () -> new Found(registry.files(registry.get(parsed)), false), null, null);
    }

    /** A folder with an {@code MLmodel} descriptor, as MLflow lays it out. Its digest is that of its manifest. */
    public static Unverified folder(Path folder) {
        return new Unverified(folder.toString(), () -> new Found(ModelFolder.hash(folder), false));
    }

    /** A single file; its ending tells the flavor: {@code .onnx}, {@code .tribuo}. Its digest is that of its bytes. */
    public static Unverified file(Path file) {
        Path last = file.getFileName();
        String name = last == null ? "" : last.toString();
        return new Unverified(file.toString(), () -> Found.single(name, read(file)));
    }

    /**
     * A file or a folder on the class path: in a folder of it, in a jar, or in a jar within Spring Boot's. A folder is one that
     * holds {@code MLmodel}.
     *
     * @param near finds the resource, as {@link Class#getResource} does: {@code /models/iris} from the root, {@code iris.onnx}
     *     beside the class
     */
    public static Unverified classPath(Class<?> near, String resource) {
        return new Unverified("class path " + resource, () -> ClassPathModel.open(near::getResource, resource));
    }

    /** As {@link #classPath(Class, String)}, found as {@link ClassLoader#getResource} does: from the root, without a slash. */
    public static Unverified classPath(ClassLoader loader, String resource) {
        return new Unverified("class path " + resource, () -> ClassPathModel.open(loader::getResource, resource));
    }

    /**
     * Bytes that the caller has; they are copied.
     *
     * @param name a file name whose ending tells the flavor: {@code model.onnx}
     */
    public static Unverified bytes(String name, byte[] bytes) {
        byte[] copy = bytes.clone();
        return new Unverified(name, () -> Found.single(name, copy));
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

    /** What is there, after its digest was compared with the one expected, and the verifier was asked. */
    Found open() {
        Found found = files.get();
        if (expected != null && !found.digest().equals(expected)) {
            throw new IntegrityException("model " + name + " is not the one expected: expected " + expected + ", found "
                    + found.digest() + ". It was not loaded");
        }
        if (verifier != null) {
            verifier.verify(found.files);
        }
        return found;
    }

    /** A source about which the caller has not said yet why it may be loaded. */
    public static final class Unverified {
        private final String name;
        private final Supplier<Found> files;

        private Unverified(String name, Supplier<Found> files) {
            this.name = name;
            this.files = files;
        }

        /** Loaded only if it has this digest. */
        public ModelSource expecting(Digest digest) {
            return new ModelSource(name, files, digest, null);
        }

        /** Loaded only if the verifier lets it pass, which is asked before anything is parsed. */
        public ModelSource verifiedBy(ModelVerifier verifier) {
            return new ModelSource(name, files, null, Objects.requireNonNull(verifier));
        }

        /** Loaded as it is: whoever can write it can change the answers, and attack the native parser. */
        public ModelSource trusted() {
            return new ModelSource(name, files, null, null);
        }
    }
}
