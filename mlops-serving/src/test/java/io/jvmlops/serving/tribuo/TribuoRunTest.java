package io.jvmlops.serving.tribuo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.oracle.labs.mlrg.olcut.provenance.primitives.StringProvenance;
import com.oracle.labs.mlrg.olcut.util.Pair;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.tracking.DatasetInput;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.api.tracking.RunTags;
import io.jvmlops.serving.folder.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.Trainer;
import org.tribuo.WeightedExamples;
import org.tribuo.anomaly.AnomalyFactory;
import org.tribuo.anomaly.Event;
import org.tribuo.anomaly.evaluation.AnomalyEvaluation;
import org.tribuo.anomaly.evaluation.AnomalyEvaluator;
import org.tribuo.classification.Label;
import org.tribuo.classification.dtree.CARTClassificationTrainer;
import org.tribuo.classification.ensemble.AdaBoostTrainer;
import org.tribuo.classification.ensemble.VotingCombiner;
import org.tribuo.classification.evaluation.LabelEvaluation;
import org.tribuo.classification.evaluation.LabelEvaluator;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.linear.LogisticRegressionTrainer;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.clustering.ClusterID;
import org.tribuo.clustering.ClusteringFactory;
import org.tribuo.clustering.evaluation.ClusteringEvaluation;
import org.tribuo.clustering.evaluation.ClusteringEvaluator;
import org.tribuo.clustering.kmeans.KMeansTrainer;
import org.tribuo.common.tree.RandomForestTrainer;
import org.tribuo.dataset.DatasetView;
import org.tribuo.ensemble.BaggingTrainer;
import org.tribuo.ensemble.EnsembleModel;
import org.tribuo.evaluation.CrossValidation;
import org.tribuo.evaluation.Evaluator;
import org.tribuo.evaluation.OnlineEvaluator;
import org.tribuo.evaluation.TrainTestSplitter;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.distance.L2Distance;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.multilabel.MultiLabel;
import org.tribuo.multilabel.MultiLabelFactory;
import org.tribuo.multilabel.baseline.IndependentMultiLabelTrainer;
import org.tribuo.provenance.SimpleDataSourceProvenance;
import org.tribuo.regression.Regressor;
import org.tribuo.regression.evaluation.RegressionEvaluation;
import org.tribuo.regression.evaluation.RegressionEvaluator;
import org.tribuo.regression.sgd.objectives.SquaredLoss;
import org.tribuo.transform.TransformTrainer;
import org.tribuo.transform.TransformationMap;
import org.tribuo.transform.transformations.MeanStdDevTransformation;

class TribuoRunTest {
    @TempDir
    Path folder;

    private final StoredRun stored = StoredRun.start("a run");
    private final TribuoRun run = TribuoRun.of(stored);

    private List<RunInfo> children() {
        return stored.store()
                .search(RunQuery.all().where("tags.\"" + RunTags.PARENT + "\" = '" + stored.id() + "'"))
                .items();
    }

    private static double metric(RunInfo run, String name) {
        return Objects.requireNonNull(
                        run.metrics().get(name),
                        () -> name + " of " + run.metrics().keySet())
                .value();
    }

    private static LinearSGDTrainer sgd(double rate) {
        return new LinearSGDTrainer(new LogMulticlass(), new AdaGrad(rate), 4, 50, 1, 7L);
    }

    // One training

