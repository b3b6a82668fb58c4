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
import java.util.Collection;
import java.util.List;

/** Opens sessions and reads signatures: the first class of the package to touch ONNX Runtime. */
final class OnnxSessions {
    private OnnxSessions() {}

    static InferenceModel open(
            ModelFiles files, ModelDescriptor descriptor, byte[] bytes, OnnxFile structure, Watchdog watchdog) {
        // Whoever comes first makes the process's one environment; a host's own is used as it is.
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        OrtSession session;
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            options.addConfigEntry("session.inter_op.allow_spinning", "0");
            // Else bytes that carry the mark of the runtime's own format are read as that, unlike they were checked.
            options.addConfigEntry("session.load_model_format", "ONNX");
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            session = environment.createSession(bytes, options);
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
            return new OnnxModel(files.name(), files.digest(), complete, signature, environment, session, watchdog);
        } catch (OrtException | RuntimeException e) {
            close(session);
            if (e instanceof RuntimeException runtime) {
                throw runtime;
            }
            throw new ModelLoadException(
                    "signature of model " + files.name() + " cannot be read: " + e.getMessage(), e);
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
