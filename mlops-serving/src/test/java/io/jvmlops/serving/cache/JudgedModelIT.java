package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.ModelSource;
import io.jvmlops.serving.Models;
import io.jvmlops.serving.cache.CacheStatus.State;
import io.jvmlops.serving.tribuo.TribuoModels;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.tribuo.MutableDataset;
import org.tribuo.classification.Label;
import org.tribuo.classification.LabelFactory;
import org.tribuo.classification.sgd.linear.LogisticRegressionTrainer;
import org.tribuo.impl.ArrayExample;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/** What the cache decides about models that run. */
class JudgedModelIT {
    private static final long PATIENCE_SECONDS = 40;
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.jvmlops.serving.cache");

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
    }

    /** Asks until something is so. */
    private static boolean ask(InferenceModel model, IntFunction<Tensors> inputs, BooleanSupplier until) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        int call = 0;
        while (!until.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            for (int i = 0; i < 20; i++) {
                assertThat(model.predict(inputs.apply(call++)).size()).isPositive();
            }
        }
        return true;
    }

    private static boolean pass(BooleanSupplier until) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!until.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }

    private static State state(PredictionCache cache, InferenceModel model) {
        return cache.status(model).calls().get(0).state();
    }

    private List<String> said(Level level) {
        return List.copyOf(log.list).stream()
                .filter(event -> event.getLevel() == level)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    private static InferenceModel logisticRegression(Path folder) {
        LabelFactory factory = new LabelFactory();
        MutableDataset<Label> data = new MutableDataset<>(new SimpleDataSourceProvenance("made", factory), factory);
        for (int i = 0; i < 100; i++) {
            data.add(new ArrayExample<>(
                    new Label(i % 2 == 0 ? "even" : "odd"), new String[] {"a", "b"}, new double[] {i % 2 + 0.5, i}));
        }
        TribuoModels.export(new LogisticRegressionTrainer().train(data)).export(folder, null);
        return Models.load(ModelSource.folder(folder).trusted());
    }

    @Test
    void stepsAsideForTribuosLogisticRegressionWhereNothingIsAskedTwice(@TempDir Path folder) {
        InferenceModel model = logisticRegression(folder);
        String input = model.signature().inputs().get(0).name();
        IntFunction<Tensors> unique = i -> Tensors.of(input, Tensor.transfer(new double[] {i, i * 0.5}, 1, 2));
        try (PredictionCache cache = new PredictionCache(CacheSpec.maxEntries(10_000));
                InferenceModel cached = cache.around("lr", model)) {
            assertThat(ask(cached, unique, () -> state(cache, cached) == State.ASIDE))
                    .isTrue();
            CacheStatus.Calls single = cache.status(cached).calls().get(0);
            assertThat(single.reason()).matches(".*(a miss adds|a hit takes).* the model.*");
            assertThat(single.modelNanos()).isPositive();
            assertThat(single.misses()).isPositive();
            assertThat(said(Level.INFO))
                    .anyMatch(line -> line.matches("The cache steps aside for model lr@\\w+ \\(calls of 1 row\\): .*"));
            // Other sizes of calls are judged on their own.
            assertThat(cache.status(cached).calls())
                    .extracting(CacheStatus.Calls::size)
                    .containsExactly("1", "2-15", "16-127", "128+");
            assertThat(cache.status(cached).calls().get(3).state()).isEqualTo(State.ON);
            assertThat(cached.predict(unique.apply(7))).isEqualTo(model.predict(unique.apply(7)));
        }
    }

    @Test
    void staysForASlowModelThatIsAskedTheSameAgain() {
        try (PredictionCache cache = new PredictionCache(CacheSpec.maxEntries(10_000));
                InferenceModel cached = cache.around("slow", new RowModel(RowModel.busy(new AtomicLong(200_000))))) {
            assertThat(ask(
                            cached,
                            i -> RowModel.row(i % 100),
                            () -> cache.status(cached).hits() > 50_000))
                    .isTrue();
            CacheStatus.Calls single = cache.status(cached).calls().get(0);
            assertThat(single.state()).isEqualTo(State.ON);
            assertThat(single.hitRate()).isGreaterThan(0.9);
            assertThat(said(Level.INFO)).noneMatch(line -> line.contains("aside"));
        }
    }

    @Test
    void stepsAsideForUniqueInputsAndIsBackWhenTheyRepeat() {
        AtomicLong nanos = new AtomicLong(20_000);
        try (PredictionCache cache = new PredictionCache(CacheSpec.maxEntries(10_000));
                InferenceModel cached = cache.around("slow", new RowModel(RowModel.busy(nanos)))) {
            assertThat(ask(cached, RowModel::row, () -> state(cache, cached) == State.ASIDE))
                    .as(() -> cache.status(cached).toString())
                    .isTrue();
            assertThat(ask(cached, i -> RowModel.row(i % 100), () -> state(cache, cached) == State.ON))
                    .as(() -> cache.status(cached).toString())
                    .isTrue();
            assertThat(said(Level.INFO))
                    .anyMatch(line ->
                            line.startsWith("The cache takes part again for model slow@") && line.contains("known"));
        }
    }

    private static PredictionCache always(int checkEvery) {
        return new PredictionCache(CacheSpec.maxEntries(10_000)
                .checkEvery(checkEvery)
                .rule("m", CacheRule.exact().always()));
    }

    @Test
    void aModelThatAddsNoiseIsFoundOutAndNotCachedAnyMore() {
        AtomicInteger noise = new AtomicInteger();
        RowModel model = new RowModel(x -> {
            float[] y = x.clone();
            y[0] += noise.incrementAndGet();
            return y;
        });
        try (PredictionCache cache = always(4096);
                InferenceModel cached = cache.around("m", model)) {
            assertThat(ask(cached, i -> RowModel.row(i % 10), () -> state(cache, cached) == State.NON_DETERMINISTIC))
                    .isTrue();
            assertThat(pass(() -> cache.entries() == 0 && !said(Level.WARN).isEmpty()))
                    .isTrue();
            assertThat(cached.predict(RowModel.row(1))).isNotEqualTo(cached.predict(RowModel.row(1)));
            assertThat(cache.entries()).isZero();
            assertThat(said(Level.WARN))
                    .singleElement()
                    .asString()
                    .contains("answers the same input differently from call to call; it is not cached from now on");
            assertThat(cache.status(cached).calls())
                    .allMatch(calls -> calls.state() == State.NON_DETERMINISTIC)
                    .extracting(CacheStatus.Calls::reason)
                    .containsOnly("the same input was answered differently");
        }
    }

    @Test
    void aModelThatSeldomAnswersOtherwiseIsFoundOutInTime() {
        AtomicInteger calls = new AtomicInteger();
        RowModel model = new RowModel(x -> {
            float[] y = x.clone();
            y[0] += calls.incrementAndGet() % 50 == 0 ? 1 : 0;
            return y;
        });
        try (PredictionCache cache = always(16);
                InferenceModel cached = cache.around("m", model)) {
            // Batches too, so that it might be their rows that depend on each other.
            IntFunction<Tensors> mixed = i -> i % 5 == 0 ? RowModel.rows(i % 7, i % 11 + 20) : RowModel.row(i % 10);
            assertThat(ask(cached, mixed, () -> state(cache, cached) == State.NON_DETERMINISTIC))
                    .isTrue();
            assertThat(pass(() -> !said(Level.WARN).isEmpty())).isTrue();
            assertThat(said(Level.WARN)).hasSizeBetween(1, 2);
        }
    }

    /** Hits come so fast that one of a few would have a slow model asked all the time. */
    @Test
    void aSlowModelIsAskedAgainForAHundredthOfTheTime() {
        long nanos = TimeUnit.MILLISECONDS.toNanos(10);
        RowModel model = new RowModel(RowModel.busy(new AtomicLong(nanos)));
        try (PredictionCache cache = always(2);
                InferenceModel cached = cache.around("m", model)) {
            assertThat(ask(
                            cached,
                            i -> RowModel.row(1),
                            () -> cache.status(cached).checks() >= 8))
                    .isTrue();
            long start = System.nanoTime();
            long end = start + 40 * nanos;
            assertThat(ask(cached, i -> RowModel.row(1), () -> System.nanoTime() > end))
                    .isTrue();
            // One may have begun before the pauses did.
            long most = 9 + (System.nanoTime() - start) / (100 * nanos);
            assertThat(cache.status(cached).checks()).isBetween(8L, most);
        }
    }

    @Test
    void aModelThatAddsNoiseToBatchesIsFoundOutByItsFirst() {
        AtomicInteger noise = new AtomicInteger();
        RowModel model = new RowModel(x -> {
            float[] y = x.clone();
            y[0] += noise.incrementAndGet();
            return y;
        });
        try (PredictionCache cache = always(0);
                InferenceModel cached = cache.around("m", model)) {
            assertThat(cached.predict(RowModel.rows(1, 2, 3)).size()).isEqualTo(1);
            assertThat(state(cache, cached)).isEqualTo(State.NON_DETERMINISTIC);
            assertThat(cache.entries()).isZero();
        }
    }

    /** Each number less the mean of its column over the batch. */
    private static float[] centred(float[] x) {
        float[] y = x.clone();
        float sum = 0;
        for (int i = 0; i < x.length; i += 2) {
            sum += x[i];
        }
        for (int i = 0; i < x.length; i += 2) {
            y[i] -= sum / (x.length / 2f);
        }
        return y;
    }

    /** Its share of all over the batch, as a softmax along the wrong axis has it. */
    private static float[] shares(float[] x) {
        double sum = 0;
        for (float value : x) {
            sum += Math.exp(value);
        }
        float[] y = new float[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = (float) (Math.exp(x[i]) / sum);
        }
        return y;
    }

    @Test
    void rowsThatDependOnEachOtherAreCachedAsWholeCalls() {
        for (RowModel model : List.of(new RowModel(JudgedModelIT::centred), new RowModel(JudgedModelIT::shares))) {
            try (PredictionCache cache = always(16);
                    InferenceModel cached = cache.around("m", model)) {
                for (int i = 0; i < 200; i++) {
                    Tensors batch = i % 3 == 0 ? RowModel.row(i % 4) : RowModel.rows(i % 4, 2, i % 5);
                    assertThat(cached.predict(batch)).isEqualTo(model.predict(batch));
                }
                CacheStatus status = cache.status(cached);
                assertThat(status.byRow()).isFalse();
                assertThat(status.hits()).isPositive();
                assertThat(state(cache, cached)).isEqualTo(State.ON);
                assertThat(said(Level.WARN)).isEmpty();
            }
        }
    }

    @Test
    void aModelThatIsClosedWhileItIsAskedAgainIsFreedAfterwards() throws Exception {
        CyclicBarrier inside = new CyclicBarrier(2);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        RowModel model = new RowModel(x -> {
            if (calls.incrementAndGet() == 2) {
                try {
                    inside.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    assertThat(go.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }
            return x.clone();
        });
        try (PredictionCache cache = always(1)) {
            InferenceModel cached = cache.around("m", model);
            assertThat(cached.predict(RowModel.row(1))).isEqualTo(cached.predict(RowModel.row(1)));
            inside.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            cached.close();
            assertThat(cache.status()).isEmpty();
            assertThat(model.isFreed()).isFalse();
            go.countDown();
            assertThat(pass(model::isFreed)).isTrue();
            assertThat(cache.status(cached).checks()).isEqualTo(1);
            assertThat(said(Level.WARN)).isEmpty();
        }
    }

    @Test
    void aRuleOfNeverAsksTheModelEachTime() {
        RowModel model = new RowModel(float[]::clone);
        try (PredictionCache cache =
                        new PredictionCache(CacheSpec.maxEntries(10).rule("m", CacheRule.never()));
                InferenceModel cached = cache.around("m", model)) {
            for (int i = 0; i < 5; i++) {
                assertThat(cached.predict(RowModel.row(1)).size()).isEqualTo(1);
            }
            assertThat(model.calls).hasValue(5);
            assertThat(state(cache, cached)).isEqualTo(State.OFF);
            assertThat(cache.entries()).isZero();
        }
    }
}