    @Test
    void aTrainingLogsParamsDataTimeAndModel() throws IOException {
        Path file = Flowers.file(folder);
        Model<Label> model = run.trainer("flowers", sgd(0.5)).train(Flowers.dataset(file));
        run.complete();
        RunInfo info = stored.info();
        assertThat(info.status()).isEqualTo(RunStatus.FINISHED);
        assertThat(info.params())
                .containsEntry("trainer", LinearSGDTrainer.class.getName())
                .containsEntry("trainer.epochs", "4")
                .containsEntry("trainer.seed", "7")
                .containsEntry("trainer.optimiser", AdaGrad.class.getName())
                .containsEntry("trainer.optimiser.initialLearningRate", "0.5")
                .containsEntry("trainer.train-invocation-count", "0");
        assertThat(info.inputs()).singleElement().satisfies(input -> {
            assertThat(input.context()).isEqualTo("training");
            assertThat(input.dataset().name()).isEqualTo("flowers.csv");
            assertThat(input.dataset().digest()).isEqualTo(Digest.of(Files.readAllBytes(file)));
            assertThat(input.dataset().source()).isEqualTo(file.toString());
        });
        assertThat(metric(info, "training_seconds")).isPositive();
        ModelVersion version = stored.registry().get(new ModelRef.Version("flowers", 1));
        assertThat(run.version(model)).contains(version);
        assertThat(version.runId()).isEqualTo(stored.id());
        assertThat(version.signature()).isNotNull();
        assertThat(stored.registry().versionsTrainedOn(Digest.of(Files.readAllBytes(file))))
                .containsExactly(version);
        ModelFiles files = stored.registry().files(version);
        assertThat(Objects.requireNonNull(ModelFolder.read(files).signature())
                        .inputSchema()
                        .names())
                .containsExactlyInAnyOrder("length", "width");
        try (InferenceModel served = new TribuoModelLoader().load(files, ModelFolder.read(files))) {
            assertThat(served.predict(Tensors.of("input", Tensor.copyOf(new double[] {1, 4}, 1, 2)))
                            .at(0)
                            .size())
                    .isEqualTo(3);
        }
    }

    @Test
    void withoutANameNoModelIsRegistered() {
        Model<Label> model = run.trainer(sgd(0.5)).train(Trained.labelled());
        run.complete();
        assertThat(stored.registry().models()).isEmpty();
        assertThat(run.version(model)).isEmpty();
        assertThat(run.runOf(model)).containsSame(run);
    }

    @Test
    void aTrackedTrainerTrainsWhatTheWrappedOneDoes() {
        Dataset<Label> data = Trained.labelled();
        Model<Label> plain = sgd(0.5).train(data);
        Model<Label> tracked = run.trainer("flowers", sgd(0.5)).train(data);
        assertThat(tracked.getClass()).isEqualTo(plain.getClass());
        for (var example : data) {
            assertThat(tracked.predict(example).getOutputScores().toString())
                    .isEqualTo(plain.predict(example).getOutputScores().toString());
        }
    }

    @Test
    void everyOverloadAndTheInvocationCountPassThrough() {
        Dataset<Label> data = Trained.labelled();
        LinearSGDTrainer wrapped = sgd(0.5);
        Trainer<Label> trainer = run.trainer(wrapped);
        var provenance = Map.<String, com.oracle.labs.mlrg.olcut.provenance.Provenance>of(
                "fold", new StringProvenance("fold", "three"));
        Model<Label> second = trainer.train(data, provenance);
        assertThat(second.getProvenance().getInstanceProvenance().getMap()).containsKey("fold");
        Model<Label> ninth = trainer.train(data, provenance, 9);
        assertThat(TrainerParams.of(ninth.getProvenance().getTrainerProvenance()))
                .containsEntry(TrainerParams.INVOCATION, "9");
        assertThat(trainer.getInvocationCount()).isEqualTo(10).isEqualTo(wrapped.getInvocationCount());
        trainer.setInvocationCount(4);
        assertThat(wrapped.getInvocationCount()).isEqualTo(4);
        assertThat(trainer.getProvenance()).isEqualTo(wrapped.getProvenance());
        assertThat(trainer).hasToString(wrapped.toString());
        assertThat(children())
                .singleElement()
                .satisfies(child -> assertThat(child.params()).containsEntry("trainer.train-invocation-count", "9"));
    }

    @Test
    void modelsGoToTheRegistryInTheFormThatIsAskedFor() {
        Model<Label> model =
                run.trainer("both", sgd(0.5), TribuoModels::exportBoth).train(Trained.labelled());
        ModelVersion version = run.version(model).orElseThrow();
        assertThat(ModelFolder.read(stored.registry().files(version)).flavors()).containsKeys("tribuo", "onnx");
    }

