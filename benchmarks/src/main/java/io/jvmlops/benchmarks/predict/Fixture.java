package io.jvmlops.benchmarks.predict;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.model.ModelFiles;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A model, the rows to predict, and the answers they must get, which come from arithmetic that none of the contenders
 * uses: none is its own judge. The same in every run, and handed to forks as files; {@link FixtureMaker} makes them.
 */
public final class Fixture {
    public static final int ROWS = 512;
    public static final double TOLERANCE = 1e-5;

    /** What the one input of every model in ONNX is called. */
    public static final String INPUT = "input";

    /** What the one output of every model in ONNX is called. */
    public static final String OUTPUT = "output";

    /** The bare model: in ONNX, or in Tribuo's own form. */
    public static final String MODEL_FILE = "model.onnx";

    static final String TRIBUO_FILE = "model.tribuo";

    /** Within the folder: the model again, in MLflow's layout. */
    static final String SERVED_FOLDER = "served";

    static final String ROWS_FILE = "rows.f32";
    static final String EXPECTED_FILE = "expected.f32";

    private final ModelKind kind;
    private final Path folder;
    private final float[] rows;
    private final float[] expected;

    private Fixture(ModelKind kind, Path folder, float[] rows, float[] expected) {
        this.kind = kind;
        this.folder = folder;
        this.rows = rows;
        this.expected = expected;
    }

    /** Reads what was made for a model in a folder of its name. */
    public static Fixture open(Path folder) throws IOException {
        return new Fixture(
                ModelKind.of(folder.getFileName().toString()),
                folder,
                readFloats(folder.resolve(ROWS_FILE)),
                readFloats(folder.resolve(EXPECTED_FILE)));
    }

    static float[] readFloats(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        float[] floats = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(floats);
        return floats;
    }

    /** A registry in memory whose model of the given name has this one as its version 1. */
    public ModelRegistry register(String name) {
        ModelFiles files = ModelFolder.files(folder.resolve(SERVED_FOLDER));
        ArtifactStore artifacts = new InMemoryArtifactStore();
        for (FileEntry file : files.manifest().files()) {
            artifacts.put(new ByteArrayInputStream(files.read(file.path())));
        }
        ModelRegistry registry = new InMemoryModelRegistry(artifacts);
        registry.register(NewModelVersion.builder(name, files.manifest()).build());
        return registry;
    }

    /** Like {@code f07}: Tribuo numbers features in the order of their names, and two digits keep it ours. */
    static List<String> featureNames(int features) {
        return IntStream.range(0, features).mapToObj(j -> "f" + j / 10 + j % 10).toList();
    }

    /** The classes, in the order of their scores. */
    List<String> labels() {
        return ModelFolder.read(ModelFolder.files(folder.resolve(SERVED_FOLDER)))
                .labels();
    }

    ModelKind kind() {
        return kind;
    }

    public int features() {
        return kind.features();
    }

    int outputs() {
        return kind.outputs();
    }

    public Path folder() {
        return folder;
    }

    public byte[] model() throws IOException {
        return Files.readAllBytes(folder.resolve(MODEL_FILE));
    }

    /** The first rows, one after the other. */
    public float[] rows(int batch) {
        return Arrays.copyOf(rows, batch * features());
    }

    /** The first rows as records. */
    List<Row30> records(int batch) {
        List<Row30> records = new ArrayList<>();
        for (int i = 0; i < batch; i++) {
            records.add(Row30.of(rows, i * features()));
        }
        return records;
    }

    /** The first rows as the tutorials hold them. */
    float[][] nestedRows(int batch) {
        float[][] nested = new float[batch][];
        for (int i = 0; i < batch; i++) {
            nested[i] = Arrays.copyOfRange(rows, i * features(), (i + 1) * features());
        }
        return nested;
    }

    /**
     * Compares answers to the first rows with those expected.
     *
     * @return what is wrong with them; empty if nothing is
     */
    public List<String> mismatches(int batch, float[] answers) {
        List<String> found = new ArrayList<>();
        if (answers.length != batch * outputs()) {
            found.add("batch " + batch + ": " + answers.length + " numbers, expected " + batch * outputs());
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
                    + " away from those expected");
        }
        return found;
    }
}
