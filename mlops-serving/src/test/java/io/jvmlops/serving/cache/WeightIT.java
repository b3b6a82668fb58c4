package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.serving.internal.FloatRows;
import io.jvmlops.test.Concurrently;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** That the bytes which the cache reckons are those that the heap holds, and that it stays within them. */
class WeightIT {
    private static final int ENTRIES = 20_000;

    /** More than half full, so that all is there that there is of a full cache. */
    private static final long BOUND = ENTRIES * 700L;

    /** What is filled with, and how. */
    private record Filling(
            String name, CacheSpec spec, InferenceModel model, int batch, IntFunction<Tensors> rows, boolean arrays) {
        Filling(String name, CacheSpec spec, InferenceModel model, int batch, IntFunction<Tensors> rows) {
            this(name, spec, model, batch, rows, false);
        }
    }

    private static Tensors floats(int i, int width) {
        float[] row = new float[width];
        for (int j = 0; j < width; j++) {
            row[j] = i * 31 + j;
        }
        return Tensors.of("x", Tensor.transfer(row, 1, width));
    }

    private static FunctionModel model(TensorSpec input, TensorSpec output, UnaryOperator<Tensors> function) {
        return new FunctionModel("w", new ModelSignature(List.of(input), List.of(output)), function);
    }

    private static Tensors first(Tensors inputs) {
        Tensor x = inputs.at(0);
        float[] answers = new float[x.rows()];
        for (int i = 0; i < answers.length; i++) {
            answers[i] = (float) x.doubleAt(i * x.rowSize());
        }
        return Tensors.of("y", Tensor.transfer(answers, answers.length, 1));
    }

    private static Tensors threeDoubles(Tensors inputs) {
        int rows = inputs.at(0).rows();
        return Tensors.of("p", Tensor.transfer(new double[3 * rows], rows, 3));
    }

    /** A label, made anew as a native runtime makes it, and scores. */
    private static Tensors labelled(Tensors inputs, String suffix) {
        int rows = inputs.at(0).rows();
        String[] labels = new String[rows];
        for (int i = 0; i < rows; i++) {
            labels[i] = inputs.at(0).stringAt(i) + suffix;
        }
        return Tensors.of(
                "label", Tensor.transfer(labels, rows, 1), "p", Tensor.transfer(new float[2 * rows], rows, 2));
    }

    private static CacheSpec spec() {
        return CacheSpec.maxBytes(BOUND)
                .checkEvery(0)
                .rule("m", CacheRule.exact().always());
    }