    // Several trainings

    @Test
    void eachFurtherTrainingHasAChildRunOfItsOwn() {
        Dataset<Label> data = Trained.labelled();
        Evaluator<Label, LabelEvaluation> evaluator = run.evaluator(new LabelEvaluator());
        double[] accuracies = new double[3];
        double[] rates = {0.5, 0.01, 1e-9};
        Model<?>[] models = new Model<?>[3];
        for (int i = 0; i < 3; i++) {
            Model<Label> model = run.trainer("flowers", sgd(rates[i])).train(data);
            models[i] = model;
        }
        for (int i = 2; i >= 0; i--) {
            accuracies[i] =
                    evaluator.evaluate(models[i].castModel(Label.class), data).accuracy();
        }
        assertThat(children())
                .hasSize(2)
                .allSatisfy(child -> assertThat(child.status()).isEqualTo(RunStatus.RUNNING));
        run.complete();
        assertThat(stored.info().params()).containsEntry("trainer.optimiser.initialLearningRate", "0.5");
        assertThat(metric(stored.info(), "accuracy")).isEqualTo(accuracies[0]);
        for (int i = 1; i < 3; i++) {
            RunInfo child = run.runOf(models[i]).orElseThrow().info();
            assertThat(child.status()).isEqualTo(RunStatus.FINISHED);
            assertThat(child.name()).isEqualTo("LinearSGDTrainer " + (i + 1));
            assertThat(child.parentId()).contains(stored.id());
            assertThat(child.params())
                    .containsEntry("trainer.optimiser.initialLearningRate", Double.toString(rates[i]));
            assertThat(metric(child, "accuracy")).isEqualTo(accuracies[i]);
            assertThat(child.inputs()).extracting(DatasetInput::context).contains("training", "evaluation");
            assertThat(run.version(models[i]).orElseThrow().runId()).isEqualTo(child.id());
        }
        assertThat(stored.registry().versions("flowers")).hasSize(3);
    }

    @Test
    void aTrainingThatFailsSaysSoAndFailsItsChildRun() {
        run.trainer(sgd(0.5)).train(Trained.labelled());
        MutableDataset<Label> empty = new MutableDataset<>(
                Trained.labelled().getSourceProvenance(), Trained.labelled().getOutputFactory());
        assertThatThrownBy(() -> run.trainer(new FailingTrainer()).train(empty)).hasMessage("no, I will not");
        assertThat(children()).singleElement().satisfies(child -> {
            assertThat(child.status()).isEqualTo(RunStatus.FAILED);
            assertThat(child.endReason()).contains("no, I will not");
            assertThat(child.params()).containsEntry("trainer", FailingTrainer.class.getName());
        });
        run.complete();
    }

    @Test
    void foldsHaveChildRunsAndTheRunHasTheMeanOverThem() {
        Trainer<Label> trainer = run.trainer("flowers", sgd(0.5));
        Dataset<Label> data = Flowers.dataset(Flowers.file(folder));
        List<Pair<LabelEvaluation, Model<Label>>> folds =
                new CrossValidation<>(trainer, data, run.evaluator(new LabelEvaluator()), 4, 1L).evaluate();
        Model<Label> whole = trainer.train(data);
        run.complete();
        double mean = folds.stream()
                .mapToDouble(fold -> fold.getA().accuracy())
                .average()
                .orElseThrow();
        double squares = folds.stream()
                .mapToDouble(fold -> Math.pow(fold.getA().accuracy() - mean, 2))
                .sum();
        RunInfo info = stored.info();
        assertThat(metric(info, "cv/accuracy")).isCloseTo(mean, within(1e-12));
        assertThat(metric(info, "cv/accuracy_sd")).isCloseTo(Math.sqrt(squares / 3), within(1e-12));
        assertThat(info.metrics().get("cv/accuracy").step()).isEqualTo(3);
        assertThat(info.inputs()).extracting(input -> input.dataset().name()).containsExactly("flowers.csv");
        assertThat(children()).hasSize(4).allSatisfy(child -> {
            assertThat(child.status()).isEqualTo(RunStatus.FINISHED);
            assertThat(child.name()).startsWith("LinearSGDTrainer TrainFold(");
            assertThat(child.metrics()).containsKeys("accuracy", "training_seconds");
        });
        assertThat(children().stream()
                        .flatMap(child -> child.inputs().stream())
                        .filter(input -> !String.valueOf(input.context()).endsWith("source"))
                        .map(input -> input.dataset().digest())
                        .distinct())
                .as("the four parts that were learned from, and the four that were held out")
                .hasSize(8);
        assertThat(stored.registry().versions("flowers")).hasSize(1);
        assertThat(run.version(whole)).isPresent();
    }

