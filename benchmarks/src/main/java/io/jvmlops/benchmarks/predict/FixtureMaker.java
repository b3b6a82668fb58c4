package io.jvmlops.benchmarks.predict;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.serving.folder.ModelFolder;
import io.jvmlops.serving.tribuo.TribuoModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.tribuo.Example;
import org.tribuo.Model;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.dtree.CARTClassificationTrainer;
import org.tribuo.classification.ensemble.VotingCombiner;
import org.tribuo.classification.sgd.linear.LinearSGDModel;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.common.tree.RandomForestTrainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** Trains the models from fixed seeds, and writes them with rows and the answers that these must get. */
public final class FixtureMaker {
    private static final int TRAINING_ROWS = 2_000;
    private static final int TREES = 20;
    private static final int TREE_DEPTH = 6;
    private static final long SEED = 20_240_601L;

    /** Held, as the logging system holds its loggers weakly: trainers tell of every thousandth row and every tree. */
    private static final List<Logger> TRAINER_LOGS =
            List.of(Logger.getLogger("org.tribuo.common.sgd"), Logger.getLogger("org.tribuo.ensemble"));

    private FixtureMaker() {}

    /** Makes one model in a folder of its name. */
    public static Fixture make(ModelKind kind, Path parent) throws IOException {
        TRAINER_LOGS.forEach(log -> log.setLevel(Level.WARNING));
        Path folder = Files.createDirectories(parent.resolve(kind.id()));
        Path served = Files.createDirectory(folder.resolve(Fixture.SERVED_FOLDER));
        Random random = new Random(SEED);
        if (kind == ModelKind.MLP) {
            Mlp mlp = new Mlp(random, kind.features(), 256, 256, kind.outputs());
            onnx(folder, served, kind, mlp.toOnnx(Fixture.INPUT, Fixture.OUTPUT), List.of());
            rows(folder, kind, random, mlp::answer);
            return Fixture.open(folder);
        }
        MutableDataset<Label> training = training(kind, random);
        Model<Label> model = kind == ModelKind.FOREST ? forest(training) : logistic(training);
        List<String> labels = IntStream.range(0, kind.outputs())
                .mapToObj(i -> model.getOutputIDInfo().getOutput(i).getLabel())
                .toList();
        if (kind.isOnnx()) {
            byte[] onnx = ((LinearSGDModel) model)
                    .exportONNXModel("io.jvmlops.benchmarks", 1)
                    .toByteArray();
            onnx(folder, served, kind, onnx, labels);
        } else {
            model.serializeToFile(folder.resolve(Fixture.TRIBUO_FILE));
            TribuoModels.export(model).export(served, null);
        }
        rows(folder, kind, random, row -> scores(model, labels, row));
        return Fixture.open(folder);
    }

    private static MutableDataset<Label> training(ModelKind kind, Random random) {
        double[] weights = random.doubles(kind.features(), -1, 1).toArray();
        SimpleDataSourceProvenance provenance = new SimpleDataSourceProvenance(
                "synthetic", OffsetDateTime.of(2024, 6, 1, 0, 0, 0, 0, ZoneOffset.UTC), new LabelFactory());
        MutableDataset<Label> training = new MutableDataset<>(provenance, new LabelFactory());
        for (int i = 0; i < TRAINING_ROWS; i++) {
            float[] row = row(random, kind.features());
            double z = random.nextGaussian();
            for (int j = 0; j < row.length; j++) {
                z += weights[j] * row[j];
            }
            training.add(example(row, z > 0 ? "yes" : "no"));
        }
        return training;
    }

    private static Model<Label> logistic(MutableDataset<Label> training) {
        return new LinearSGDTrainer(new LogMulticlass(), new AdaGrad(0.5), 5, 1_000, SEED).train(training);
    }

    private static Model<Label> forest(MutableDataset<Label> training) {
        return new RandomForestTrainer<>(
                        new CARTClassificationTrainer(TREE_DEPTH, 0.5f, SEED), new VotingCombiner(), TREES, SEED)
                .train(training);
    }

    private static double[] scores(Model<Label> model, List<String> labels, float[] row) {
        Map<String, Label> scores = model.predict(example(row, "no")).getOutputScores();
        return labels.stream()
                .mapToDouble(
                        name -> Objects.requireNonNull(scores.get(name), name).getScore())
                .toArray();
    }

    private static void rows(Path folder, ModelKind kind, Random random, Function<float[], double[]> answer)
            throws IOException {
        ByteBuffer rows = ByteBuffer.allocate(Fixture.ROWS * kind.features() * Float.BYTES);
        ByteBuffer expected = ByteBuffer.allocate(Fixture.ROWS * kind.outputs() * Float.BYTES);
        for (int i = 0; i < Fixture.ROWS; i++) {
            float[] row = row(random, kind.features());
            for (float value : row) {
                rows.putFloat(value);
            }
            for (double value : answer.apply(row)) {
                expected.putFloat((float) value);
            }
        }
        Files.write(folder.resolve(Fixture.ROWS_FILE), rows.array());
        Files.write(folder.resolve(Fixture.EXPECTED_FILE), expected.array());
    }

    private static void onnx(Path folder, Path served, ModelKind kind, byte[] onnx, List<String> labels)
            throws IOException {
        Files.write(folder.resolve(Fixture.MODEL_FILE), onnx);
        Files.write(served.resolve(Fixture.MODEL_FILE), onnx);
        ModelFolder.write(
                served,
                new ModelDescriptor(
                        Map.of("onnx", Map.of(ModelDescriptor.DATA, Fixture.MODEL_FILE)),
                        new ModelSignature(
                                List.of(TensorSpec.of(Fixture.INPUT, DataType.FP32, Shape.DYNAMIC, kind.features())
                                        .withColumns(Fixture.featureNames(kind.features()))),
                                List.of(TensorSpec.of(Fixture.OUTPUT, DataType.FP32, Shape.DYNAMIC, kind.outputs()))),
                        labels,
                        null,
                        Map.of(),
                        Map.of(),
                        null));
    }

    private static float[] row(Random random, int features) {
        float[] row = new float[features];
        for (int j = 0; j < features; j++) {
            row[j] = (float) random.nextGaussian();
        }
        return row;
    }

    private static Example<Label> example(float[] row, String label) {
        double[] values = new double[row.length];
        for (int j = 0; j < row.length; j++) {
            values[j] = row[j];
        }
        return new ArrayExample<>(
                new Label(label), Fixture.featureNames(row.length).toArray(String[]::new), values);
    }
}
