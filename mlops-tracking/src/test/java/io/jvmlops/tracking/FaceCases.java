package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.tracking.Experiment;
import io.jvmlops.api.tracking.ExperimentInfo;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.api.tracking.RunTags;
import io.jvmlops.test.Concurrently;
import io.jvmlops.test.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a tracking's experiments and runs do, whatever stores are behind them. */
abstract class FaceCases {
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00.123Z");

    private final ManualClock clock = new ManualClock(T0);
    private Tracking tracking;

    /** A tracking of stores that are empty. */
    abstract Tracking.Builder builder();

    @BeforeEach
    void open() {
        tracking = builder().clock(clock).recordSource(false).build();
    }

    @AfterEach
    void close() {
        tracking.close();
    }

    @Test
    void experimentsAreChangedAndSayWhatTheyAreNow() {
        Experiment experiment = tracking.experiment("iris");
        experiment.setTags(Map.of("team", "blue", "stage", "draft"));
        experiment.setTag("stage", "final");
        experiment.removeTag("team");
        experiment.removeTag("never there");
        experiment.rename("flowers");
        ExperimentInfo info = experiment.info();
        assertThat(info.name()).isEqualTo("flowers");
        assertThat(info.tags()).isEqualTo(Map.of("stage", "final"));
        assertThat(tracking.experiment("flowers").info()).isEqualTo(info);
        assertThat(tracking.findExperiment("iris")).isEmpty();
        tracking.experiment("taken");
        assertThatThrownBy(() -> experiment.rename("taken")).isInstanceOf(ConflictException.class);
        assertThatThrownBy(() -> experiment.setTags(Map.of("good", "1", " ", "2")))
                .isInstanceOf(InvalidInputException.class);
        assertThat(experiment.info()).isEqualTo(info);
    }

    @Test
    void aDeletedExperimentIsFoundAndRestoredWithItsRuns() {
        Experiment experiment = tracking.experiment("iris");
        RunInfo run = experiment.run("r", r -> r.logParam("a", 1));
        experiment.delete();
        assertThat(experiment.info().isDeleted()).isTrue();
        assertThat(tracking.findRun(run.id()).orElseThrow().isDeleted()).isTrue();
        assertThatThrownBy(() -> tracking.experiment("iris"))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("restore");
        assertThatThrownBy(() -> experiment.startRun("r")).isInstanceOf(ConflictException.class);
        assertThatThrownBy(() -> experiment.setTag("a", "b")).isInstanceOf(ConflictException.class);
        assertThatThrownBy(() -> tracking.resumeRun(run.id())).isInstanceOf(ConflictException.class);

        tracking.findExperiment("iris").orElseThrow().restore();
        assertThat(tracking.findRun(run.id())).contains(run);
        assertThat(experiment.run("again", r -> {}).status()).isEqualTo(RunStatus.FINISHED);
    }

    @Test
    void aRunIsRenamedTaggedAndNoted() {
        try (Run run = tracking.experiment("iris").startRun("first")) {
            run.rename("second");
            run.setTags(Map.of("a", "1", "b", "2"));
            run.setTag("a", "3");
            run.removeTag("b");
            run.removeTag("b");
            run.setNote("**good**");
            assertThat(run.name()).isEqualTo("second");
            RunInfo info = run.info();
            assertThat(info.name()).isEqualTo("second");
            assertThat(info.tags()).isEqualTo(Map.of("a", "3", "mlflow.note.content", "**good**"));
            assertThat(info.note()).contains("**good**");
            assertThat(info.parentId()).isEmpty();
            assertThatThrownBy(() -> run.rename(" ")).isInstanceOf(InvalidInputException.class);
            assertThat(run.name()).isEqualTo("second");
            assertThat(run.info()).isEqualTo(info);
        }
    }

    @Test
    void aChildIsARunOfItsOwnThatNamesItsParent() {
        Run parent = tracking.experiment("iris").startRun("search");
        Run child = parent.startChild("trial 1");
        Run grandchild = child.startChild("fold 1");
        assertThat(child.info().parentId()).contains(parent.id());
        assertThat(child.info().tags()).containsEntry("mlflow.parentRunId", parent.id());
        assertThat(child.info().experimentId()).isEqualTo(parent.info().experimentId());
        assertThat(grandchild.info().parentId()).contains(child.id());
        parent.complete();
        assertThatThrownBy(() -> parent.startChild("late")).isInstanceOf(ClosedException.class);
        child.logMetric("loss", 1);
        child.complete();
        assertThat(child.info().status()).isEqualTo(RunStatus.FINISHED);
        assertThat(grandchild.info().status()).isEqualTo(RunStatus.RUNNING);
        grandchild.close();
    }

