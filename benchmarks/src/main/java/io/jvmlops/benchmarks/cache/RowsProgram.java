package io.jvmlops.benchmarks.cache;

import com.github.benmanes.caffeine.cache.Cache;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.cache.CacheRule;
import io.jvmlops.serving.cache.CacheSpec;
import io.jvmlops.serving.cache.PredictionCache;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Asks for each of many rows twice: the first time the model answers and the cache learns, the second time the cache answers.
 * Prints the nanoseconds that a row took each time.
 */
final class RowsProgram {
    static final String FIRST = "first";
    static final String AGAIN = "again";
    static final String DISTINCT = "rows";
    static final String HASHES = "hashes";

    /** Entries: more than there are rows. */
    private static final long ROOM = 1_250_000;

    /** Rows and repetitions before what counts. */
    private static final int WARM_ROWS = 20_000;

    private static final int WARM_ROUNDS = 5;

    /** Who keeps the answers. */
    enum Contender {
        OURS("ours"),
        HASH_CODE("Caffeine, Arrays.hashCode keys"),
        MIXED("Caffeine, keys of a mixing hash");

        private final String title;

        Contender(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }

        /** Answers a row, which is given as an array and as tensors over the same. */
        BiFunction<float[], Tensors, Tensors> open(InferenceModel model) {
            return switch (this) {
                case OURS -> {
                    PredictionCache cache = new PredictionCache(CacheSpec.maxEntries(ROOM)
                            .rule(model.flavor(), CacheRule.exact().always()));
                    InferenceModel cached = cache.around(model.flavor(), model);
                    yield (row, inputs) -> cached.predict(inputs);
                }
                case HASH_CODE -> aside(model, Peers.HashCodeKey::new);
                case MIXED -> aside(model, Peers.PerfectKey::new);
            };
        }

        private static BiFunction<float[], Tensors, Tensors> aside(
                InferenceModel model, Function<float[], Object> toKey) {
            Cache<Object, Tensors> cache = Peers.caffeine(ROOM);
            return (row, inputs) -> {
                Object key = toKey.apply(row);
                Tensors known = cache.getIfPresent(key);
                if (known == null) {
                    known = model.predict(inputs);
                    cache.put(toKey.apply(row.clone()), known);
                }
                return known;
            };
        }
    }

    private RowsProgram() {}

    /** Arguments: the contender, draws. */
    public static void main(String[] args) {
        Contender contender = Contender.valueOf(args[0].toUpperCase(Locale.ROOT));
        float[][] warm = HitInputs.rows(WARM_ROWS, SmallIntegers.WIDTH);
        Tensors[] warmInputs = tensors(warm);
        for (int i = 0; i < WARM_ROUNDS; i++) {
            BiFunction<float[], Tensors, Tensors> cache = contender.open(new DigitSum());
            ask(cache, warm, warmInputs);
            ask(cache, warm, warmInputs);
        }
        float[][] rows = SmallIntegers.rows(Integer.parseInt(args[1]));
        Tensors[] inputs = tensors(rows);
        System.gc();
        BiFunction<float[], Tensors, Tensors> cache = contender.open(new DigitSum());
        System.out.println(DISTINCT + " " + rows.length);
        System.out.println(HASHES + " " + SmallIntegers.hashes(rows));
        System.out.println(FIRST + " " + ask(cache, rows, inputs));
        System.out.println(AGAIN + " " + ask(cache, rows, inputs));
    }

    private static Tensors[] tensors(float[][] rows) {
        return Arrays.stream(rows)
                .map(row -> Tensors.of(DigitSum.INPUT, Tensor.transfer(row, 1, row.length)))
                .toArray(Tensors[]::new);
    }

    private static double ask(BiFunction<float[], Tensors, Tensors> cache, float[][] rows, Tensors[] inputs) {
        int wrong = 0;
        long start = System.nanoTime();
        for (int i = 0; i < rows.length; i++) {
            Tensors answer = cache.apply(rows[i], inputs[i]);
            if (answer.at(0).doubleAt(0) != SmallIntegers.sum(rows[i])) {
                wrong++;
            }
        }
        long nanos = System.nanoTime() - start;
        if (wrong > 0) {
            throw new IllegalStateException(wrong + " of " + rows.length + " answers are wrong");
        }
        return (double) nanos / rows.length;
    }
}
