package io.jvmlops.serving.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.serving.folder.ModelFolder;
import io.jvmlops.serving.internal.Watchdog;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Opens sessions and reads signatures: the first class of the package to touch ONNX Runtime. */
final class OnnxSessions {
    private OnnxSessions() {}

    static InferenceModel open(
            ModelFiles files,
            ModelDescriptor descriptor,
            byte[] bytes,
            OnnxFile structure,
            ExternalData weights,
            OnnxOptions options,
            Watchdog watchdog) {
        OrtEnvironment environment = OnnxEnvironment.open(options);
        OrtSession session;
        try (OrtSession.SessionOptions settings = settings(options)) {
            session = weights.isEmpty()
                    ? environment.createSession(bytes, settings)
                    : openCopy(environment, settings, bytes, weights, options);
        } catch (OrtException e) {
            throw new ModelLoadException("model " + files.name() + " is refused by ONNX Runtime: " + e.getMessage(), e);
        }
        try {
            List<String> labels = descriptor.labels().isEmpty() ? structure.labels() : descriptor.labels();
            ModelSignature found = new ModelSignature(
                    specs(files, session.getInputInfo().values(), true, labels),
                    specs(files, session.getOutputInfo().values(), false, labels));
            ModelSignature signature = ModelFolder.reconcile(files.name(), found, descriptor);
            ModelDescriptor complete = descriptor.with(signature, labels);
            return new OnnxModel(
                    files.name(),
                    files.digest(),
                    complete,
                    signature,
                    structure.isDeterministic(),
                    environment,
                    session,
                    watchdog);
        } catch (OrtException | RuntimeException | Error e) {
            close(session);
            if (e instanceof RuntimeException runtime) {
                throw runtime;
            }
            if (e instanceof Error error) {
                throw error;
            }
            throw new ModelLoadException(
                    "signature of model " + files.name() + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static OrtSession.SessionOptions settings(OnnxOptions options) throws OrtException {
        OrtSession.SessionOptions settings = new OrtSession.SessionOptions();
        boolean complete = false;
        try {
            if (options.sharedPool().isPresent()) {
                settings.disablePerSessionThreads();
            } else {
                settings.setIntraOpNumThreads(options.intraOpThreads());
                settings.setInterOpNumThreads(1);
            }
            settings.setOptimizationLevel(
                    switch (options.optimization()) {
                        case NONE -> OrtSession.SessionOptions.OptLevel.NO_OPT;
                        case BASIC -> OrtSession.SessionOptions.OptLevel.BASIC_OPT;
                        case EXTENDED -> OrtSession.SessionOptions.OptLevel.EXTENDED_OPT;
                        case ALL -> OrtSession.SessionOptions.OptLevel.ALL_OPT;
                    });
            settings.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            String spinning = options.spinning() ? "1" : "0";
            settings.addConfigEntry("session.intra_op.allow_spinning", spinning);
            settings.addConfigEntry("session.inter_op.allow_spinning", spinning);
            // Else bytes that carry the mark of the runtime's own format are read as that, unlike they were checked.
            settings.addConfigEntry("session.load_model_format", "ONNX");
            for (Map.Entry<String, String> entry : options.config().entrySet()) {
                settings.addConfigEntry(entry.getKey(), entry.getValue());
            }
            for (OnnxOptions.Provider provider : options.providers()) {
                OnnxProviders.add(provider, settings);
            }
            complete = true;
            return settings;
        } finally {
            if (!complete) {
                settings.close();
            }
        }
    }

    /** The runtime reads what it needs, or maps it, while it opens the session: the copy goes at once, where it may. */
    private static OrtSession openCopy(
            OrtEnvironment environment,
            OrtSession.SessionOptions settings,
            byte[] bytes,
            ExternalData weights,
            OnnxOptions options)
            throws OrtException {
        Path folder = weights.copy(bytes, options);
        try {
            return environment.createSession(weights.in(folder).toString(), settings);
        } finally {
            ProcessFolder.discard(folder);
        }
    }

    static void close(OrtSession session) {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("an ONNX Runtime session did not close", e);
        }
    }

    private static List<TensorSpec> specs(
            ModelFiles files, Collection<NodeInfo> nodes, boolean inputs, List<String> labels) {
        return nodes.stream()
                .map(node -> OnnxValues.spec(files.name(), node, inputs, labels))
                .toList();
    }
}