    @Test
    void anEnsembleIsOneTraining() {
        Dataset<Label> data = Trained.labelled();
        Trainer<Label> inner = run.trainer("inner", sgd(0.5));
        Model<Label> model = run.trainer("outer", new BaggingTrainer<>(inner, new VotingCombiner(), 5, 7L))
                .train(data);
        Model<Label> forest = run.trainer(
                        "forest",
                        new RandomForestTrainer<>(
                                new CARTClassificationTrainer(4, 0.7f, 3L), new VotingCombiner(), 6, 7L))
                .train(data);
        run.complete();
        assertThat(((EnsembleModel<Label>) model).getNumModels()).isEqualTo(5);
        assertThat(stored.registry().models()).containsExactly("forest", "outer");
        assertThat(stored.registry().versions("outer")).hasSize(1);
        assertThat(stored.info().params())
                .containsEntry("trainer", BaggingTrainer.class.getName())
                .containsEntry("trainer.innerTrainer", LinearSGDTrainer.class.getName())
                .containsEntry("trainer.innerTrainer.epochs", "4");
        assertThat(children())
                .singleElement()
                .satisfies(child -> assertThat(child.name()).isEqualTo("RandomForestTrainer 2"));
        assertThat(run.version(forest)).isPresent();
    }

    @Test
    void whatAnotherTrainerWrapsLogsNothing() {
        Dataset<Label> data = Trained.labelled();
        Trainer<Label> inner = run.trainer("inner", sgd(0.5));
        new BaggingTrainer<>(inner, new VotingCombiner(), 5, 7L).train(data);
        new AdaBoostTrainer(inner, 5, 7L).train(data);
        new TransformTrainer<>(inner, new TransformationMap(List.of(new MeanStdDevTransformation()))).train(data);
        assertThat(stored.info().params()).isEmpty();
        assertThat(stored.info().inputs()).isEmpty();
        assertThat(children()).isEmpty();
        assertThat(stored.registry().models()).isEmpty();
    }

    @Test
    void aTrainerThatWeighsExamplesStillSaysSo() {
        assertThat(sgd(0.5)).isInstanceOf(WeightedExamples.class);
        assertThat(run.trainer(sgd(0.5))).isInstanceOf(WeightedExamples.class);
        assertThat(run.trainer(new KMeansTrainer(2, 3, new L2Distance(), 1, 7L)))
                .isNotInstanceOf(WeightedExamples.class);
        Dataset<Label> data = Trained.labelled();
        Model<Label> plain = new AdaBoostTrainer(sgd(0.5), 3, 7L).train(data);
        Model<Label> tracked = new AdaBoostTrainer(run.trainer(sgd(0.5)), 3, 7L).train(data);
        for (var example : data) {
            assertThat(tracked.predict(example).getOutputScores().toString())
                    .isEqualTo(plain.predict(example).getOutputScores().toString());
        }
    }

    // Data

