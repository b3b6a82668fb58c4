package io.jvmlops.serving.tribuo;

import io.jvmlops.api.error.MissingDependencyException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelLoader;

/**
 * Loads Tribuo's classifiers and regressors from Tribuo's protobuf format (Tribuo 4.3). Thread-safe.
 *
 * <p>The model takes one tensor of shape {@code [-1, features]}, with the features in the order of Tribuo's ids, which is
 * that of their names, and gives one of shape {@code [-1, classes]} with the scores of a classifier, or {@code [-1,
 * dimensions]} of a regression. Both are {@code FP32} if the descriptor's signature says so, else {@code FP64}; Tribuo
 * computes in {@code FP64} either way. NaN is refused as invalid input: Tribuo's models take no missing values.
 *
 * <p>Tribuo creates objects of classes that the file names. Here only classes of Tribuo's own, each in its place, are
 * ever looked up; a file that names another is refused before anything of it is loaded. Serialized Java objects, and
 * LibLinear models, which contain such, are always refused.
 *
 * <p>Tribuo is optional. This class can be used without it on the class path until {@link #load}.
 */
public final class TribuoModelLoader implements ModelLoader {
    /** The flavor. */
    static final String FLAVOR = "tribuo";

    /** The version that this was built with; for messages. */
    private static final String VERSION = "4.3.2";

    @Override
    public String flavor() {
        return FLAVOR;
    }

    @Override
    public InferenceModel load(ModelFiles files, ModelDescriptor descriptor) {
        if (!isPresent("org.tribuo.Model")) {
            throw new MissingDependencyException("model " + files.name()
                    + " is a Tribuo model, and Tribuo is not on the class path; add " + coordinates("tribuo-core")
                    + " and the artifacts of the model's kind, such as " + coordinates("tribuo-classification-sgd"));
        }
        try {
            return TribuoModel.load(files, descriptor);
        } catch (NoClassDefFoundError e) {
            throw new MissingDependencyException(
                    "model " + files.name() + " needs "
                            + String.valueOf(e.getMessage()).replace('/', '.')
                            + ", which is not on the class path; add the artifact of Tribuo " + VERSION
                            + " that has it, such as " + coordinates("tribuo-classification-sgd"),
                    e);
        }
    }

    static String coordinates(String artifact) {
        return "org.tribuo:" + artifact + ":" + VERSION;
    }

    private static boolean isPresent(String className) {
        try {
            Class.forName(className, false, TribuoModelLoader.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
