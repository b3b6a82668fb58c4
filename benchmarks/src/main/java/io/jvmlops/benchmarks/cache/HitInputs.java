package io.jvmlops.benchmarks.cache;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.benchmarks.predict.Fixture;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Rows to ask for, the model that answers them, and its answers. */
final class HitInputs implements AutoCloseable {
    private static final long SEED = 6;

    private final InferenceModel model;
    private final float[][] rows;
    private final float[] expected;
    private final long room;

    private HitInputs(InferenceModel model, float[][] rows, float[] expected, long room) {
        this.model = model;
        this.rows = rows;
        this.expected = expected;
        this.room = room;
    }

    /**
     * Draws rows, and asks the model for all of them at once.
     *
     * @param room entries that a cache of them is to have room for
     * @throws IllegalStateException if it does not answer the fixture's own rows as expected
     */
    static HitInputs open(Fixture fixture, int count, long room) throws IOException {
        InferenceModel model = Models.load(
                ModelSource.bytes(Fixture.MODEL_FILE, fixture.model()).trusted());
        List<String> mismatches =
                fixture.mismatches(Fixture.ROWS, answers(model, fixture.rows(Fixture.ROWS), fixture.features()));
        if (!mismatches.isEmpty()) {
            throw new IllegalStateException("the model answers wrongly: " + mismatches);
        }
        float[][] rows = rows(count, fixture.features());
        float[] flat = new float[count * fixture.features()];
        for (int i = 0; i < count; i++) {
            System.arraycopy(rows[i], 0, flat, i * fixture.features(), fixture.features());
        }
        return new HitInputs(model, rows, answers(model, flat, fixture.features()), room);
    }

    /** Rows of normal random numbers, the same in every run. */
    static float[][] rows(int count, int width) {
        Random random = new Random(SEED);
        float[][] rows = new float[count][width];
        for (float[] row : rows) {
            for (int j = 0; j < width; j++) {
                row[j] = (float) random.nextGaussian();
            }
        }
        return rows;
    }

    private static float[] answers(InferenceModel model, float[] rows, int width) {
        Tensors inputs = Tensors.of(Fixture.INPUT, Tensor.transfer(rows, rows.length / width, width));
        return model.predict(inputs).get(Fixture.OUTPUT).toFloatArray();
    }

    int count() {
        return rows.length;
    }

    long room() {
        return room;
    }

    float[] row(int i) {
        return rows[i];
    }

    /** All of them; not to be changed. */
    float[][] rows() {
        return rows;
    }

    /** The model's answers, one number for each row; not to be changed. */
    float[] expected() {
        return expected;
    }

    /** A row as the model takes it; a new object over the row itself. */
    Tensors tensors(int i) {
        return Tensors.of(Fixture.INPUT, Tensor.transfer(rows[i], 1, rows[i].length));
    }

    InferenceModel model() {
        return model;
    }

    /**
     * Asks for every row.
     *
     * @throws IllegalStateException if a number is not the model's, or not all answers are kept
     */
    void check(Hits hits) {
        int wrong = 0;
        for (int i = 0; i < rows.length; i++) {
            // Not "greater than": NaN must not pass.
            if (!(Math.abs(hits.number(hits.ask(i)) - expected[i]) <= Fixture.TOLERANCE)) {
                wrong++;
            }
        }
        if (wrong > 0 || hits.entries() != rows.length) {
            throw new IllegalStateException(wrong + " of " + rows.length + " answers are wrong, and " + hits.entries()
                    + " are kept, expected 0 and " + rows.length);
        }
    }

    /** An order to visit rows in. */
    static int[] order(int count, boolean shuffled) {
        int[] order = new int[count];
        Arrays.setAll(order, i -> i);
        Random random = new Random(SEED);
        for (int i = shuffled ? count - 1 : 0; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    @Override
    public void close() {
        model.close();
    }
}
