package io.jvmlops.serving.tribuo;

import io.jvmlops.api.error.MissingDependencyException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelLoader;

/**
 * Loads Tribuo's models from Tribuo's protobuf format (Tribuo 4.3): classification, regression, clustering and anomaly
 * detection. Thread-safe.
 *
 * <p>A model takes one tensor {@code input} of shape {@code [-1, features]}, with the features in the order of Tribuo's
 * ids, which is that of their names. What it gives depends on its kind:
 *
 * <ul>
 *   <li>A classifier gives {@code output} of shape {@code [-1, classes]}: the scores, in the order of the labels.
 *   <li>A regression gives {@code output} of shape {@code [-1, dimensions]}.
 *   <li>A clustering gives {@code cluster}, {@code INT64[-1]}: Tribuo's id of the cluster. K-means gives {@code distance}
 *       of shape {@code [-1]} too, how far it is to the centre of that cluster in the distance the model was trained with
 *       (unless the rows are transformed first); no cluster, -1, at infinity where no distance is a number. HDBSCAN gives
 *       {@code score} of shape {@code [-1]} too, its outlier score from 0 to 1; its cluster 0 is noise.
 *   <li>An anomaly detection gives {@code label}, {@code BYTES[-1]}, {@code EXPECTED} or {@code ANOMALOUS}; {@code score}
 *       of shape {@code [-1]}, the distance from the learned boundary in the support vector machine's own scale, negative
 *       for anomalies; and {@code output} of shape {@code [-1, 2]}, the score of the row as {@code EXPECTED} and its
 *       negative as {@code ANOMALOUS}, by which a {@link io.jvmlops.api.predict.Classification} reads the same label.
 * </ul>
 *
 * <p>A record reads any of these by their names, and a {@link io.jvmlops.api.predict.Regression} the distance or score.
 * Numbers are {@code FP32} if the descriptor's signature says so, else {@code FP64}; Tribuo computes in {@code FP64} either
 * way. NaN is refused as invalid input: Tribuo's models take no missing values.
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
