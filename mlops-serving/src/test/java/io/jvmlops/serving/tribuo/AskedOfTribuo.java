package io.jvmlops.serving.tribuo;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import java.util.List;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.anomaly.Event;
import org.tribuo.classification.Label;
import org.tribuo.clustering.ClusterID;
import org.tribuo.clustering.kmeans.KMeansModel;
import org.tribuo.impl.ArrayExample;
import org.tribuo.regression.Regressor;

/** What Tribuo itself answers, as the tensors that are expected of the loaded model. */
final class AskedOfTribuo {
    private static final List<String> SORTED = List.of("Zeta", "age", "colour=red", "height", "width");
    private static final int WIDTH = SORTED.size();

    private AskedOfTribuo() {}

    /** To the bit; but a distance is computed here by hand, and 32 bits may round that otherwise. */
    static double tolerance(Tensors expected, DataType type) {
        return !expected.names().contains("distance") ? 0 : type == DataType.FP64 ? 1e-12 : 1e-5;
    }

    /** Asks the trained model itself, by names, in the way of Tribuo's documentation. */
    static Tensors ask(Model<?> trained, Tensor rows, DataType type) {
        Output<?> any = trained.getOutputIDInfo().getOutput(0);
        if (any instanceof ClusterID) {
            return clusters(trained, rows, type);
        }
        if (any instanceof Event) {
            return events(trained, rows, type);
        }
        List<String> outputs = Domain.of(trained, "model").outputs();
        double[] answers = new double[rows.rows() * outputs.size()];
        for (int r = 0; r < rows.rows(); r++) {
            double[] row = row(rows, r);
            String[] names = SORTED.toArray(String[]::new);
            for (int o = 0; o < outputs.size(); o++) {
                answers[r * outputs.size() + o] = any instanceof Label
                        ? label(trained, names, row, outputs.get(o))
                        : dimension(trained, names, row, outputs.get(o));
            }
        }
        return Tensors.of("output", numbers(answers, type, rows.rows(), outputs.size()));
    }

    private static double[] row(Tensor rows, int index) {
        double[] row = new double[WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            row[i] = rows.doubleAt(index * WIDTH + i);
        }
        return row;
    }

    private static Tensor numbers(double[] values, DataType type, long... shape) {
        if (type == DataType.FP64) {
            return Tensor.transfer(values, shape);
        }
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return Tensor.transfer(narrow, shape);
    }

    /** Counts, which are never negative. */
    static Tensor absolute(Tensor rows, DataType type) {
        double[] values = rows.toDoubleArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.abs(values[i]);
        }
        return numbers(values, type, rows.shape().dims());
    }

    private static Tensors clusters(Model<?> trained, Tensor rows, DataType type) {
        int n = rows.rows();
        long[] ids = new long[n];
        double[] scores = new double[n];
        double[] distances = new double[n];
        for (int r = 0; r < n; r++) {
            double[] row = row(rows, r);
            Prediction<ClusterID> prediction = trained.castModel(ClusterID.class)
                    .predict(new ArrayExample<>(new ClusterID(-1), SORTED.toArray(String[]::new), row));
            ids[r] = prediction.getOutput().getID();
            scores[r] = prediction.getOutput().getScore();
            if (trained instanceof KMeansModel kMeans) {
                double[] centre = kMeans.getCentroidVectors()[(int) ids[r]].toArray();
                boolean cosine = String.valueOf(kMeans.getProvenance()).contains("CosineDistance");
                distances[r] = cosine ? cosine(centre, row) : euclidean(centre, row);
            }
        }
        Tensors.Builder answers = Tensors.builder().put("cluster", Tensor.transfer(ids, n));
        if (trained instanceof KMeansModel) {
            answers.put("distance", numbers(distances, type, n));
        } else if (!Double.isNaN(scores[0])) {
            answers.put("score", numbers(scores, type, n));
        }
        return answers.build();
    }

    private static double euclidean(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(sum);
    }

    private static double cosine(double[] a, double[] b) {
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += a[i] * b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
        }
        // To Tribuo, what has no angle is at a right one: a row of zeros is 1 from every centre.
        return ab == 0 ? 1 : 1 - ab / Math.sqrt(aa * bb);
    }

    private static Tensors events(Model<?> trained, Tensor rows, DataType type) {
        int n = rows.rows();
        String[] labels = new String[n];
        double[] scores = new double[n];
        double[] byType = new double[2 * n];
        for (int r = 0; r < n; r++) {
            Prediction<Event> prediction = trained.castModel(Event.class)
                    .predict(new ArrayExample<>(
                            new Event(Event.EventType.UNKNOWN), SORTED.toArray(String[]::new), row(rows, r)));
            labels[r] = prediction.getOutput().getType().name();
            scores[r] = prediction.getOutput().getScore();
            byType[2 * r] = scores[r];
            byType[2 * r + 1] = -scores[r];
        }
        return Tensors.builder()
                .put("label", Tensor.transfer(labels, n))
                .put("score", numbers(scores, type, n))
                .put("output", numbers(byType, type, n, 2))
                .build();
    }

    private static double label(Model<?> trained, String[] names, double[] row, String label) {
        Prediction<Label> prediction =
                trained.castModel(Label.class).predict(new ArrayExample<>(new Label("?"), names, row));
        Label score = prediction.getOutputScores().get(label);
        // A model without scores believes in its one answer alone.
        return score == null ? prediction.getOutput().getLabel().equals(label) ? 1 : 0 : score.getScore();
    }

    private static double dimension(Model<?> trained, String[] names, double[] row, String dimension) {
        Prediction<Regressor> prediction =
                trained.castModel(Regressor.class).predict(new ArrayExample<>(new Regressor("?", 0), names, row));
        return prediction.getOutput().getDimension(dimension).orElseThrow().getValue();
    }
}
