package io.jvmlops.benchmarks.predict;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.serving.folder.ModelFolder;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.test.registry.InMemoryModelRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.tribuo.Example;
import org.tribuo.ImmutableOutputInfo;
import org.tribuo.MutableDataset;
import org.tribuo.Prediction;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.linear.LinearSGDModel;
import org.tribuo.classification.sgd.linear.LinearSGDTrainer;
import org.tribuo.classification.sgd.objectives.LogMulticlass;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.optimisers.AdaGrad;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/**
 * The model, the rows to predict, and the answers they must get, which come from Tribuo's own arithmetic: no contender
 * is its own judge. The same in every run, and handed to forks as files.
 */
final class Fixture {
    static final int FEATURES = 30;
    static final int CLASSES = 2;
    static final int ROWS = 512;
    static final double TOLERANCE = 1e-5;

    /** What Tribuo's export calls the one input. */
    static final String INPUT = "input";

    /** What Tribuo's export calls the one output. */
    static final String OUTPUT = "output";

    static final String MODEL_FILE = "model.onnx";

    /** Within the folder: the model again, in MLflow's layout. */
    private static final String SERVED_FOLDER = "served";

    private static final String ROWS_FILE = "rows.f32";
    private static final String EXPECTED_FILE = "expected.f32";
    private static final int TRAINING_ROWS = 2_000;
    /** Held, as the logging system holds its loggers weakly: the trainer tells of every thousandth row. */
    private static final Logger TRAINER_LOG = Logger.getLogger("org.tribuo.common.sgd");

    private static final long SEED = 20_240_601L;

    private final Path folder;
    private final float[] rows;
    private final float[] expected;

    private Fixture(Path folder, float[] rows, float[] expected) {
        this.folder = folder;
        this.rows = rows;
        this.expected = expected;
    }

    /** Trains a logistic regression and writes it, as ONNX, with rows and answers. */
    static Fixture create(Path folder) throws IOException {
        TRAINER_LOG.setLevel(Level.WARNING);
        Random random = new Random(SEED);
        double[] weights = random.doubles(FEATURES, -1, 1).toArray();
        SimpleDataSourceProvenance provenance = new SimpleDataSourceProvenance(
                "synthetic", OffsetDateTime.of(2024, 6, 1, 0, 0, 0, 0, ZoneOffset.UTC), new LabelFactory());
        MutableDataset<Label> training = new MutableDataset<>(provenance, new LabelFactory());
        for (int i = 0; i < TRAINING_ROWS; i++) {
            float[] row = row(random);
            double z = random.nextGaussian();
            for (int j = 0; j < FEATURES; j++) {
                z += weights[j] * row[j];
            }
            training.add(example(row, z > 0 ? "yes" : "no"));
        }
        LinearSGDModel model =
                new LinearSGDTrainer(new LogMulticlass(), new AdaGrad(0.5), 5, 1_000, SEED).train(training);

        ByteBuffer rows = ByteBuffer.allocate(ROWS * FEATURES * Float.BYTES);
        ByteBuffer expected = ByteBuffer.allocate(ROWS * CLASSES * Float.BYTES);
        ImmutableOutputInfo<Label> labels = model.getOutputIDInfo();
        for (int i = 0; i < ROWS; i++) {
            float[] row = row(random);
            for (float value : row) {
                rows.putFloat(value);
            }
            Prediction<Label> prediction = model.predict(example(row, "no"));
            Map<String, Label> scores = prediction.getOutputScores();
            for (int label = 0; label < CLASSES; label++) {
                String name = labels.getOutput(label).getLabel();
                expected.putFloat(
                        (float) Objects.requireNonNull(scores.get(name), name).getScore());
            }
        }
        byte[] onnx = model.exportONNXModel("io.jvmlops.benchmarks", 1).toByteArray();
        Files.write(folder.resolve(MODEL_FILE), onnx);
        Files.write(folder.resolve(ROWS_FILE), rows.array());
        Files.write(folder.resolve(EXPECTED_FILE), expected.array());
        Path served = Files.createDirectory(folder.resolve(SERVED_FOLDER));
        Files.write(served.resolve(MODEL_FILE), onnx);
        ModelFolder.write(
                served,
                new ModelDescriptor(
                        Map.of("onnx", Map.of(ModelDescriptor.DATA, MODEL_FILE)),
                        new ModelSignature(
                                List.of(TensorSpec.of(INPUT, DataType.FP32, Shape.DYNAMIC, FEATURES)
                                        .withColumns(featureNames())),
                                List.of(TensorSpec.of(OUTPUT, DataType.FP32, Shape.DYNAMIC, CLASSES))),
                        IntStream.range(0, CLASSES)
                                .mapToObj(i -> labels.getOutput(i).getLabel())
                                .toList(),
                        null,
                        Map.of(),
                        Map.of(),
                        null));
        return open(folder);
    }

