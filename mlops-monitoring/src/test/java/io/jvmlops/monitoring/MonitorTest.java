package io.jvmlops.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.ColumnDrift;
import io.jvmlops.api.monitoring.ColumnDrift.Kind;
import io.jvmlops.api.monitoring.ColumnDrift.Verdict;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.Finding;
import io.jvmlops.monitoring.profile.Data;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.monitoring.profile.WindowProfile;
import io.jvmlops.monitoring.statistic.Psi;
import io.jvmlops.test.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class MonitorTest {
    private static ReferenceProfile reference(RandomGenerator random, int rows) {
        return ReferenceProfile.builder(Data.FLOWERS)
                .add(Data.flowers(random, rows, 0), Data.scores(random, rows, 0))
                .build();
    }

    private static Finding leading(ColumnDrift column) {
        return column.leading().orElseThrow();
    }

    private static Monitor monitor(ReferenceProfile reference) {
        return Monitor.builder(reference).name("iris").build();
    }

    @Test
    void theReferencesOwnDataDoNotDrift() {
        SplittableRandom random = new SplittableRandom(1);
        Tensors inputs = Data.flowers(random, 150, 0);
        Tensors outputs = Data.scores(random, 150, 0);
        Monitor monitor = monitor(
                ReferenceProfile.builder(Data.FLOWERS).add(inputs, outputs).build());

        monitor.onPrediction(Data.event(inputs, outputs));
        DriftReport report = monitor.report();

        assertThat(report.hasDrift()).isFalse();
        assertThat(report.columns()).hasSize(5).allSatisfy(column -> {
            assertThat(column.verdict()).isEqualTo(Verdict.STABLE);
            assertThat(leading(column).correctedP()).isEqualTo(1);
            assertThat(column.effectSize()).isZero();
            assertThat(column.currentCount()).isEqualTo(150);
        });
    }

    @ParameterizedTest
    @CsvSource({"105, 45", "100, 100", "150, 150", "2000, 2000"})
    void aColumnThatMovedByOneStandardDeviationIsNamedAndNoOther(int referenceRows, int rows) {
        SplittableRandom random = new SplittableRandom(42);
        Monitor monitor = monitor(reference(random, referenceRows));

        for (int i = 0; i < rows; i++) {
            monitor.onPrediction(Data.event(Data.flowers(random, 1, 1), Data.scores(random, 1, 0)));
        }
        DriftReport report = monitor.report();

        assertThat(report.drifted(Kind.INPUT)).containsExactly("sepal_length");
        assertThat(report.drifted(Kind.OUTPUT)).isEmpty();
        ColumnDrift moved = report.column("sepal_length").orElseThrow();
        // Two normal distributions one deviation apart differ by 2 Phi(1/2) - 1 = 0.383.
        assertThat(moved.effectSize()).isCloseTo(0.383, within(0.15));
        assertThat(leading(moved).test()).isEqualTo("ks");
        assertThat(moved.why()).startsWith("values moved up: the mean by ").contains("; psi ");
        assertThat(report.currentRows()).isEqualTo(rows);
        assertThat(report.referenceRows()).isEqualTo(referenceRows);
    }

    @Test
    void outputsAreJudgedBesideInputs() {
        SplittableRandom random = new SplittableRandom(3);
        Monitor monitor = monitor(reference(random, 150));

        monitor.onPrediction(Data.event(Data.flowers(random, 150, 0), Data.scores(random, 150, -1)));
        DriftReport report = monitor.report();

        assertThat(report.drifted(Kind.INPUT)).isEmpty();
        assertThat(report.drifted(Kind.OUTPUT)).containsExactly("score");
        assertThat(report.column("score").orElseThrow().why()).startsWith("values moved down");
    }

    /** At this size every change is significant; one that moves 2 % of the rows does not matter. */
    @Test
    void aSignificantChangeThatIsSmallIsNoDrift() {
        SplittableRandom random = new SplittableRandom(4);
        Monitor monitor = monitor(reference(random, 50_000));

        monitor.onPrediction(Data.event(Data.flowers(random, 50_000, 0.05), null));
        ColumnDrift column = monitor.report().column("sepal_length").orElseThrow();

        assertThat(leading(column).correctedP()).isLessThan(0.001);
        assertThat(column.effectSize()).isBetween(0.01, 0.04);
        assertThat(column.verdict()).isEqualTo(Verdict.STABLE);
        assertThat(column.why()).isEqualTo("a change, but too small to matter");
    }

    @Test
    void fewRowsAreInsufficientAndStayOutOfTheCorrection() {
        SplittableRandom random = new SplittableRandom(5);
        Monitor monitor = monitor(reference(random, 150));
        monitor.onPrediction(Data.event(Data.flowers(random, 29, 0), null));

        assertThat(monitor.report().columns()).allSatisfy(column -> {
            assertThat(column.verdict()).isEqualTo(Verdict.INSUFFICIENT_DATA);
            assertThat(column.effectSize()).isNaN();
        });
        assertThat(monitor.report().column("sepal_length").orElseThrow().why())
                .isEqualTo("29 values now and 150 in the reference, 30 needed on both sides");

        monitor.onPrediction(Data.event(Data.flowers(random, 1, 0), null));

        DriftReport report = monitor.report();
        assertThat(report.column("sepal_length").orElseThrow().verdict()).isEqualTo(Verdict.STABLE);
        assertThat(report.column("score").orElseThrow().verdict()).isEqualTo(Verdict.INSUFFICIENT_DATA);
    }

    @Test
    void aColumnThatWentAwayAltogetherIsDrift() {
        Monitor monitor = monitor(ReferenceProfile.builder(Data.numbers())
                .add(Data.numbers(values(100, 0)))
                .build());

        monitor.onPrediction(Data.event(Data.numbers(), Data.numbers(values(50, 50)), null));
        ColumnDrift column = monitor.report().column("x").orElseThrow();

        assertThat(column.verdict()).isEqualTo(Verdict.DRIFT);
        assertThat(leading(column).test()).isEqualTo("missing");
        assertThat(column.currentCount()).isZero();
    }

    /** 0, 1, 2 ... and NaN at the end. */
    private static double[] values(int rows, int missing) {
        double[] values = new double[rows];
        for (int i = 0; i < rows; i++) {
            values[i] = i < rows - missing ? i : Double.NaN;
        }
        return values;
    }

    @Test
    void booleansHaveBothLevelsEvenIfTheReferenceSawOne() {
        ModelSignature signature = new ModelSignature(List.of(TensorSpec.of("b", DataType.BOOL, -1)), List.of());
        boolean[] now = new boolean[50];
        Arrays.fill(now, 0, 25, true);
        Monitor monitor = monitor(ReferenceProfile.builder(signature)
                .add(Tensors.of("b", Tensor.transfer(new boolean[50], 50)))
                .build());

        monitor.onPrediction(Data.event(signature, Tensors.of("b", Tensor.transfer(now, 50)), null));
        ColumnDrift column = monitor.report().column("b").orElseThrow();

        assertThat(column.verdict()).isEqualTo(Verdict.DRIFT);
        assertThat(column.why()).contains("50.0 % now");
    }

    @Test
    void failedPredictionsCountTheirInputsOnly() {
        SplittableRandom random = new SplittableRandom(6);
        Monitor monitor = monitor(reference(random, 150));

        monitor.onPrediction(Data.event(Data.flowers(random, 40, 0), null));
        WindowProfile.Sample window = monitor.window().uniform();

        assertThat(window.inputs().rows()).isEqualTo(40);
        assertThat(window.outputs().rows()).isZero();
        assertThat(monitor.rowsSeen()).isEqualTo(40);
        assertThat(monitor.eventsIgnored()).isZero();
    }

    @Test
    void eventsThatDoNotFitAreCountedAndLeaveNothingBehind() {
        SplittableRandom random = new SplittableRandom(7);
        Monitor monitor = monitor(reference(random, 150));
        WindowProfile empty = monitor.window();
        Tensors good = Data.flowers(random, 2, 0);

        monitor.onPrediction(Data.event(Data.numbers(1, 2), null));
        monitor.onPrediction(Data.event(Tensors.of("x", Tensor.copyOf(new float[6], 2, 3)), null));
        monitor.onPrediction(Data.event(Tensors.of("x", Tensor.copyOf(new double[8], 2, 4)), null));
        // Inputs that fit are not counted if the outputs are of another kind.
        monitor.onPrediction(Data.event(good, Tensors.of("score", Tensor.copyOf(new long[2], 2))));

        assertThat(monitor.eventsIgnored()).isEqualTo(4);
        assertThat(monitor.rowsSeen()).isZero();
        assertThat(monitor.window()).isEqualTo(empty);
    }

    @Test
    void someOfTheOutputsAreEnough() {
        ModelSignature two = new ModelSignature(
                List.of(TensorSpec.of("x", DataType.FP64, -1)),
                List.of(TensorSpec.of("a", DataType.FP64, -1), TensorSpec.of("b", DataType.FP64, -1)));
        Tensor some = Tensor.copyOf(new double[] {1, 2, 3}, 3);
        Monitor monitor = monitor(ReferenceProfile.builder(two)
                .add(Tensors.of("x", some), Tensors.of("a", some, "b", some))
                .build());

        monitor.onPrediction(Data.event(two, Tensors.of("x", some), Tensors.of("b", some)));

        assertThat(monitor.eventsIgnored()).isZero();
        assertThat(Data.column(monitor.window().uniform().outputs(), "a").count())
                .isZero();
        assertThat(Data.column(monitor.window().uniform().outputs(), "b").count())
                .isEqualTo(3);
    }

    @Test
    void aResetEndsTheWindowAndKeepsTheCounters() {
        SplittableRandom random = new SplittableRandom(8);
        Monitor monitor = monitor(reference(random, 150));
        monitor.onPrediction(Data.event(Data.flowers(random, 40, 3), null));

        WindowProfile ended = monitor.reset();

        assertThat(ended.rows()).isEqualTo(40);
        assertThat(monitor.window().rows()).isZero();
        assertThat(monitor.report().hasDrift()).isFalse();
        assertThat(monitor.rowsSeen()).isEqualTo(40);
        assertThat(DriftPolicy.ofDefaults()
                        .compare("later", Instant.EPOCH, monitor.reference().orElseThrow(), ended)
                        .drifted(Kind.INPUT))
                .containsExactly("sepal_length");
    }

    @Test
    void eightThreadsLoseNothing() throws Exception {
        ReferenceProfile reference = reference(new SplittableRandom(9), 200);
        Monitor shared = monitor(reference);
        Monitor alone = monitor(reference);
        int threads = 8;
        int events = 300;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                List<Tensors> batches = new ArrayList<>();
                SplittableRandom random = new SplittableRandom(100 + t);
                for (int i = 0; i < events; i++) {
                    batches.add(Data.flowers(random, 1 + i % 3, 0.5));
                }
                batches.forEach(batch -> alone.onPrediction(Data.event(batch, null)));
                tasks.add(() -> {
                    batches.forEach(batch -> {
                        shared.onPrediction(Data.event(batch, null));
                        shared.onPrediction(Data.event(Data.numbers(1), null));
                    });
                    shared.report();
                    return true;
                });
            }
            for (Future<Boolean> task : executor.invokeAll(tasks)) {
                assertThat(task.get()).isTrue();
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(shared.rowsSeen()).isEqualTo(alone.rowsSeen()).isEqualTo(2L * threads * events);
        assertThat(shared.eventsIgnored()).isEqualTo((long) threads * events);
        assertThat(shared.window()).isEqualTo(alone.window());
        assertThat(shared.window().toBytes()).isEqualTo(alone.window().toBytes());
    }

    @Test
    void theHostsStatisticsAreAsked() {
        SplittableRandom random = new SplittableRandom(10);
        DriftPolicy policy = DriftPolicy.builder()
                .numericTest(new Psi())
                .numericEffect(new Psi(), 0.2)
                .significance(0.01)
                .minimumRows(20)
                .build();
        Monitor monitor = Monitor.builder(reference(random, 150)).policy(policy).build();

        monitor.onPrediction(Data.event(Data.flowers(random, 25, 2), null));
        DriftReport report = monitor.report();

        assertThat(report.drifted(Kind.INPUT)).containsExactly("sepal_length");
        assertThat(leading(report.column("sepal_length").orElseThrow()).test()).isEqualTo("psi");
        assertThat(leading(report.column("sepal_length").orElseThrow()).effect())
                .isEqualTo("psi");
    }

    @Test
    void aStatisticThatThrowsHurtsItsOwnColumnsOnly() {
        DriftStatistic broken = new DriftStatistic() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public boolean supports(ColumnProfile reference) {
                return true;
            }

            @Override
            public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
                throw new IllegalStateException("secret value");
            }
        };
        SplittableRandom random = new SplittableRandom(11);
        Monitor monitor = Monitor.builder(reference(random, 150))
                .policy(DriftPolicy.builder().numericTest(broken).build())
                .build();
        monitor.onPrediction(Data.event(Data.flowers(random, 50, 0), null));

        ColumnDrift column = monitor.report().column("sepal_length").orElseThrow();

        assertThat(column.verdict()).isEqualTo(Verdict.INSUFFICIENT_DATA);
        assertThat(column.why()).isEqualTo("statistic 'broken' or 'ks' failed: IllegalStateException");
    }

    @Test
    void beginningAndEndOfDriftAreLoggedOnce() {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(Monitor.class);
        log.start();
        logger.addAppender(log);
        try {
            SplittableRandom random = new SplittableRandom(12);
            ManualClock clock = new ManualClock(Instant.EPOCH);
            Monitor monitor = Monitor.builder(reference(random, 150))
                    .name("iris")
                    .clock(clock)
                    .build();
            monitor.onPrediction(Data.event(Data.flowers(random, 50, 2), null));
            monitor.report();
            clock.advance(Duration.ofMinutes(1));
            monitor.report();
            monitor.reset();
            // Nothing to say yet is not the end of drift.
            monitor.report();
            monitor.onPrediction(Data.event(Data.flowers(random, 50, 0), null));
            monitor.report();
            monitor.report();
        } finally {
            logger.detachAppender(log);
        }
        assertThat(log.list).extracting(ILoggingEvent::getLevel).containsExactly(Level.WARN, Level.INFO);
        assertThat(log.list.get(0).getFormattedMessage())
                .matches(
                        "model 'iris': input column 'sepal_length' drifts: values by ks, ks 0\\.\\d{3}, corrected p \\d\\.\\de-\\d+, .*")
                .endsWith(", 50 values now and 150 in the reference");
        assertThat(log.list.get(1).getFormattedMessage())
                .isEqualTo("model 'iris': input column 'sepal_length' is back where the reference has it");
    }
}