    @Test
    void theHalvesOfASplitAreOtherDataOfTheSameFile() throws IOException {
        Path file = Flowers.file(folder);
        TrainTestSplitter<Label> split = new TrainTestSplitter<>(Flowers.source(file), 0.7, 3L);
        Model<Label> model = run.trainer(sgd(0.5)).train(new MutableDataset<>(split.getTrain()));
        run.evaluator(new LabelEvaluator()).evaluate(model, new MutableDataset<>(split.getTest()));
        List<DatasetInput> inputs = stored.info().inputs();
        assertThat(inputs)
                .extracting(DatasetInput::context)
                .containsExactly("training", "training source", "evaluation", "evaluation source");
        assertThat(inputs.get(1).dataset().digest()).isEqualTo(Digest.of(Files.readAllBytes(file)));
        assertThat(inputs.stream().map(input -> input.dataset().digest()).distinct())
                .hasSize(3);
        assertThat(inputs.get(0).dataset().source())
                .isEqualTo("TrainTestSplitter(is-train=true, seed=3, size=90, train-proportion=0.7) of " + file);
        // Another process, another day: the same split of the same file is the same data.
        TrainTestSplitter<Label> again = new TrainTestSplitter<>(Flowers.source(file), 0.7, 3L);
        assertThat(TrainingData.of(again.getTrain().getProvenance(), again.getTrain())
                        .data())
                .isEqualTo(inputs.get(0).dataset());
        TrainTestSplitter<Label> other = new TrainTestSplitter<>(Flowers.source(file), 0.7, 4L);
        assertThat(TrainingData.of(other.getTrain().getProvenance(), other.getTrain())
                        .data()
                        .digest())
                .isNotEqualTo(inputs.get(0).dataset().digest());
    }

    @Test
    void sourcesAndViewsOfTheSameDataAgree() {
        Path file = Flowers.file(folder);
        MutableDataset<Label> data = Flowers.dataset(file);
        Evaluator<Label, LabelEvaluation> evaluator = run.evaluator(new LabelEvaluator());
        Model<Label> model = sgd(0.5).train(data);
        evaluator.evaluate(model, data);
        evaluator.evaluate(model, Flowers.source(file));
        evaluator.evaluate(model, model.predict(data), data.getProvenance());
        assertThat(stored.info().inputs()).hasSize(1);
        DatasetView<Label> view = DatasetView.createView(data, e -> true, "all of it");
        evaluator.evaluate(model, view);
        evaluator.evaluate(model, model.predict(view), view.getProvenance());
        assertThat(stored.info().inputs()).hasSize(3);
    }

    @Test
    void dataWithoutAFileAreKnownByTheirExamples() {
        TrainingData drawn = TrainingData.of(Trained.labelled().getProvenance(), Trained.labelled());
        assertThat(drawn.data().name()).isEqualTo("drawn");
        assertThat(drawn.sources()).isEmpty();
        MutableDataset<Label> more = Trained.labelled();
        more.add(new ArrayExample<>(new Label("old"), new String[] {"age"}, new double[] {9}));
        assertThat(TrainingData.of(more.getProvenance(), more).data().digest())
                .isNotEqualTo(drawn.data().digest());
        assertThat(TrainingData.of(Trained.labelled().getProvenance(), Trained.labelled()))
                .isEqualTo(drawn);
    }

    // Evaluations

    @Test
    void metricsOfAClassifierHaveTheirNamesAndNaNStays() {
        Dataset<Label> data = Trained.labelled();
        Dataset<Label> large =
                DatasetView.createView(data, e -> e.getOutput().getLabel().equals("large"), "large");
        Model<Label> model = new LogisticRegressionTrainer().train(data);
        LabelEvaluation evaluation =
                run.evaluator("large/", new LabelEvaluator()).evaluate(model, large);
        RunInfo info = stored.info();
        assertThat(metric(info, "large/accuracy")).isEqualTo(evaluation.accuracy());
        assertThat(metric(info, "large/f1_macro")).isEqualTo(evaluation.macroAveragedF1());
        assertThat(metric(info, "large/f1_micro")).isEqualTo(evaluation.microAveragedF1());
        assertThat(metric(info, "large/balanced_error_rate")).isEqualTo(evaluation.balancedErrorRate());
        assertThat(metric(info, "large/recall/large")).isEqualTo(evaluation.recall(new Label("large")));
        assertThat(evaluation.AUCROC(new Label("old"))).isNaN();
        assertThat(metric(info, "large/aucroc/old")).isNaN();
        assertThat(info.metrics()).hasSize(evaluation.asMap().size());
    }

