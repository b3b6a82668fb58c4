package io.jvmlops.samples.iris;

import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.samples.iris.IrisData.Labelled;
import io.jvmlops.serving.tribuo.TribuoModels;
import io.jvmlops.tracking.Tracking;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.tribuo.DataSource;
import org.tribuo.Dataset;
import org.tribuo.Example;
import org.tribuo.ImmutableDataset;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.datasource.ListDataSource;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** Trains a logistic regression with Tribuo and writes down everything that a person will ask about later. */
final class Training {
    static final String MODEL = "iris";
    static final String ALIAS = "champion";

    private static final int EPOCHS = 20;
    private static final double LEARNING_RATE = 0.5;
    private static final long SEED = 1;

    private final IrisData data;

    Training(IrisData data) {
        this.data = data;
    }

    /** What came of it. */
    record Result(String runId, ModelVersion version, double accuracy, double firstLoss, double lastLoss) {}

    Result run(Tracking tracking) {
        try (Run run = tracking.experiment("iris").startRun("logistic-regression")) {
            run.logInput(data.version());
            run.logParams(
                    Map.of("epochs", EPOCHS, "learning_rate", LEARNING_RATE, "seed", SEED, "optimiser", "AdaGrad"));
            Dataset<Label> examples = dataset(data.train());
            double firstLoss = Double.NaN;
            double loss = Double.NaN;
            Model<Label> model = train(examples, 1);
            for (int epoch = 1; epoch <= EPOCHS; epoch++) {
                // Tribuo's trainer has no hook per epoch. With one seed, training for n epochs passes through the same
                // models as training for n - 1, so this is the loss curve of a single training.
                model = train(examples, epoch);
                loss = loss(model, data.train());
                firstLoss = epoch == 1 ? loss : firstLoss;
                run.logMetric("loss", loss, epoch);
                run.logMetric("test_loss", loss(model, data.test()), epoch);
            }
            double accuracy = accuracy(model, data.test());
            run.logMetric("accuracy", accuracy);
            ModelVersion version = run.logModel(MODEL, TribuoModels.exportBoth(model));
            tracking.registry().setAlias(MODEL, ALIAS, version, "trained by the sample");
            run.complete();
            return new Result(run.id(), version, accuracy, firstLoss, loss);
        }
    }

    private static Model<Label> train(Dataset<Label> examples, int epochs) {
        return new LinearSGDTrainer(new LogMulticlass(), new AdaGrad(LEARNING_RATE), epochs, SEED).train(examples);
    }

    private static Dataset<Label> dataset(List<Labelled> rows) {
        List<Example<Label>> examples = rows.stream().map(Training::example).toList();
        LabelFactory labels = new LabelFactory();
        DataSource<Label> source =
                new ListDataSource<>(examples, labels, new SimpleDataSourceProvenance("iris.csv", labels));
        // Left to itself Tribuo numbers classes in the order of a hash table.
        Map<Label, Integer> indices = new HashMap<>();
        for (String species : IrisData.SPECIES) {
            indices.put(new Label(species), indices.size());
        }
        return new ImmutableDataset<>(
                examples,
                source.getProvenance(),
                labels,
                new MutableDataset<>(source).getFeatureIDMap(),
                labels.constructInfoForExternalModel(indices),
                false);
    }

    static Example<Label> example(Labelled row) {
        Flower f = row.flower();
        return new ArrayExample<>(new Label(row.species()), IrisData.FEATURES.toArray(String[]::new), new double[] {
            f.sepalLength(), f.sepalWidth(), f.petalLength(), f.petalWidth()
        });
    }

    private static double loss(Model<Label> model, List<Labelled> rows) {
        double sum = 0;
        for (Labelled row : rows) {
            Prediction<Label> prediction = model.predict(example(row));
            Label probability =
                    Objects.requireNonNull(prediction.getOutputScores().get(row.species()));
            sum -= Math.log(probability.getScore());
        }
        return sum / rows.size();
    }

    private static double accuracy(Model<Label> model, List<Labelled> rows) {
        long right = rows.stream()
                .filter(r -> model.predict(example(r)).getOutput().getLabel().equals(r.species()))
                .count();
        return (double) right / rows.size();
    }
}
