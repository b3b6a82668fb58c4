package io.jvmlops.serving.onnx;

import io.jvmlops.api.error.MissingDependencyException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelLoader;
import io.jvmlops.serving.internal.Watchdog;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Loads the {@code onnx} flavor with ONNX Runtime, as {@link OnnxOptions} say. The native library is touched only once the
 * file has been verified and has the structure of an ONNX model. Weights in other files ("external data") must be files
 * of the same model version, or the model is refused; the runtime, which opens those by path, gets a private copy of what
 * was verified.
 *
 * <p>The runtime's environment is made with the first model, and one that a host has made before is used as it is. Its
 * native library goes to a folder of this process, see {@link OnnxOptions.Builder#nativeFolder}, unless the host has set
 * {@code onnxruntime.native.path}. From then on the process can exit while models predict.
 *
 * <p>Inputs and outputs keep their names. An output of type sequence-of-maps, as scikit-learn's ZipMap makes, becomes a
 * tensor with one column per class; a sequence of matrices with a row per row, as its MultiOutputClassifier makes, one
 * tensor of shape {@code [rows, matrices, columns]}. Of types, all are taken that the runtime's Java interface can carry;
 * others, such as unsigned integers wider than 8 bits, are refused by name. Class labels that the model holds become the descriptor's, if it has none.
 *
 * <p>Needs {@code com.microsoft.onnxruntime:onnxruntime} on the class path; version 1.29.0 is refused because it kills
 * the JVM when the process has a long command line.
 */
public final class OnnxModelLoader implements ModelLoader {
    static final String FLAVOR = "onnx";

    private static final String COORDINATES = "com.microsoft.onnxruntime:onnxruntime:1.28.0";
    private static final String CRASHES = "1.29.0";

    /** One for all loaders: its thread lingers, and there may be a loader for every model that is loaded. */
    private static final Watchdog WATCHDOG = new Watchdog();

    private final OnnxOptions options;

    /** With {@link OnnxOptions#ofDefaults()}; what {@link java.util.ServiceLoader} makes. */
    public OnnxModelLoader() {
        this(OnnxOptions.ofDefaults());
    }

    public OnnxModelLoader(OnnxOptions options) {
        this.options = Objects.requireNonNull(options);
    }

    @Override
    public String flavor() {
        return FLAVOR;
    }

    @Override
    public InferenceModel load(ModelFiles files, ModelDescriptor descriptor) {
        Map<String, String> settings = descriptor.flavors().get(FLAVOR);
        String path = settings == null ? null : settings.get(ModelDescriptor.DATA);
        if (path == null) {
            throw new ModelLoadException(
                    "model " + files.name() + " has no flavor '" + FLAVOR + "' with a '" + ModelDescriptor.DATA
                            + "' file; it has " + descriptor.flavors().keySet());
        }
        requireRuntime();
        byte[] bytes = files.read(path);
        String subject = "file '" + path + "' of model " + files.name();
        OnnxFile structure = OnnxFile.parse(bytes, subject);
        ExternalData weights = ExternalData.of(structure, subject, path, files);
        // A class of its own, so that this one can be made where the runtime is absent.
        return OnnxSessions.open(files, descriptor, bytes, structure, weights, options, WATCHDOG);
    }

    private static void requireRuntime() {
        Class<?> runtime;
        try {
            runtime = Class.forName("ai.onnxruntime.OrtEnvironment", false, OnnxModelLoader.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new MissingDependencyException(
                    "loading an ONNX model needs ONNX Runtime on the class path: add " + COORDINATES, e);
        }
        refuseCrashing(runtime.getPackage().getImplementationVersion());
    }

    /** Visible for its test: no build may hold the version that it refuses. */
    static void refuseCrashing(@Nullable String version) {
        if (CRASHES.equals(version)) {
            throw new MissingDependencyException("ONNX Runtime " + CRASHES
                    + " is on the class path, which kills the JVM when its command line passes about 4 KB: use "
                    + COORDINATES);
        }
    }
}