    @Test
    void anUpdateIsWholeAndStoredAtOnce() {
        try (Run run = tracking.experiment("iris").startRun("r")) {
            run.logParam("epochs", 1);
            run.update(RunChanges.builder()
                    .param("rate", "0.1")
                    .tag("t", "v")
                    .metric(new MetricPoint("loss", 3, 4, 0.5))
                    .name("better")
                    .build());
            RunInfo after = run.info();
            assertThat(after.params()).isEqualTo(Map.of("epochs", "1", "rate", "0.1"));
            assertThat(after.metrics()).isEqualTo(Map.of("loss", new MetricPoint("loss", 3, 4, 0.5)));
            assertThat(run.name()).isEqualTo("better");

            assertThatThrownBy(() -> run.update(RunChanges.builder()
                            .name("worse")
                            .tag("t", "w")
                            .metric(new MetricPoint("loss", 9, 9, 9))
                            .param("epochs", "2")
                            .build()))
                    .isInstanceOf(ConflictException.class);
            assertThat(run.info()).isEqualTo(after);
            assertThat(run.name()).isEqualTo("better");
            for (RunChanges.Builder transition : List.of(
                    RunChanges.builder().end(RunStatus.FINISHED, T0, null),
                    RunChanges.builder().delete(),
                    RunChanges.builder().resume(),
                    RunChanges.builder().restore())) {
                assertThatThrownBy(() -> run.update(transition.tag("t", "w").build()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(run.id());
            }
            assertThat(run.info()).isEqualTo(after);
        }
    }

    @Test
    void metricsThatBelongTogetherShareTheirStamp() {
        try (Run run = tracking.experiment("iris").startRun("r")) {
            run.logMetrics(Map.of("loss", 0.5, "correct", 17, "seen", 20L), 3);
            run.logMetrics(Map.of(), 3);
            clock.advance(Duration.ofSeconds(1));
            run.logMetric("loss", 0.25, 4, T0.minusMillis(1));
            run.flush();
            long at = T0.toEpochMilli();
            assertThat(points(run, "correct")).containsExactly(new MetricPoint("correct", 3, at, 17));
            assertThat(points(run, "seen")).containsExactly(new MetricPoint("seen", 3, at, 20));
            assertThat(points(run, "loss"))
                    .containsExactly(new MetricPoint("loss", 3, at, 0.5), new MetricPoint("loss", 4, at - 1, 0.25));
        }
    }

    @Test
    void ifOneOfSeveralMetricsIsRefusedNoneIsLogged() {
        try (Run run = tracking.experiment("iris").startRun("r")) {
            Map<String, Double> bad = new LinkedHashMap<>();
            bad.put("good", 1.0);
            bad.put("", 2.0);
            assertThatThrownBy(() -> run.logMetrics(bad, 1)).isInstanceOf(InvalidInputException.class);
            bad.remove("");
            bad.put("null", null);
            assertThatThrownBy(() -> run.logMetrics(bad, 1)).isInstanceOf(NullPointerException.class);
            run.flush();
            assertThat(run.info().metrics()).isEmpty();
        }
        Run ended = tracking.experiment("iris").startRun("r");
        ended.complete();
        assertThatThrownBy(() -> ended.logMetrics(Map.of("a", 1), 1)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> ended.logMetrics(Map.of(), 1)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> ended.logMetric("a", 1, 1, T0)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> ended.update(RunChanges.builder().tag("a", "b").build()))
                .isInstanceOf(ClosedException.class);
    }

    @Test
    void anEndedRunIsTakenUpAgain() {
        RunInfo ended = tracking.experiment("iris").run("r", run -> run.logMetric("loss", 1, 1));
        clock.advance(Duration.ofHours(1));
        try (Run run = tracking.resumeRun(ended.id())) {
            assertThat(run.id()).isEqualTo(ended.id());
            assertThat(run.name()).isEqualTo("r");
            assertThat(run.info().status()).isEqualTo(RunStatus.RUNNING);
            assertThat(run.info().endedAt()).isNull();
            assertThatThrownBy(() -> tracking.resumeRun(ended.id()))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("open");
            run.logMetric("loss", 0.5, 2);
            assertThat(run.startChild("c").info().experimentId()).isEqualTo(ended.experimentId());
            run.complete();
        }
        RunInfo again = tracking.findRun(ended.id()).orElseThrow();
        assertThat(again.status()).isEqualTo(RunStatus.FINISHED);
        assertThat(again.startedAt()).isEqualTo(T0);
        assertThat(again.endedAt()).isEqualTo(T0.plusSeconds(3600));
        assertThat(again.metrics().get("loss")).extracting(MetricPoint::step).isEqualTo(2L);
        assertThatThrownBy(() -> tracking.resumeRun("nobody")).isInstanceOf(NotFoundException.class);
        assertThat(tracking.findRun("nobody")).isEmpty();
    }

    @Test
    void ofManyWhoTakeUpOneRunOneGetsIt() throws InterruptedException {
        String id = tracking.experiment("iris").run("r", run -> {}).id();
        List<Boolean> got = Concurrently.run(8, thread -> {
            try {
                tracking.resumeRun(id);
                return true;
            } catch (ConflictException e) {
                return false;
            }
        });
        assertThat(got).containsOnlyOnce(true);
    }

    @Test
    void aRunIsDeletedAndRestored() {
        Run open = tracking.experiment("iris").startRun("r");
        open.logParam("a", 1);
        assertThatThrownBy(() -> tracking.deleteRun(open.id()))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("end it first");
        open.complete();
        RunInfo before = open.info();
        tracking.deleteRun(open.id());
        tracking.deleteRun(open.id());
        assertThat(tracking.findRun(open.id()).orElseThrow().isDeleted()).isTrue();
        assertThatThrownBy(() -> tracking.resumeRun(open.id())).isInstanceOf(ConflictException.class);
        tracking.restoreRun(open.id());
        tracking.restoreRun(open.id());
        assertThat(open.info()).isEqualTo(before);
        assertThatThrownBy(() -> tracking.deleteRun("nobody")).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> tracking.restoreRun("nobody")).isInstanceOf(NotFoundException.class);
    }

    @Test
    void whatStartedARunIsRecordedUnlessItIsNotWanted() {
        Experiment plain = tracking.experiment("plain");
        assertThat(plain.run("r", run -> {}).tags()).isEmpty();
        try (Tracking recording = again()) {
            try (Run run = recording.experiment("iris").startRun("r");
                    Run child = run.startChild("c")) {
                assertThat(run.info().tags())
                        .containsEntry(RunTags.SOURCE_TYPE, RunTags.LOCAL)
                        .containsKeys(RunTags.USER, RunTags.SOURCE_NAME, RunTags.JVM, RunTags.OS)
                        .doesNotContainKey(RunTags.ARGUMENTS);
                assertThat(child.info().tags()).containsKeys(RunTags.USER, RunTags.PARENT);
            }
        }
    }

    /** Another tracking of the same stores, with the defaults. */
    private Tracking again() {
        return Tracking.builder()
                .store(tracking.store())
                .metrics(tracking.metrics())
                .artifacts(tracking.artifacts())
                .registry(tracking.registry())
                .build();
    }

    @Test
    void aClosedTrackingAnswersNothing() {
        String id = tracking.experiment("iris").run("r", run -> {}).id();
        tracking.close();
        List<Runnable> calls = new ArrayList<>(List.of(
                () -> tracking.findRun(id),
                () -> tracking.resumeRun(id),
                () -> tracking.deleteRun(id),
                () -> tracking.restoreRun(id),
                () -> tracking.findExperiment("iris")));
        for (Runnable call : calls) {
            assertThatThrownBy(call::run).isInstanceOf(ClosedException.class);
        }
    }

    private List<MetricPoint> points(Run run, String key) {
        try (Stream<MetricPoint> history = tracking.metrics().history(run.id(), key)) {
            return history.toList();
        }
    }
}
