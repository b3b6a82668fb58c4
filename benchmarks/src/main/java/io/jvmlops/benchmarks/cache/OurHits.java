package io.jvmlops.benchmarks.cache;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.benchmarks.predict.Fixture;
import io.jvmlops.serving.Models;
import io.jvmlops.serving.cache.CacheRule;
import io.jvmlops.serving.cache.CacheSpec;
import io.jvmlops.serving.cache.PredictionCache;

/** Our cache around the model: exact keys, and some of its answers asked for again, as by default. */
abstract class OurHits implements Hits {
    private static final String NAME = "m";

    /** Room for a first row or two, to see what an entry takes. */
    private static final long ONE = 100_000;

    private final PredictionCache cache;

    private OurHits(HitInputs inputs) {
        cache = new PredictionCache(CacheSpec.maxBytes(entry(inputs) * inputs.room())
                .rule(NAME, CacheRule.exact().always()));
    }

    private static long entry(HitInputs inputs) {
        try (PredictionCache one = new PredictionCache(CacheSpec.maxBytes(ONE))) {
            Tensors unused = one.around(inputs.model()).predict(inputs.tensors(0));
            return one.bytes();
        }
    }

    final InferenceModel cached(HitInputs inputs) {
        return cache.around(NAME, inputs.model());
    }

    @Override
    public final long entries() {
        return cache.entries();
    }

    @Override
    public final void close() {
        cache.close();
    }

    /** Asked with tensors that were made before. */
    static final class OfTensors extends OurHits {
        private final Tensors[] rows;
        private final InferenceModel cached;

        OfTensors(HitInputs inputs) {
            super(inputs);
            cached = cached(inputs);
            rows = new Tensors[inputs.count()];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = inputs.tensors(i);
            }
            for (int i = 0; i < rows.length; i++) {
                ask(i);
            }
        }

        @Override
        public Tensors ask(int row) {
            return cached.predict(rows[row]);
        }

        @Override
        public float number(Object answer) {
            return (float) ((Tensors) answer).get(Fixture.OUTPUT).doubleAt(0);
        }
    }

    /** Asked with arrays, answered by arrays. */
    static final class OfFloats extends OurHits {
        private final HitInputs inputs;
        private final Predictor<float[], float[]> predictor;

        OfFloats(HitInputs inputs) {
            super(inputs);
            this.inputs = inputs;
            predictor = Models.predictor(cached(inputs), float[].class, float[].class);
            for (int i = 0; i < inputs.count(); i++) {
                ask(i);
            }
        }

        @Override
        public float[] ask(int row) {
            return predictor.predict(inputs.row(row));
        }

        @Override
        public float number(Object answer) {
            return ((float[]) answer)[0];
        }
    }
}
