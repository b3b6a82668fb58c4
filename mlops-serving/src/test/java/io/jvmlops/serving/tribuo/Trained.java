package io.jvmlops.serving.tribuo;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Output;
import org.tribuo.OutputFactory;
import org.tribuo.anomaly.AnomalyFactory;
import org.tribuo.anomaly.Event;
import org.tribuo.anomaly.libsvm.LibSVMAnomalyTrainer;
import org.tribuo.anomaly.libsvm.SVMAnomalyType;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.baseline.DummyClassifierTrainer;
import org.tribuo.classification.dtree.CARTClassificationTrainer;
import org.tribuo.classification.ensemble.AdaBoostTrainer;
import org.tribuo.classification.ensemble.VotingCombiner;
import org.tribuo.classification.libsvm.LibSVMClassificationTrainer;
import org.tribuo.classification.libsvm.SVMClassificationType;
import org.tribuo.classification.mnb.MultinomialNaiveBayesTrainer;
import org.tribuo.classification.sgd.fm.FMClassificationTrainer;
import org.tribuo.classification.sgd.kernel.KernelSVMTrainer;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.linear.LogisticRegressionTrainer;
import org.tribuo.classification.sgd.objectives.Hinge;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.clustering.ClusterID;
import org.tribuo.clustering.ClusteringFactory;
import org.tribuo.clustering.hdbscan.HdbscanTrainer;
import org.tribuo.clustering.kmeans.KMeansTrainer;
import org.tribuo.common.libsvm.KernelType;
import org.tribuo.common.libsvm.SVMParameters;
import org.tribuo.common.tree.RandomForestTrainer;
import org.tribuo.ensemble.BaggingTrainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.distance.CosineDistance;
import org.tribuo.math.distance.L1Distance;
import org.tribuo.math.distance.L2Distance;
import org.tribuo.math.kernel.RBF;
import org.tribuo.math.neighbour.NeighboursQueryFactoryType;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.multilabel.MultiLabelFactory;
import org.tribuo.multilabel.baseline.IndependentMultiLabelTrainer;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.RegressionFactory;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.ensemble.AveragingCombiner;
import org.tribuo.regression.libsvm.LibSVMRegressionTrainer;
import org.tribuo.regression.libsvm.SVMRegressionType;
import org.tribuo.regression.rtree.CARTJointRegressionTrainer;
import org.tribuo.regression.rtree.CARTRegressionTrainer;
import org.tribuo.regression.rtree.impurity.MeanSquaredError;
import org.tribuo.regression.sgd.fm.FMRegressionTrainer;
import org.tribuo.regression.sgd.objectives.SquaredLoss;
import org.tribuo.regression.slm.ElasticNetCDTrainer;
import org.tribuo.regression.slm.LARSTrainer;
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

    /** No number below zero, as naive Bayes wants it. */
    private static MutableDataset<Label> counted() {
        LabelFactory factory = new LabelFactory();
        MutableDataset<Label> data = new MutableDataset<>(new SimpleDataSourceProvenance("drawn", factory), factory);
        for (double[] row : rows(ROWS, FEATURES.size(), 6)) {
            String label = row[0] + row[1] > 2.2 ? "large" : row[2] > 4 ? "old" : "Small";
            for (int i = 0; i < row.length; i++) {
                row[i] = Math.abs(row[i]);
            }
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

    /** A model of every kind that is loaded and that these tests have the trainer of; trained once. */
    static Map<String, Model<?>> all() {
        return Once.ALL;
    }

    private static final class Once {
        private static final Map<String, Model<?>> ALL = train();
    }

    private static Map<String, Model<?>> train() {
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
        SVMParameters<Label> voting =
                new SVMParameters<>(new SVMClassificationType(SVMClassificationType.SVMMode.C_SVC), KernelType.RBF);
        voting.setGamma(0.05);
        models.add(Map.entry("libsvm", new LibSVMClassificationTrainer(voting, 7L).train(labelled)));
        SVMParameters<Label> probable =
                new SVMParameters<>(new SVMClassificationType(SVMClassificationType.SVMMode.NU_SVC), KernelType.POLY);
        probable.setProbability();
        probable.setNu(0.1);
        probable.setGamma(0.05);
        models.add(
                Map.entry("libsvm with probabilities", new LibSVMClassificationTrainer(probable, 7L).train(labelled)));
        SVMParameters<Regressor> regression =
                new SVMParameters<>(new SVMRegressionType(SVMRegressionType.SVMMode.EPSILON_SVR), KernelType.RBF);
        regression.setGamma(0.05);
        models.add(Map.entry("libsvm regression", new LibSVMRegressionTrainer(regression, true, 7L).train(measured())));
        models.add(Map.entry("naive bayes", new MultinomialNaiveBayesTrainer().train(counted())));
        models.add(Map.entry("regression tree", new CARTRegressionTrainer(5).train(measured())));
        models.add(Map.entry(
                "joint regression forest",
                new RandomForestTrainer<>(
                                new CARTJointRegressionTrainer(4, 5, 0, 0.5f, false, new MeanSquaredError(), false, 7L),
                                new AveragingCombiner(),
                                4,
                                7L)
                        .train(measured())));
        models.add(Map.entry("least angle regression", new LARSTrainer(4).train(measured())));
        models.add(Map.entry("elastic net", new ElasticNetCDTrainer(0.5, 0.5, 7L).train(measured())));
        models.add(Map.entry("boosted tree", new AdaBoostTrainer(tree, 4, 7L).train(labelled)));
        models.add(Map.entry("k-means", clusters()));
        models.add(
                Map.entry("k-means by cosine", new KMeansTrainer(4, 5, new CosineDistance(), 1, 7L).train(grouped())));
        models.add(Map.entry(
                "transformed k-means",
                new TransformTrainer<>(new KMeansTrainer(4, 5, new L1Distance(), 1, 7L), scaled).train(grouped())));
        models.add(Map.entry(
                "hdbscan",
                new HdbscanTrainer(5, new L2Distance(), 3, 1, NeighboursQueryFactoryType.BRUTE_FORCE)
                        .train(grouped())));
        models.add(Map.entry(
                "transformed hdbscan",
                new TransformTrainer<>(
                                new HdbscanTrainer(5, new L1Distance(), 3, 1, NeighboursQueryFactoryType.BRUTE_FORCE),
                                scaled)
                        .train(grouped())));
        models.add(Map.entry("one-class svm", anomalies()));
        models.add(Map.entry(
                "transformed one-class svm",
                new TransformTrainer<>(
                                new LibSVMAnomalyTrainer(
                                        new SVMParameters<>(
                                                new SVMAnomalyType(SVMAnomalyType.SVMMode.ONE_CLASS),
                                                KernelType.SIGMOID),
                                        7L),
                                scaled)
                        .train(usual())));
        Map<String, Model<?>> byName = new LinkedHashMap<>();
        models.forEach(entry -> byName.put(entry.getKey(), entry.getValue()));
        return Collections.unmodifiableMap(byName);
    }

    private static <T extends Output<T>> MutableDataset<T> unlabelled(OutputFactory<T> factory, long seed) {
        MutableDataset<T> data = new MutableDataset<>(new SimpleDataSourceProvenance("drawn", factory), factory);
        for (double[] row : rows(ROWS, FEATURES.size(), seed)) {
            data.add(new ArrayExample<>(factory.getUnknownOutput(), FEATURES.toArray(String[]::new), row));
        }
        return data;
    }

    static MutableDataset<ClusterID> grouped() {
        return unlabelled(new ClusteringFactory(), 9);
    }

    /** All as expected, as the trainer wants it. */
    static MutableDataset<Event> usual() {
        AnomalyFactory factory = new AnomalyFactory();
        MutableDataset<Event> data = new MutableDataset<>(new SimpleDataSourceProvenance("drawn", factory), factory);
        for (double[] row : rows(ROWS, FEATURES.size(), 10)) {
            data.add(new ArrayExample<>(new Event(Event.EventType.EXPECTED), FEATURES.toArray(String[]::new), row));
        }
        return data;
    }

    static Model<ClusterID> clusters() {
        return new KMeansTrainer(3, 5, new L2Distance(), 1, 7L).train(grouped());
    }

    static Model<Event> anomalies() {
        SVMParameters<Event> parameters =
                new SVMParameters<>(new SVMAnomalyType(SVMAnomalyType.SVMMode.ONE_CLASS), KernelType.RBF);
        parameters.setGamma(0.01);
        parameters.setNu(0.2);
        return new LibSVMAnomalyTrainer(parameters, 7L).train(usual());
    }

    /** A kind that is not served: several labels at once. */
    static Model<MultiLabel> severalLabels() {
        MultiLabelFactory factory = new MultiLabelFactory();
        MutableDataset<MultiLabel> data =
                new MutableDataset<>(new SimpleDataSourceProvenance("drawn", factory), factory);
        for (double[] row : rows(50, 3, 9)) {
            data.add(new ArrayExample<>(
                    new MultiLabel(row[0] > 0 ? "warm" : "cold"), new String[] {"a", "b", "c"}, row));
        }
        return new IndependentMultiLabelTrainer(new LogisticRegressionTrainer()).train(data);
    }
}