    /** Live bytes of this process: the least of some looks, since what others leave behind only adds. */
    private static long used() {
        long[] looks = new long[2];
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < looks.length; i++) {
            System.gc();
            looks[i] = runtime.totalMemory() - runtime.freeMemory();
        }
        Arrays.sort(looks);
        return looks[0];
    }

    private static double heldOverReckoned(Filling filling) {
        PredictionCache cache = new PredictionCache(filling.spec);
        InferenceModel cached = cache.around("m", filling.model);
        // What it takes to begin with.
        for (int i = -64; i < 0; i++) {
            ask(filling, cached, i);
        }
        cache.invalidateAll();
        long before = used();
        long emptyEntries = cache.entries();
        long emptyBytes = cache.bytes();
        for (int i = 0; i < ENTRIES; i += filling.batch) {
            ask(filling, cached, i);
        }
        long reckoned = cache.bytes() - emptyBytes;
        assertThat(cache.entries() - emptyEntries).isEqualTo(ENTRIES);
        long held = used() - before;
        double ratio = (double) held / reckoned;
        System.out.printf(
                "%-40s %,11d bytes reckoned, %,11d held: %.3f, %d an entry%n",
                filling.name, reckoned, held, ratio, held / ENTRIES);
        // So that none of it is garbage before.
        assertThat(cached.predict(filling.rows.apply(1))).isNotNull();
        cache.close();
        return ratio;
    }

    private static void ask(Filling filling, InferenceModel cached, int i) {
        Tensors inputs = filling.rows.apply(i);
        if (filling.batch > 1) {
            Tensors[] rows = new Tensors[filling.batch];
            for (int j = 0; j < rows.length; j++) {
                rows[j] = filling.rows.apply(i + j);
            }
            inputs = Tensors.concat(Arrays.asList(rows));
        }
        if (filling.arrays) {
            assertThat(Objects.requireNonNull(FloatRows.of(cached))
                            .predict(inputs.at(0).toFloatArray(), Deadline.NONE))
                    .isNotEmpty();
        } else {
            assertThat(cached.predict(inputs).size()).isPositive();
        }
    }

    @Test
    void theHeapHoldsWhatIsReckoned() {
        TensorSpec wide = TensorSpec.of("x", DataType.FP32, -1, 32);
        TensorSpec ints = TensorSpec.of("x", DataType.INT32, -1, 8);
        TensorSpec text = TensorSpec.of("x", DataType.BYTES, -1, 1);
        TensorSpec number = TensorSpec.of("y", DataType.FP32, -1, 1);
        TensorSpec scores = TensorSpec.of("p", DataType.FP64, -1, 3);
        ModelSignature labels = new ModelSignature(
                List.of(text),
                List.of(TensorSpec.of("label", DataType.BYTES, -1, 1), TensorSpec.of("p", DataType.FP32, -1, 2)));
        IntFunction<Tensors> eightInts = i -> {
            int[] row = new int[8];
            Arrays.fill(row, i);
            return Tensors.of("x", Tensor.transfer(row, 1, 8));
        };
        IntFunction<Tensors> texts = i -> Tensors.of("x", Tensor.transfer(new String[] {"the text of row " + i}, 1, 1));
        Filling[] fillings = {
            new Filling("32 floats to one", spec(), model(wide, number, WeightIT::first), 1, i -> floats(i, 32)),
            new Filling(
                    "32 floats to one, in batches of 50",
                    spec(),
                    model(wide, number, WeightIT::first),
                    50,
                    i -> floats(i, 32)),
            new Filling(
                    "32 floats to two, asked for with arrays",
                    spec(),
                    new EchoModel("w", EchoModel.signature(wide)),
                    1,
                    i -> floats(i, 32),
                    true),
            new Filling("8 ints to 3 doubles", spec(), model(ints, scores, WeightIT::threeDoubles), 1, eightInts),
            new Filling(
                    "8 ints to 3 doubles, in batches of 20",
                    spec(),
                    model(ints, scores, WeightIT::threeDoubles),
                    20,
                    eightInts),
            new Filling(
                    "8 ints to 3 doubles, with ages",
                    spec().expireAfterWrite(Duration.ofHours(1)).expireAfterAccess(Duration.ofHours(1)),
                    model(ints, scores, WeightIT::threeDoubles),
                    1,
                    eightInts),
            new Filling(
                    "texts to labels and scores",
                    spec(),
                    new FunctionModel("w", labels, inputs -> labelled(inputs, "/label")),
                    1,
                    texts),
            new Filling(
                    "texts to labels beyond Latin 1",
                    spec(),
                    new FunctionModel("w", labels, inputs -> labelled(inputs, "\u20ac")),
                    1,
                    texts),
            new Filling(
                    "8 ints to 3 doubles, as wholes",
                    spec().rule("m", CacheRule.exact().wholeCalls().always()),
                    model(ints, scores, WeightIT::threeDoubles),
                    1,
                    eightInts)
        };
        for (Filling filling : fillings) {
            assertThat(heldOverReckoned(filling)).as(filling.name).isBetween(0.85, 1.15);
        }
    }

    /** What writers are ahead of the clean-up; afterwards nothing is beyond the bound. */
    @Test
    void eightWritersOvershootByLittle() throws Exception {
        long bound = 8_000_000;
        PredictionCache cache = new PredictionCache(CacheSpec.maxBytes(bound)
                .checkEvery(0)
                .rule("m", CacheRule.exact().always()));
        TensorSpec wide = TensorSpec.of("x", DataType.FP32, -1, 32);
        TensorSpec number = TensorSpec.of("y", DataType.FP32, -1, 1);
        InferenceModel cached = cache.around("m", model(wide, number, WeightIT::first));
        AtomicLong most = new AtomicLong();
        AtomicBoolean done = new AtomicBoolean();
        Thread watch = new Thread(() -> {
            while (!done.get()) {
                most.accumulateAndGet(cache.entriesNow(), Math::max);
                Thread.onSpinWait();
            }
        });
        watch.start();
        int each = 10_000;
        try {
            Concurrently.run(8, thread -> {
                for (int i = 0; i < each; i++) {
                    assertThat(cached.predict(floats(thread * each + i, 32)).size())
                            .isEqualTo(1);
                }
                return 0;
            });
        } finally {
            done.set(true);
            watch.join();
        }
        long bytes = cache.bytes();
        long entries = cache.entries();
        assertThat(bytes).isBetween(bound * 9 / 10, bound);
        long entry = bytes / entries;
        long overshoot = Math.max(0, most.get() * entry - bound);
        System.out.printf(
                "8 writers of %,d entries of %d bytes: at most %,d bytes beyond a bound of %,d (%.1f %%)%n",
                8 * each, entry, overshoot, bound, 100.0 * overshoot / bound);
        // Caffeine's buffer of writes, which takes 128 for each processor at most, and those who wait to write.
        assertThat(overshoot).isLessThan(bound / 4);
    }
}
