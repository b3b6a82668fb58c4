package io.jvmlops.samples.iris;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.lineage.Lineage;
import io.jvmlops.api.lineage.LineageNode;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.samples.iris.IrisData.Labelled;
import io.jvmlops.serving.Serving;
import io.jvmlops.serving.folder.InputExample;
import io.jvmlops.serving.folder.ModelFolder;
import io.jvmlops.serving.tribuo.TribuoModels;
import io.jvmlops.serving.tribuo.TribuoRun;
import io.jvmlops.tracking.Tracking;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Dataset;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Trainer;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.evaluation.LabelEvaluation;
import org.tribuo.classification.evaluation.LabelEvaluator;
import org.tribuo.classification.sgd.linear.LogisticRegressionTrainer;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** From Tribuo's trainer to an answer, and back from what is live to the data it learned from. */
class TribuoRunIT {
    @TempDir
    Path folder;

    private static Dataset<Label> dataset(String name, List<Labelled> rows) {
        LabelFactory factory = new LabelFactory();
        MutableDataset<Label> dataset = new MutableDataset<>(new SimpleDataSourceProvenance(name, factory), factory);
        rows.forEach(row -> dataset.add(Training.example(row)));
        return dataset;
    }

    @Test
    void whatIsTrainedIsTrackedServedAndTracedBack() {
        IrisData data = IrisData.load();
        Dataset<Label> train = dataset("iris train", data.train());
        try (Tracking tracking = Tracking.open(folder)) {
            ModelVersion version;
            LabelEvaluation evaluation;
            String runId;
            try (TribuoRun run = TribuoRun.of(tracking.experiment("iris").startRun("logistic regression"))) {
                runId = run.id();
                Trainer<Label> trainer = run.trainer(
                        "iris",
                        new LogisticRegressionTrainer(),
                        model -> InputExample.of(new Flower(5.1, 3.5, 1.4, 0.2))
                                .attachTo(TribuoModels.exportBoth(model)));
                Model<Label> model = trainer.train(train);
                evaluation =
                        run.evaluator("test/", new LabelEvaluator()).evaluate(model, dataset("iris test", data.test()));
                version = run.version(model).orElseThrow();
                run.complete();
            }

            RunInfo run = tracking.findRun(runId).orElseThrow();
            assertThat(run.status()).isEqualTo(RunStatus.FINISHED);
            assertThat(run.params()).containsEntry("trainer", LogisticRegressionTrainer.class.getName());
            assertThat(Objects.requireNonNull(run.metrics().get("test/accuracy"))
                            .value())
                    .isEqualTo(evaluation.accuracy());
            Digest trainedOn = run.inputs().get(0).dataset().digest();
            assertThat(tracking.registry().versionsTrainedOn(trainedOn)).containsExactly(version);
            assertThat(version.inputExample()).isEqualTo(InputExample.FILE);
            assertThat(version.signature())
                    .isEqualTo(
                            ModelFolder.read(tracking.registry().files(version)).signature());

            AliasChange move = tracking.registry().setAlias("iris", "champion", version, "the first");
            try (Serving serving = Serving.builder(tracking.registry()).build()) {
                Predictor<Flower, Classification> iris =
                        serving.predictor("iris@champion", Flower.class, Classification.class);
                assertThat(iris.predict(new Flower(5.1, 3.5, 1.4, 0.2)).label()).isEqualTo("setosa");
            }

            Lineage lineage = tracking.lineage().upstream(LineageNode.of(move));
            assertThat(lineage.isComplete()).isTrue();
            assertThat(lineage.upstream())
                    .contains(
                            LineageNode.of(version),
                            LineageNode.ofRun(runId),
                            new LineageNode.Dataset("iris train", trainedOn));
        }
    }
}
