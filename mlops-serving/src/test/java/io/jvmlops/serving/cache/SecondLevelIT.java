package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.Fixture;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Real models of every kind of output, and a store between two caches. */
class SecondLevelIT {
    @TestFactory
    List<DynamicTest> answersComeBackToTheBit() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String name : Fixture.names()) {
            tests.add(DynamicTest.dynamicTest(name, () -> check(Fixture.load(name))));
        }
        assertThat(tests).hasSizeGreaterThan(20);
        return tests;
    }

    private static void check(Fixture fixture) {
        FaultyStore store = new FaultyStore();
        CacheSpec spec = CacheSpec.maxBytes(10_000_000)
                .checkEvery(0)
                .rule("model", CacheRule.exact().always())
                .backedBy(store, Duration.ofSeconds(30));
        List<Tensors> calls = new ArrayList<>(List.of(fixture.inputs));
        if (fixture.inputs.toMap().values().stream()
                .allMatch(input -> input.shape().rank() > 0)) {
            calls.add(fixture.rows(0, 1));
            calls.add(fixture.rows(1, 2));
        }
        try (InferenceModel model =
                Models.load(ModelSource.bytes("model.onnx", fixture.onnx).trusted())) {
            List<Tensors> answers = new ArrayList<>();
            PredictionCache first = new PredictionCache(spec);
            try (first) {
                InferenceModel cached = first.around("model", model);
                for (Tensors call : calls) {
                    answers.add(cached.predict(call));
                }
            }
            // What a model answers is what its signature says, so that all is kept.
            assertThat(numbers(first).dropped()).isZero();
            assertThat(numbers(first).written()).isPositive();
            try (PredictionCache second = new PredictionCache(spec)) {
                InferenceModel cached = second.around("model", model);
                // The first batch of a cache asks the model, to see whether its rows are independent.
                for (int i = calls.size() - 1; i >= Math.min(1, calls.size() - 1); i--) {
                    Tensors answer = cached.predict(calls.get(i));
                    assertThat(answer).isEqualTo(answers.get(i));
                    assertThat(answer.names()).isEqualTo(answers.get(i).names());
                }
                CacheStatus.Store numbers = numbers(second);
                assertThat(numbers.hits()).isPositive();
                assertThat(numbers.misses()).isZero();
                assertThat(numbers.failures()).isZero();
            }
        }
    }

    private static CacheStatus.Store numbers(PredictionCache cache) {
        SecondLevel second = cache.secondLevel();
        if (second == null) {
            throw new AssertionError("no second level");
        }
        return second.numbers();
    }
}
