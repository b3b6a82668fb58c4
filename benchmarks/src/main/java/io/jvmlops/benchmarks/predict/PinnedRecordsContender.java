package io.jvmlops.benchmarks.predict;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * As {@link PinnedContender}, from records and to answers: each component is copied by its accessor, and each row gets an
 * object with its label and its scores. What a program of its own would be that does for its callers what ours does.
 */
final class PinnedRecordsContender extends PinnedContender {
    private final List<Row30> rows;
    private final List<String> labels;
    private final float[] scratch;

    PinnedRecordsContender(Fixture fixture, int batch) throws OrtException, IOException {
        super(fixture, batch);
        rows = fixture.records(batch);
        labels = fixture.labels();
        scratch = new float[batch * fixture.features()];
    }

    /** An answer. */
    private static final class Labelled {
        final String label;
        final double[] scores;

        Labelled(String label, double[] scores) {
            this.label = label;
            this.scores = scores;
        }
    }

    @Override
    public Object predict() throws OrtException {
        int at = 0;
        for (Row30 row : rows) {
            copy(row, scratch, at);
            at += Row30.COMPONENTS;
        }
        // In one go: thirty puts into a direct buffer take longer than thirty stores and a copy.
        input.put(0, scratch);
        run();
        List<Labelled> answers = new ArrayList<>(rows.size());
        int classes = labels.size();
        FloatBuffer scores = output;
        for (int row = 0; row < rows.size(); row++) {
            double[] values = new double[classes];
            int best = 0;
            for (int i = 0; i < classes; i++) {
                values[i] = scores.get(row * classes + i);
                best = values[i] > values[best] ? i : best;
            }
            answers.add(new Labelled(labels.get(best), values));
        }
        return answers;
    }

    private static void copy(Row30 row, float[] to, int at) {
        to[at + 0] = row.f00();
        to[at + 1] = row.f01();
        to[at + 2] = row.f02();
        to[at + 3] = row.f03();
        to[at + 4] = row.f04();
        to[at + 5] = row.f05();
        to[at + 6] = row.f06();
        to[at + 7] = row.f07();
        to[at + 8] = row.f08();
        to[at + 9] = row.f09();
        to[at + 10] = row.f10();
        to[at + 11] = row.f11();
        to[at + 12] = row.f12();
        to[at + 13] = row.f13();
        to[at + 14] = row.f14();
        to[at + 15] = row.f15();
        to[at + 16] = row.f16();
        to[at + 17] = row.f17();
        to[at + 18] = row.f18();
        to[at + 19] = row.f19();
        to[at + 20] = row.f20();
        to[at + 21] = row.f21();
        to[at + 22] = row.f22();
        to[at + 23] = row.f23();
        to[at + 24] = row.f24();
        to[at + 25] = row.f25();
        to[at + 26] = row.f26();
        to[at + 27] = row.f27();
        to[at + 28] = row.f28();
        to[at + 29] = row.f29();
    }

    @Override
    public float[] flatten(Object answer) {
        List<?> answers = (List<?>) answer;
        float[] flat = new float[answers.size() * labels.size()];
        int position = 0;
        for (Object one : answers) {
            Labelled labelled = (Labelled) one;
            if (!labels.contains(labelled.label)) {
                throw new IllegalStateException("label " + labelled.label);
            }
            for (double score : labelled.scores) {
                flat[position++] = (float) score;
            }
        }
        return flat;
    }
}