    @Test
    void metricsOfARegressionAreByDimension() {
        RegressionEvaluation evaluation =
                run.evaluator(new RegressionEvaluator()).evaluate(Trained.linear(), Trained.measured());
        RunInfo info = stored.info();
        assertThat(metric(info, "rmse")).isEqualTo(evaluation.averageRMSE());
        assertThat(metric(info, "r2/price")).isEqualTo(evaluation.r2().get(new Regressor("price", Double.NaN)));
        assertThat(metric(info, "mae/weight")).isEqualTo(evaluation.mae().get(new Regressor("weight", Double.NaN)));
    }

    @Test
    void regressionsOfOneDimensionHaveOneOfEachMetric() {
        MutableDataset<Regressor> data = new MutableDataset<>(
                new SimpleDataSourceProvenance("line", Trained.measured().getOutputFactory()),
                Trained.measured().getOutputFactory());
        for (int i = 0; i < 20; i++) {
            data.add(new ArrayExample<>(new Regressor("y", 2 * i), new String[] {"x"}, new double[] {i}));
        }
        Model<Regressor> model = run.trainer(
                        "line",
                        new org.tribuo.regression.sgd.linear.LinearSGDTrainer(
                                new SquaredLoss(), new AdaGrad(0.1), 5, 50, 1, 7L))
                .train(data);
        RegressionEvaluation evaluation =
                run.evaluator(new RegressionEvaluator()).evaluate(model, data);
        run.complete();
        assertThat(stored.info().metrics()).containsOnlyKeys("training_seconds", "rmse", "mae", "r2", "ev");
        assertThat(metric(stored.info(), "rmse")).isEqualTo(evaluation.averageRMSE());
        assertThat(stored.registry().models()).containsExactly("line");
    }

    @Test
    void clusteringIsTrackedAndStored() {
        ClusteringFactory factory = new ClusteringFactory();
        MutableDataset<ClusterID> data =
                new MutableDataset<>(new SimpleDataSourceProvenance("drawn", factory), factory);
        double[][] rows = Trained.rows(60, 3, 9);
        for (int i = 0; i < rows.length; i++) {
            rows[i][0] += 20 * (i % 2);
            data.add(new ArrayExample<>(new ClusterID(i % 2), new String[] {"a", "b", "c"}, rows[i]));
        }
        KMeansTrainer kMeans = new KMeansTrainer(2, 5, new L2Distance(), 1, 7L);
        Model<ClusterID> model = run.trainer("clusters", kMeans).train(data);
        ClusteringEvaluation evaluation =
                run.evaluator(new ClusteringEvaluator()).evaluate(model, data);
        run.complete();
        assertThat(metric(stored.info(), "normalized_mi")).isEqualTo(evaluation.normalizedMI());
        assertThat(stored.info().metrics()).containsOnlyKeys("training_seconds", "normalized_mi", "adjusted_mi");
        assertThat(stored.info().params()).containsEntry("trainer.centroids", "2");
        assertThat(stored.registry().models()).containsExactly("clusters");
    }

    @Test
    void whatCannotBeServedIsNotTrainedInVain() {
        MultiLabelFactory factory = new MultiLabelFactory();
        MutableDataset<MultiLabel> data =
                new MutableDataset<>(new SimpleDataSourceProvenance("drawn", factory), factory);
        data.add(new ArrayExample<>(new MultiLabel("warm"), new String[] {"a"}, new double[] {1}));
        IndependentMultiLabelTrainer trainer = new IndependentMultiLabelTrainer(sgd(0.5));
        assertThatThrownBy(() -> run.trainer("labels", trainer).train(data))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("IndependentMultiLabelTrainer")
                .hasMessageContaining("MultiLabel")
                .hasMessageContaining("clustering (org.tribuo.clustering.ClusterID)")
                .hasMessageContaining("Nothing was trained");
        assertThat(trainer.getInvocationCount()).isZero();
        assertThat(stored.info().inputs()).isEmpty();
    }

