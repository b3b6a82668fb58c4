package io.jvmlops.benchmarks.predict;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.serving.Serving;
import io.jvmlops.serving.micrometer.MicrometerServingMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;

/** Our whole serving: a registered version behind a predictor, as an application asks it: measured, and with a deadline. */
abstract class ServingContender<I, O> implements Contender {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final Serving serving;
    private final Predictor<I, O> predictor;

    private ServingContender(Fixture fixture, Class<I> input, Class<O> output) {
        this.serving = Serving.builder(fixture.register("m"))
                .metrics(MicrometerServingMetrics.of(new SimpleMeterRegistry()))
                .build();
        this.predictor = serving.predictor("m/1", input, output);
    }

    final O predict(I input) {
        return predictor.predict(input, Deadline.after(TIMEOUT));
    }

    final List<O> predictAll(List<I> inputs) {
        return predictor.predictAll(inputs, Deadline.after(TIMEOUT));
    }

    @Override
    public void close() {
        serving.close();
    }

    /** A batch as an array of the caller's. */
    static final class OfArrays extends ServingContender<float[], float[]> {
        private final float[] rows;

        OfArrays(Fixture fixture, int batch) {
            super(fixture, float[].class, float[].class);
            this.rows = fixture.rows(batch);
        }

        @Override
        public float[] predict() {
            return predict(rows);
        }

        @Override
        public float[] flatten(Object answer) {
            return (float[]) answer;
        }
    }

    /** A batch as tensors. */
    static final class OfTensors extends ServingContender<Tensors, Tensors> {
        private final float[] rows;
        private final int batch;
        private final int features;

        OfTensors(Fixture fixture, int batch) {
            super(fixture, Tensors.class, Tensors.class);
            this.rows = fixture.rows(batch);
            this.batch = batch;
            this.features = fixture.features();
        }

        @Override
        public Tensors predict() {
            return predict(Tensors.of(Fixture.INPUT, Tensor.transfer(rows, batch, features)));
        }

        @Override
        public float[] flatten(Object answer) {
            return ModelContender.flat((Tensors) answer);
        }
    }

    /** A batch as records, answered by classifications. */
    static final class OfRecords extends ServingContender<Row30, Classification> {
        private final List<Row30> rows;
        private final int outputs;

        OfRecords(Fixture fixture, int batch) {
            super(fixture, Row30.class, Classification.class);
            rows = fixture.records(batch);
            outputs = fixture.outputs();
        }

        @Override
        public Object predict() {
            return rows.size() == 1 ? List.of(predict(rows.get(0))) : predictAll(rows);
        }

        @Override
        public float[] flatten(Object answer) {
            List<?> answers = (List<?>) answer;
            float[] flat = new float[answers.size() * outputs];
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
