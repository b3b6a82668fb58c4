package io.jvmlops.serving.tribuo;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.baseline.DummyClassifierTrainer;
import org.tribuo.classification.dtree.CARTClassificationTrainer;
import org.tribuo.classification.ensemble.VotingCombiner;
import org.tribuo.classification.sgd.fm.FMClassificationTrainer;
import org.tribuo.classification.sgd.kernel.KernelSVMTrainer;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.linear.LogisticRegressionTrainer;
import org.tribuo.classification.sgd.objectives.Hinge;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.clustering.ClusterID;
import org.tribuo.clustering.ClusteringFactory;
import org.tribuo.clustering.kmeans.KMeansTrainer;
import org.tribuo.common.tree.RandomForestTrainer;
import org.tribuo.ensemble.BaggingTrainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.distance.L2Distance;
import org.tribuo.math.kernel.RBF;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.sgd.fm.FMRegressionTrainer;
import org.tribuo.regression.sgd.objectives.SquaredLoss;
import org.tribuo.transform.TransformTrainer;
import org.tribuo.transform.TransformationMap;
import org.tribuo.transform.transformations.LinearScalingTransformation;
import org.tribuo.transform.transformations.MeanStdDevTransformation;
import org.tribuo.transform.transformations.SimpleTransform;

/** Models that Tribuo really trained, on data drawn from a seed. */
final class Trained {
    static final int ROWS = 200;
    /** Not in the order of the alphabet, so that columns and ids differ from how the data was made. */
    static final List<String> FEATURES = List.of("width", "height", "age", "Zeta", "colour=red");

    private Trained() {}

    static double[][] rows(int n, int width, long seed) {
        Random random = new Random(seed);
        double[][] rows = new double[n][width];
        for (double[] row : rows) {
            for (int i = 0; i < width; i++) {
                row[i] = 0.1 + random.nextGaussian() * (1 + i) + 2 * i;
            }
        }
        return rows;
    }

    static Tensor tensor(DataType type, int n, int width, long seed) {
        double[][] rows = rows(n, width, seed);
        if (type == DataType.FP64) {
            double[] data = new double[n * width];
            for (int i = 0; i < data.length; i++) {
                data[i] = rows[i / width][i % width];
            }
            return Tensor.transfer(data, n, width);
        }
        float[] data = new float[n * width];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) rows[i / width][i % width];
        }
        return Tensor.transfer(data, n, width);
    }

    static MutableDataset<Label> labelled() {
        LabelFactory factory = new LabelFactory();
        MutableDataset<Label> data = new MutableDataset<>(new SimpleDataSourceProvenance("drawn", factory), factory);
        for (double[] row : rows(ROWS, FEATURES.size(), 7)) {
            String label = row[0] + row[1] > 2.2 ? "large" : row[2] > 4 ? "old" : "Small";
            data.add(new ArrayExample<>(new Label(label), FEATURES.toArray(String[]::new), row));
        }
        return data;
    }

    static MutableDataset<Regressor> measured() {
        RegressionFactory factory = new RegressionFactory();
        MutableDataset<Regressor> data =
                new MutableDataset<>(new SimpleDataSourceProvenance("drawn", factory), factory);
        for (double[] row : rows(ROWS, FEATURES.size(), 8)) {
            Regressor truth = new Regressor(
                    new String[] {"weight", "price"}, new double[] {3 * row[0] - row[1], 10 + row[2] * row[3]});
            data.add(new ArrayExample<>(truth, FEATURES.toArray(String[]::new), row));
        }
        return data;
    }

    static Model<Label> logistic() {
        return new LogisticRegressionTrainer().train(labelled());
    }

    static Model<Regressor> linear() {
        return new org.tribuo.regression.sgd.linear.LinearSGDTrainer(
                        new SquaredLoss(), new AdaGrad(0.1), 5, ROWS, 1, 7L)
                .train(measured());
    }

    /** A model of every kind that is loaded and that these tests have the trainer of. */
    static Map<String, Model<?>> all() {
        Dataset<Label> labelled = labelled();
        LinearSGDTrainer hinge = new LinearSGDTrainer(new Hinge(), new AdaGrad(0.1), 3, ROWS, 1, 7L);
        TransformationMap scaled = new TransformationMap(
                List.of(new MeanStdDevTransformation()),
                Map.of(
                        "age", List.of(new LinearScalingTransformation(0, 1)),
                        "width", List.of(SimpleTransform.add(3), SimpleTransform.exp())));
        CARTClassificationTrainer tree = new CARTClassificationTrainer(5, 0.5f, 7L);
        List<Map.Entry<String, Model<?>>> models = new ArrayList<>();
        models.add(Map.entry("logistic", logistic()));
        models.add(Map.entry("hinge", hinge.train(labelled)));
        models.add(Map.entry("linear regression", linear()));
        models.add(Map.entry(
                "factorization machine",
                new FMClassificationTrainer(new LogMulticlass(), new AdaGrad(0.05), 3, ROWS, 1, 7L, 4, 0.1)
                        .train(labelled)));
        models.add(Map.entry(
                "factorization regression",
                new FMRegressionTrainer(new SquaredLoss(), new AdaGrad(0.05), 3, ROWS, 1, 7L, 4, 0.1, true)
                        .train(measured())));
        models.add(Map.entry("kernel svm", new KernelSVMTrainer(new RBF(0.1), 0.1, 2, 7L).train(labelled)));
        models.add(Map.entry("tree", tree.train(labelled)));
        models.add(Map.entry(
                "random forest", new RandomForestTrainer<>(tree, new VotingCombiner(), 5, 7L).train(labelled)));
        models.add(
                Map.entry("bagged linear", new BaggingTrainer<>(hinge, new VotingCombiner(), 3, 7L).train(labelled)));
        models.add(Map.entry(
                "transformed", new TransformTrainer<>(new LogisticRegressionTrainer(), scaled).train(labelled)));
        models.add(Map.entry(
                "transformed forest",
                new TransformTrainer<>(new RandomForestTrainer<>(tree, new VotingCombiner(), 3, 7L), scaled)
                        .train(labelled)));
        models.add(Map.entry(
                "most frequent",
                DummyClassifierTrainer.createMostFrequentTrainer().train(labelled)));
        Map<String, Model<?>> byName = new LinkedHashMap<>();
        models.forEach(entry -> byName.put(entry.getKey(), entry.getValue()));
        return byName;
    }

    /** A kind that is not served. */
    static Model<ClusterID> clusters() {
        ClusteringFactory factory = new ClusteringFactory();
        MutableDataset<ClusterID> data =
                new MutableDataset<>(new SimpleDataSourceProvenance("drawn", factory), factory);
        for (double[] row : rows(50, 3, 9)) {
            data.add(new ArrayExample<>(new ClusterID(ClusterID.UNASSIGNED), new String[] {"a", "b", "c"}, row));
        }
        return new KMeansTrainer(2, 3, new L2Distance(), 1, 7L).train(data);
    }
}
