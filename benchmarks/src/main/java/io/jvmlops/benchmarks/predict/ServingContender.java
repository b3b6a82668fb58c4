package io.jvmlops.benchmarks.predict;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.serving.Serving;
import java.util.ArrayList;
import java.util.List;

/** Our whole serving: a registered version behind a predictor, as an application asks it. */
abstract class ServingContender<I, O> implements Contender {
    private final Serving serving;
    private final Predictor<I, O> predictor;

    private ServingContender(Fixture fixture, Class<I> input, Class<O> output) {
        this.serving = Serving.builder(fixture.register("m")).build();
        this.predictor = serving.predictor("m/1", input, output);
    }

    Predictor<I, O> predictor() {
        return predictor;
    }

    @Override
    public void close() {
        serving.close();
    }

    /** A batch as tensors. */
    static final class OfTensors extends ServingContender<Tensors, Tensors> {
        private final float[] rows;
        private final int batch;

        OfTensors(Fixture fixture, int batch) {
            super(fixture, Tensors.class, Tensors.class);
            this.rows = fixture.rows(batch);
            this.batch = batch;
        }

        @Override
        public Tensors predict() {
            return predictor().predict(Tensors.of(Fixture.INPUT, Tensor.transfer(rows, batch, Fixture.FEATURES)));
        }

        @Override
        public float[] flatten(Object answer) {
            return ModelContender.flat((Tensors) answer);
        }
    }

    /** A batch as records, answered by classifications. */
    static final class OfRecords extends ServingContender<Row30, Classification> {
        private final List<Row30> rows = new ArrayList<>();

        OfRecords(Fixture fixture, int batch) {
            super(fixture, Row30.class, Classification.class);
            float[] flat = fixture.rows(batch);
            for (int i = 0; i < batch; i++) {
                rows.add(Row30.of(flat, i * Fixture.FEATURES));
            }
        }

        @Override
        public Object predict() {
            return rows.size() == 1
                    ? List.of(predictor().predict(rows.get(0)))
                    : predictor().predictAll(rows);
        }

        @Override
        public float[] flatten(Object answer) {
            List<?> answers = (List<?>) answer;
            float[] flat = new float[answers.size() * Fixture.CLASSES];
            int position = 0;
            for (Object one : answers) {
                for (double score : ((Classification) one).scores()) {
                    flat[position++] = (float) score;
                }
            }
            return flat;
        }
    }
}