    /** A registry in memory whose model of the given name has this one as its version 1. */
    ModelRegistry register(String name) {
        ModelFiles files = ModelFolder.files(folder.resolve(SERVED_FOLDER));
        ArtifactStore artifacts = new InMemoryArtifactStore();
        for (FileEntry file : files.manifest().files()) {
            artifacts.put(new ByteArrayInputStream(files.read(file.path())));
        }
        ModelRegistry registry = new InMemoryModelRegistry(artifacts);
        registry.register(NewModelVersion.builder(name, files.manifest()).build());
        return registry;
    }

    /** Reads what {@link #create} wrote. */
    static Fixture open(Path folder) throws IOException {
        return new Fixture(folder, readFloats(folder.resolve(ROWS_FILE)), readFloats(folder.resolve(EXPECTED_FILE)));
    }

    static float[] readFloats(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        float[] floats = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(floats);
        return floats;
    }

    private static float[] row(Random random) {
        float[] row = new float[FEATURES];
        for (int j = 0; j < FEATURES; j++) {
            row[j] = (float) random.nextGaussian();
        }
        return row;
    }

    private static Example<Label> example(float[] row, String label) {
        double[] values = new double[FEATURES];
        for (int j = 0; j < FEATURES; j++) {
            values[j] = row[j];
        }
        return new ArrayExample<>(new Label(label), featureNames().toArray(String[]::new), values);
    }

    /** Like {@code f07}: Tribuo numbers features in the order of their names, and two digits keep it ours. */
    private static List<String> featureNames() {
        return IntStream.range(0, FEATURES).mapToObj(j -> "f" + j / 10 + j % 10).toList();
    }

    Path folder() {
        return folder;
    }

    byte[] model() throws IOException {
        return Files.readAllBytes(folder.resolve(MODEL_FILE));
    }

    /** The first rows, one after the other. */
    float[] rows(int batch) {
        return Arrays.copyOf(rows, batch * FEATURES);
    }

    /** The first rows as the tutorials hold them. */
    float[][] nestedRows(int batch) {
        float[][] nested = new float[batch][];
        for (int i = 0; i < batch; i++) {
            nested[i] = Arrays.copyOfRange(rows, i * FEATURES, (i + 1) * FEATURES);
        }
        return nested;
    }

    /**
     * Compares answers to the first rows with Tribuo's.
     *
     * @return what is wrong with them; empty if nothing is
     */
    List<String> mismatches(int batch, float[] answers) {
        List<String> found = new ArrayList<>();
        if (answers.length != batch * CLASSES) {
            found.add("batch " + batch + ": " + answers.length + " numbers, expected " + batch * CLASSES);
            return found;
        }
        int wrong = 0;
        for (int i = 0; i < answers.length; i++) {
            // Not "greater than": NaN must not pass.
            if (!(Math.abs(answers[i] - expected[i]) <= TOLERANCE)) {
                wrong++;
            }
        }
        if (wrong > 0) {
            found.add("batch " + batch + ": " + wrong + " of " + answers.length + " numbers are more than " + TOLERANCE
                    + " away from Tribuo's");
        }
        return found;
    }
}
