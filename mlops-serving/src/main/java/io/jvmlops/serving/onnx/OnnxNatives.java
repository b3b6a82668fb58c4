package io.jvmlops.serving.onnx;

import io.jvmlops.api.error.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts ONNX Runtime's native libraries where they are looked for. Left to itself the runtime writes them to a folder in
 * {@code java.io.tmpdir} that a killed process leaves behind, and if they cannot be loaded from there, its classes are of
 * no use for the rest of the process. So they are written to a {@link ProcessFolder} here, after a look whether they can
 * be loaded from it, and the runtime is pointed there while it starts.
 *
 * <p>Whoever has set one of the runtime's own properties, or started it before, is left alone.
 */
final class OnnxNatives {
    private static final Logger LOG = LoggerFactory.getLogger(OnnxNatives.class);

    private static final String PATH = "onnxruntime.native.path";
    /** What a host may have set; the first name is the library's, as the runtime spells it. */
    private static final List<String> OF_HOST = List.of(
            PATH,
            "onnxruntime.native.onnxruntime.path",
            "onnxruntime.native.onnxruntime.skip",
            "onnxruntime.native.onnxruntime4j_jni.path",
            "onnxruntime.native.onnxruntime4j_jni.skip");

    private static final List<String> LIBRARIES = List.of("onnxruntime", "onnxruntime4j_jni");
    /** Needed by some builds of the runtime, which load them by themselves. */
    private static final List<String> COMPANIONS =
            List.of("onnxruntime_providers_shared", "webgpu_dawn", "dxil", "dxcompiler");

    private static final String PROVIDERS = "onnxruntime_providers_";
    private static final List<String> PROVIDER_LIBRARIES =
            List.of("cuda", "rocm", "dnnl", "openvino", "tensorrt", "qnn");

    private final Class<?> runtime;
    /** Null if the runtime is left to itself. */
    private final @Nullable Path folder;

    private OnnxNatives(Class<?> runtime, @Nullable Path folder) {
        this.runtime = runtime;
        this.folder = folder;
    }

    /**
     * Writes the libraries, unless that is the host's affair.
     *
     * @param runtime a class of the runtime, not initialized
     * @throws StorageException if they cannot be written, or not be loaded from where they would be
     */
    static OnnxNatives prepare(Class<?> runtime, OnnxOptions options) {
        OnnxNatives untouched = new OnnxNatives(runtime, null);
        if (OF_HOST.stream().anyMatch(p -> System.getProperty(p) != null) || isLoaded(runtime)) {
            return untouched;
        }
        if (LIBRARIES.stream().anyMatch(library -> !untouched.has(library))) {
            LOG.debug("No libraries for this system are on the class path; the runtime looks for installed ones");
            return untouched;
        }
        // The runtime makes a folder of its own even if it writes nothing there, and fails for good if it cannot.
        try {
            Files.delete(Files.createTempDirectory("jvmlops"));
        } catch (IOException e) {
            throw new StorageException(
                    "ONNX Runtime needs a folder for temporary files that can be written to, and cannot write to "
                            + System.getProperty("java.io.tmpdir") + "; name another with -Djava.io.tmpdir=...",
                    e);
        }
        Path process = ProcessFolder.of(options).path();
        OnnxNatives natives = new OnnxNatives(runtime, process);
        try {
            requireExecutable(process);
            for (String library : LIBRARIES) {
                natives.extract(library);
            }
            for (String library : COMPANIONS) {
                natives.extract(library);
            }
        } catch (IOException e) {
            throw ProcessFolder.unusable(process.toAbsolutePath(), e.toString(), e);
        }
        System.setProperty(PATH, process.toString());
        return natives;
    }

    /** The system answers no for what lies on a file system mounted without the right to execute, even to its administrator. */
    private static void requireExecutable(Path folder) throws IOException {
        if (isWindows()) {
            return;
        }
        Path probe = Files.createTempFile(folder, "probe", "");
        try {
            boolean set = probe.toFile().setExecutable(true, true);
            if (!set || !Files.isExecutable(probe)) {
                throw ProcessFolder.unusable(
                        folder, "its file system is mounted without the right to execute (noexec)", null);
            }
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    /** Undoes what {@link #prepare} changed for the runtime's start. */
    void started() {
        if (folder == null) {
            return;
        }
        System.clearProperty(PATH);
        // Where a provider's library is on the class path, the runtime may still write it there.
        if (PROVIDER_LIBRARIES.stream().noneMatch(p -> has(PROVIDERS + p))) {
            try {
                if (field(runtime, "tempDirectory").get(null) instanceof Path unused) {
                    Files.deleteIfExists(unused);
                }
            } catch (ReflectiveOperationException | IOException | RuntimeException e) {
                LOG.debug("The runtime's own temporary folder stays until this process ends", e);
            }
        }
    }

    /**
     * Writes the library of an execution provider beside the runtime's.
     *
     * @param provider as in its file name: {@code cuda}
     */
    void addProvider(String provider) {
        if (folder != null) {
            try {
                extract(PROVIDERS + provider);
            } catch (IOException e) {
                throw ProcessFolder.unusable(folder, e.toString(), e);
            }
        }
    }

    private void extract(String library) throws IOException {
        Path base = folder;
        if (base == null) {
            return;
        }
        Path target = base.resolve(fileName(library));
        try (InputStream in = runtime.getResourceAsStream(resource(library))) {
            if (in == null || Files.exists(target)) {
                return;
            }
            // Under another name until it is whole: disks fill up.
            Path part = base.resolve(target.getFileName() + ".part");
            Files.deleteIfExists(part);
            try (var out = Files.newOutputStream(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                in.transferTo(out);
            }
            Files.move(part, target);
        }
    }

    private boolean has(String library) {
        return runtime.getResource(resource(library)) != null;
    }

    private static String resource(String library) {
        return "/ai/onnxruntime/native/" + platform() + "/" + fileName(library);
    }

    private static String fileName(String library) {
        return System.mapLibraryName(library).replace("jnilib", "dylib");
    }

    /** As the runtime names its folders. */
    private static String platform() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        String arch = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        String system = os.contains("mac") || os.contains("darwin") ? "osx" : isWindows() ? "win" : "linux";
        return system + "-" + (arch.equals("amd64") || arch.equals("x86_64") ? "x64" : arch);
    }

    private static boolean isWindows() {
        String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
        return os.contains("win") && !os.contains("darwin");
    }

    private static boolean isLoaded(Class<?> runtime) {
        try {
            return field(runtime, "loaded").getBoolean(null);
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.debug("It is not known whether the native library is loaded", e);
            return false;
        }
    }

    /** A static field of the class that starts the runtime; that class does nothing by being initialized. */
    static Field field(Class<?> runtime, String name) throws ReflectiveOperationException {
        Field field = Class.forName(runtime.getPackageName() + ".OnnxRuntime", true, runtime.getClassLoader())
                .getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}
