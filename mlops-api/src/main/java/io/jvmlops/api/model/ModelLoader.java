package io.jvmlops.api.model;

import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.MissingDependencyException;
import io.jvmlops.api.error.ModelLoadException;

/**
 * Turns the files of a model version into a model that answers. Found by {@link java.util.ServiceLoader}; a host adds
 * its own flavor, or replaces ours, by naming it to the builder of the serving.
 *
 * <p>A provider must be constructible where its runtime is not on the class path: it says so in {@link #load}.
 * Implementations are thread-safe and pass {@code ModelLoaderContract} of mlops-test.
 */
public interface ModelLoader {
    /** The flavor in {@link ModelDescriptor#flavors()} that this loads: {@code onnx}, {@code tribuo}. */
    String flavor();

    /**
     * Loads a model. Reads every file through {@link ModelFiles#read}, so that no parser sees unverified bytes.
     *
     * @param descriptor has the flavor of this loader
     * @throws MissingDependencyException if the runtime is not on the class path; the message gives its coordinates
     * @throws IntegrityException if bytes differ from the manifest
     * @throws ModelLoadException if they are not a model, or not the one that the descriptor tells of
     */
    InferenceModel load(ModelFiles files, ModelDescriptor descriptor);
}