    @Test
    void anomaliesAreTrackedToo() {
        AnomalyFactory factory = new AnomalyFactory();
        MutableDataset<Event> data = new MutableDataset<>(new SimpleDataSourceProvenance("drawn", factory), factory);
        for (int i = 0; i < 40; i++) {
            boolean odd = i % 10 == 0;
            data.add(new ArrayExample<>(
                    odd ? AnomalyFactory.ANOMALOUS_EVENT : AnomalyFactory.EXPECTED_EVENT,
                    new String[] {"x"},
                    new double[] {odd ? 50 : 1 + i % 3}));
        }
        Model<Event> model = run.trainer(new ThresholdTrainer(10)).train(data);
        AnomalyEvaluation evaluation = run.evaluator(new AnomalyEvaluator()).evaluate(model, data);
        run.complete();
        assertThat(evaluation.getTruePositives()).isEqualTo(4);
        assertThat(metric(stored.info(), "tp")).isEqualTo(4);
        assertThat(metric(stored.info(), "f1")).isEqualTo(evaluation.getF1()).isEqualTo(1);
        assertThat(stored.info().params()).containsEntry("trainer.threshold", "10.0");
    }

    @Test
    void allOverloadsOfAnEvaluatorLog() {
        Dataset<Label> data = Trained.labelled();
        Model<Label> model = sgd(0.5).train(data);
        Evaluator<Label, LabelEvaluation> evaluator = run.evaluator(new LabelEvaluator());
        List<Prediction<Label>> predictions = model.predict(data);
        List<Label> truth = data.getData().stream().map(e -> e.getOutput()).toList();
        evaluator.evaluate(model, predictions, truth, data.getProvenance());
        assertThat(stored.info().metrics().get("accuracy").step()).isZero();
        OnlineEvaluator<Label, LabelEvaluation> online = evaluator.createOnlineEvaluator(model, data.getProvenance());
        online.observe(predictions.subList(0, 10));
        double early = online.evaluate().accuracy();
        assertThat(metric(stored.info(), "accuracy")).isEqualTo(early);
        assertThat(stored.info().metrics().get("accuracy").step()).isEqualTo(1);
    }

    @Test
    void manyClassesAreSummarised() {
        MutableDataset<Label> data = new MutableDataset<>(
                Trained.labelled().getSourceProvenance(), Trained.labelled().getOutputFactory());
        for (int i = 0; i < 200; i++) {
            data.add(new ArrayExample<>(
                    new Label("class" + i % 101), new String[] {"x", "y"}, new double[] {i % 101, 1}));
        }
        Model<Label> model = new CARTClassificationTrainer(3).train(data);
        run.evaluator(new LabelEvaluator()).evaluate(model, data);
        assertThat(stored.info().metrics()).hasSizeLessThan(30).containsKeys("accuracy", "f1_macro");
    }

    // When logging fails

