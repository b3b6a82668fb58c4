package io.jvmlops.serving.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import io.jvmlops.api.error.MissingDependencyException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.StorageException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime's environment, of which a process has one: made with the first model, or found where a host has made its
 * own, which is used as it is.
 */
final class OnnxEnvironment {
    private static final Logger LOG = LoggerFactory.getLogger(OnnxEnvironment.class);

    private static final Object ACROSS_LOADERS = "jvmlops.onnx.start".intern();

    private static final OnnxEnvironment PROCESS = new OnnxEnvironment();

    private @Nullable OrtEnvironment environment;
    private @Nullable OnnxNatives natives;
    /** Of the environment, if it was made here with one; else 0. */
    private int sharedPool;
    /** Why the runtime cannot be used in this process any more; its classes only say that they cannot. */
    private @Nullable Throwable broken;

    private OnnxEnvironment() {}

    /**
     * @throws StorageException if the native library cannot be put anywhere
     * @throws MissingDependencyException if it cannot be loaded
     * @throws ModelLoadException if a shared pool is asked for which the environment does not have
     */
    static OrtEnvironment open(OnnxOptions options) {
        return PROCESS.get(options);
    }

    /** Writes the library of an execution provider beside the runtime's; after {@link #open}. */
    static void addProvider(String library) {
        PROCESS.add(library);
    }

    private synchronized void add(String library) {
        if (natives != null) {
            natives.addProvider(library);
        }
    }

    private synchronized OrtEnvironment get(OnnxOptions options) {
        if (broken != null) {
            throw unloadable(broken);
        }
        OrtEnvironment found = environment;
        int threads = options.sharedPool().orElse(0);
        if (found == null) {
            found = start(options);
            keepAlive();
            environment = found;
            sharedPool = threads;
        } else if (threads != 0 && threads != sharedPool) {
            throw withoutPool(
                    threads,
                    sharedPool == 0
                            ? "made with a model that asked for none"
                            : "made with one of " + sharedPool + " threads",
                    null);
        }
        return found;
    }

    private OrtEnvironment start(OnnxOptions options) {
        int threads = options.sharedPool().orElse(0);
        // Of the whole JVM: the runtime is pointed to its libraries by a system property, and in another class loader
        // there may be another runtime, which cannot load the same files.
        synchronized (ACROSS_LOADERS) {
            natives = OnnxNatives.prepare(OrtEnvironment.class, options);
            try {
                return threads == 0 ? OrtEnvironment.getEnvironment() : withPool(threads, options.spinning());
            } catch (LinkageError | IllegalStateException e) {
                broken = e;
                throw unloadable(e);
            } finally {
                natives.started();
            }
        }
    }

    private static OrtEnvironment withPool(int threads, boolean spinning) {
        try (OrtEnvironment.ThreadingOptions options = new OrtEnvironment.ThreadingOptions()) {
            options.setGlobalIntraOpNumThreads(threads);
            options.setGlobalInterOpNumThreads(1);
            options.setGlobalSpinControl(spinning);
            return OrtEnvironment.getEnvironment(
                    OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING, OrtEnvironment.DEFAULT_NAME, options);
        } catch (OrtException e) {
            throw new ModelLoadException("a shared pool of " + threads + " threads is refused: " + e.getMessage(), e);
        } catch (IllegalStateException e) {
            if (e.getCause() != null) {
                throw e;
            }
            throw withoutPool(threads, "made by something else, without JVMLOps", e);
        }
    }

    private static ModelLoadException withoutPool(int threads, String made, @Nullable Throwable cause) {
        return new ModelLoadException(
                "options ask for a shared pool of " + threads + " threads, but this process has an ONNX Runtime"
                        + " environment already, " + made
                        + ", and an environment is never changed; load a model with these"
                        + " options before anything else uses ONNX Runtime, or leave sharedPool out",
                cause);
    }

    /**
     * Takes a reference to the native environment that nobody gives back. The runtime frees its environment in a shutdown
     * hook, beside the threads that are still predicting: daemon threads, requests that a server lets end. Those then
     * read freed memory, and the process dies of it instead of exiting. What is kept is freed with the process.
     */
    private static void keepAlive() {
        try {
            Method create = OrtEnvironment.class.getDeclaredMethod("createHandle", long.class, int.class, String.class);
            create.setAccessible(true);
            create.invoke(
                    null,
                    OnnxNatives.field(OrtEnvironment.class, "ortApiHandle").getLong(null),
                    OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING.getValue(),
                    OrtEnvironment.DEFAULT_NAME);
        } catch (InvocationTargetException e) {
            LOG.warn("ONNX Runtime's environment is not kept; an exit during a prediction can crash", e.getCause());
        } catch (ReflectiveOperationException | RuntimeException e) {
            LOG.warn("ONNX Runtime's environment is not kept; an exit during a prediction can crash", e);
        }
    }

    private static MissingDependencyException unloadable(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String why = String.valueOf(root.getMessage());
        String remedy;
        if (root.getClass().getSimpleName().equals("IllegalCallerException")) {
            remedy = "start the JVM with --enable-native-access=ALL-UNNAMED";
        } else if (why.contains("failed to map segment") || why.contains("ermission")) {
            remedy = "name a folder that this process can execute from with -D" + OnnxOptions.FOLDER_PROPERTY + "=...";
        } else if (why.contains("ld-linux")
                || why.contains("libstdc++")
                || why.contains("GLIBC")
                || why.contains("_chk")) {
            remedy = "the library needs glibc and libstdc++, which an image built on musl (Alpine) does not have";
        } else {
            remedy = "there are libraries for Linux, macOS and Windows on 64-bit Intel and ARM processors";
        }
        return new MissingDependencyException(
                "ONNX Runtime's native library cannot be loaded: "
                        + root.getClass().getSimpleName() + ", " + why + ". Remedy: " + remedy
                        + "; then start the process anew, this one cannot try again",
                failure);
    }
}