    @Test
    void aModelIsReturnedWhateverHappensToItsRecord() {
        Faulty faulty = new Faulty(stored);
        TribuoRun run = TribuoRun.of(faulty);
        faulty.away = true;
        Dataset<Label> data = Trained.labelled();
        Trainer<Label> trainer = run.trainer("flowers", sgd(0.5));
        Model<Label> first = trainer.train(data);
        Model<Label> second = trainer.train(data);
        LabelEvaluation evaluation = run.evaluator(new LabelEvaluator()).evaluate(second, data);
        assertThat(evaluation.accuracy()).isPositive();
        assertThat(run.missing())
                .isNotEmpty()
                .anySatisfy(text -> assertThat(text).contains("model 'flowers'").contains("the store is away"));
        assertThat(stored.info().params()).isEmpty();
        assertThatThrownBy(run::complete)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("the store is away")
                .hasMessageContaining("metrics of an evaluation");
        assertThat(stored.info().status()).isEqualTo(RunStatus.RUNNING);

        faulty.away = false;
        run.complete();
        assertThat(run.missing()).isEmpty();
        assertThat(stored.info().status()).isEqualTo(RunStatus.FINISHED);
        assertThat(stored.info().params()).containsEntry("trainer.train-invocation-count", "0");
        assertThat(children()).singleElement().satisfies(child -> {
            assertThat(child.status()).isEqualTo(RunStatus.FINISHED);
            assertThat(child.params()).containsEntry("trainer.train-invocation-count", "1");
            assertThat(metric(child, "accuracy")).isEqualTo(evaluation.accuracy());
        });
        assertThat(run.version(first)).isPresent();
        assertThat(run.version(second)).isPresent();
    }

    @Test
    void whatStaysMissingKeepsTheRunFromCompleting() {
        Trainer<Label> trainer = run.trainer("flowers", sgd(0.5), model -> (folder, runId) -> {
            throw new ModelLoadException("this form is none");
        });
        Model<Label> model = trainer.train(Trained.labelled());
        assertThat(model.getName()).isNotEmpty();
        assertThatThrownBy(run::complete)
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("model 'flowers'")
                .hasMessageContaining("this form is none")
                .hasCauseInstanceOf(ModelLoadException.class);
        run.close();
        assertThat(stored.info().status()).isEqualTo(RunStatus.FAILED);
        assertThat(stored.info().params()).containsKey("trainer");
    }

    @Test
    void whoKnowsBetterCompletesTheRunItself() {
        run.trainer("flowers", sgd(0.5), model -> (folder, runId) -> {
                    throw new ModelLoadException("this form is none");
                })
                .train(Trained.labelled());
        stored.complete();
        run.close();
        assertThat(stored.info().status()).isEqualTo(RunStatus.FINISHED);
    }

    @Test
    void closingWithoutCompletingFailsTheRunButNotWhatItTrained() {
        run.trainer(sgd(0.5)).train(Trained.labelled());
        run.trainer(sgd(0.1)).train(Trained.labelled());
        run.close();
        assertThat(stored.info().status()).isEqualTo(RunStatus.FAILED);
        assertThat(children()).extracting(RunInfo::status).containsExactly(RunStatus.FINISHED);
    }

    @Test
    void aFailingRunEndsItsChildren() {
        run.trainer(sgd(0.5)).train(Trained.labelled());
        run.trainer(sgd(0.1)).train(Trained.labelled());
        run.fail(new IllegalStateException("enough"));
        assertThat(stored.info().endReason()).contains("enough");
        assertThat(children()).extracting(RunInfo::status).containsExactly(RunStatus.FINISHED);
    }

    @Test
    void openChildRunsAreBounded() {
        Dataset<Label> data = DatasetView.createView(Trained.labelled(), e -> true, "all");
        LinearSGDTrainer quick = new LinearSGDTrainer(new LogMulticlass(), new AdaGrad(0.1), 1, 1000, 200, 7L);
        Trainer<Label> trainer = run.trainer(quick);
        Model<Label> first = trainer.train(data);
        Model<Label> second = trainer.train(data);
        for (int i = 0; i < 256; i++) {
            trainer.train(data);
        }
        assertThat(children().stream().filter(child -> child.status() == RunStatus.RUNNING))
                .hasSize(256);
        run.evaluator(new LabelEvaluator()).evaluate(second, data);
        assertThat(run.runOf(second).map(Run::info).map(RunInfo::status)).contains(RunStatus.FINISHED);
        assertThat(stored.info().metrics()).as("of the run itself").containsKey("accuracy");
        assertThat(run.runOf(first)).containsSame(run);
        run.complete();
        assertThat(children()).allSatisfy(child -> assertThat(child.status()).isEqualTo(RunStatus.FINISHED));
    }
}
