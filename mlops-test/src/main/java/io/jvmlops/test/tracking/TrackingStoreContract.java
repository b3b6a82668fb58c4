package io.jvmlops.test.tracking;

import static io.jvmlops.api.search.Fields.STATUS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.tracking.DatasetInput;
import io.jvmlops.api.tracking.ExperimentChanges;
import io.jvmlops.api.tracking.ExperimentInfo;
import io.jvmlops.api.tracking.ExperimentQuery;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.api.tracking.View;
import io.jvmlops.test.Concurrently;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link TrackingStore} does. Extend it, and give it a store. */
public abstract class TrackingStoreContract {
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00.123Z");
    private static final String AWKWARD = "quote ' \" back\\slash % _ ; -- ünï ☃ \uD83D\uDE80";

    private TrackingStore store;

    /** An empty store, new for every test; the contract closes it. */
    protected abstract TrackingStore open() throws Exception;

    @BeforeEach
    final void openStore() throws Exception {
        store = open();
    }

    @AfterEach
    final void closeStore() {
        store.close();
    }

    @Test
    void anExperimentIsCreatedOnceAndFoundByItsName() {
        ExperimentInfo iris = store.experiment("iris");
        assertThat(iris.name()).isEqualTo("iris");
        assertThat(store.experiment("iris")).isEqualTo(iris);
        ExperimentInfo other = store.experiment("Iris");
        assertThat(other.id()).isNotEqualTo(iris.id());
        assertThat(store.experiments()).containsExactly(iris, other);
    }

    @Test
    void anEmptyStoreHasNothing() {
        assertThat(store.experiments()).isEmpty();
        assertThat(store.search(RunQuery.all()).items()).isEmpty();
        assertThat(store.findRun(newId())).isEmpty();
    }

    @Test
    void namesOfExperimentsHaveLimits() {
        String longest = "x".repeat(Keys.MAX_KEY);
        assertThat(store.experiment(longest).name()).isEqualTo(longest);
        assertThat(store.experiment(AWKWARD).name()).isEqualTo(AWKWARD);
        for (String bad : List.of("", " ", longest + "x", "a\nb", "a\u0000b", "a\uD800")) {
            assertThatThrownBy(() -> store.experiment(bad)).isInstanceOf(InvalidInputException.class);
        }
        assertThat(store.experiments()).hasSize(2);
    }

    @Test
    void callersAtOnceGetTheSameExperiment() {
        int rounds = 50;
        List<List<ExperimentInfo>> got = Concurrently.run(
                8,
                thread -> IntStream.range(0, rounds)
                        .mapToObj(round -> store.experiment("shared " + round))
                        .toList());
        assertThat(new HashSet<>(got)).hasSize(1);
        assertThat(store.experiments()).containsExactlyInAnyOrderElementsOf(got.get(0));
    }

    @Test
    void aRunIsFoundAsItWasCreated() {
        NewRun run = newRun("first", T0);
        store.createRun(run);
        assertThat(store.findRun(run.id())).contains(begun(run));
    }

    @Test
    void aRunCreatedWithEverythingIsFoundWithEverything() {
        NewRun run = new NewRun(newId(), store.experiment("iris").id(), AWKWARD, T0, Map.of("t", AWKWARD, "empty", ""));
        store.createRun(run);
        assertThat(store.findRun(run.id())).contains(begun(run));
    }

    @Test
    void aRunNeedsAnExperimentAndANewId() {
        NewRun lost = new NewRun(newId(), "no-such-experiment", "run", T0);
        assertThatThrownBy(() -> store.createRun(lost)).isInstanceOf(NotFoundException.class);
        assertThat(store.findRun(lost.id())).isEmpty();

        NewRun run = newRun("first", T0);
        store.createRun(run);
        NewRun again = new NewRun(run.id(), run.experimentId(), "second", T0);
        assertThatThrownBy(() -> store.createRun(again))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining(run.id());
        assertThat(store.findRun(run.id())).contains(begun(run));
    }

    @Test
    void paramsTagsInputsAndArtifactsAreAdded() {
        NewRun run = created("run");
        FileEntry file = file("models/iris/MLmodel", "one");
        store.updateRun(
                run.id(),
                RunChanges.builder()
                        .param("epochs", "20")
                        .param(AWKWARD, AWKWARD)
                        .tag("team", "blue")
                        .input(dataset("iris"))
                        .artifact(file)
                        .build());
        RunInfo found = get(run.id());
        assertThat(found.params()).isEqualTo(Map.of("epochs", "20", AWKWARD, AWKWARD));
        assertThat(found.tags()).isEqualTo(Map.of("team", "blue"));
        assertThat(found.inputs()).containsExactly(dataset("iris"));
        assertThat(found.status()).isEqualTo(RunStatus.RUNNING);
        assertThat(store.artifacts(run.id())).isEqualTo(new Manifest(List.of(file)));
    }

    @Test
    void paramsAreWrittenOnce() {
        NewRun run = created("run");
        store.updateRun(run.id(), RunChanges.builder().param("epochs", "20").build());
        store.updateRun(run.id(), RunChanges.builder().param("epochs", "20").build());
        assertThatThrownBy(() -> store.updateRun(
                        run.id(), RunChanges.builder().param("epochs", "21").build()))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("epochs")
                .hasMessageContaining("20")
                .hasMessageContaining("21");
        assertThat(get(run.id()).params()).isEqualTo(Map.of("epochs", "20"));
    }

    @Test
    void aParamThatConflictsLeavesNothingOfItsChanges() {
        NewRun run = created("run");
        store.updateRun(
                run.id(), RunChanges.builder().param("b", "1").tag("t", "old").build());
        RunInfo before = get(run.id());
        assertThatThrownBy(() -> store.updateRun(
                        run.id(),
                        RunChanges.builder()
                                .param("a", "1")
                                .param("b", "2")
                                .param("c", "3")
                                .tag("t", "new")
                                .input(dataset("d"))
                                .artifact(file("f", "f"))
                                .end(RunStatus.FINISHED, T0.plusSeconds(1), null)
                                .build()))
                .isInstanceOf(ConflictException.class);
        assertThat(get(run.id())).isEqualTo(before);
        assertThat(store.artifacts(run.id()).files()).isEmpty();
    }

    @Test
    void aRunThatCannotEndLeavesNothingOfItsChanges() {
        NewRun run = created("run");
        store.updateRun(
                run.id(), RunChanges.builder().end(RunStatus.FAILED, T0, "why").build());
        RunInfo before = get(run.id());
        assertThatThrownBy(() -> store.updateRun(
                        run.id(),
                        RunChanges.builder()
                                .param("a", "1")
                                .end(RunStatus.FINISHED, T0.plusSeconds(1), null)
                                .build()))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining(run.id());
        assertThat(get(run.id())).isEqualTo(before);
    }

    @Test
    void theLastTagAndArtifactOfANameWins() {
        NewRun run = created("run");
        for (String value : List.of("one", "two")) {
            store.updateRun(
                    run.id(),
                    RunChanges.builder()
                            .tag("stage", value)
                            .artifact(file("a/b.txt", value))
                            .build());
        }
        assertThat(get(run.id()).tags()).isEqualTo(Map.of("stage", "two"));
        assertThat(store.artifacts(run.id()).files()).containsExactly(file("a/b.txt", "two"));
    }

    @Test
    void inputsKeepTheirOrderAndEqualOnesComeOnce() {
        NewRun run = created("run");
        store.updateRun(
                run.id(),
                RunChanges.builder().input(dataset("z")).input(dataset("a")).build());
        store.updateRun(
                run.id(),
                RunChanges.builder().input(dataset("z")).input(dataset("m")).build());
        List<DatasetInput> expected = new ArrayList<>(List.of(dataset("z"), dataset("a"), dataset("m")));
        for (int i = 20; i > 0; i--) {
            expected.add(dataset("d" + i));
            store.updateRun(
                    run.id(), RunChanges.builder().input(dataset("d" + i)).build());
        }
        assertThat(get(run.id()).inputs()).isEqualTo(expected);
    }

    @Test
    void aRunEndsOnceAndMayBeAnnotatedAfterwards() {
        NewRun run = created("run");
        Instant end = T0.plusSeconds(60);
        RunChanges finished =
                RunChanges.builder().end(RunStatus.FINISHED, end, null).build();
        store.updateRun(run.id(), finished);
        store.updateRun(
                run.id(),
                RunChanges.builder()
                        .end(RunStatus.FINISHED, end.plusSeconds(1), null)
                        .build());
        assertThat(get(run.id()).status()).isEqualTo(RunStatus.FINISHED);
        assertThat(get(run.id()).endedAt()).isEqualTo(end);
        assertThat(get(run.id()).endReason()).isNull();
        store.updateRun(run.id(), RunChanges.builder().tag("reviewed", "yes").build());
        assertThat(get(run.id()).tags()).isEqualTo(Map.of("reviewed", "yes"));
        assertThat(get(run.id()).endedAt()).isEqualTo(end);
    }

    @Test
    void aFailedRunKeepsItsReason() {
        NewRun run = created("run");
        store.updateRun(
                run.id(),
                RunChanges.builder().end(RunStatus.FAILED, T0, AWKWARD).build());
        assertThat(get(run.id()).status()).isEqualTo(RunStatus.FAILED);
        assertThat(get(run.id()).endReason()).isEqualTo(AWKWARD);
    }

    @Test
    void valuesUpToTheLimitsAreKeptWhole() {
        NewRun run = created("x".repeat(Keys.MAX_KEY));
        String key = "k".repeat(Keys.MAX_KEY);
        String param = "☃".repeat(Keys.MAX_PARAM_VALUE);
        String tag = "☃".repeat(Keys.MAX_TAG_VALUE);
        store.updateRun(
                run.id(), RunChanges.builder().param(key, param).tag(key, tag).build());
        assertThat(get(run.id()).params()).isEqualTo(Map.of(key, param));
        assertThat(get(run.id()).tags()).isEqualTo(Map.of(key, tag));
    }

    @Test
    void oneCallTakesManyChanges() {
        NewRun run = created("run");
        RunChanges.Builder changes = RunChanges.builder();
        Map<String, String> expected = new LinkedHashMap<>();
        for (int i = 0; i < 1000; i++) {
            expected.put("key " + i, "value " + i);
            changes.param("key " + i, "value " + i);
            changes.artifact(file("file " + i, "content " + i));
        }
        store.updateRun(run.id(), changes.build());
        assertThat(get(run.id()).params()).isEqualTo(expected);
        assertThat(store.artifacts(run.id()).files()).hasSize(1000);
    }

    @Test
    void whatIsNotThereIsNamed() {
        String id = newId();
        assertThatThrownBy(() ->
                        store.updateRun(id, RunChanges.builder().tag("a", "b").build()))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining(id);
        assertThatThrownBy(() -> store.artifacts(id))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining(id);
    }

    @Test
    void searchGivesTheNewestFirstAndFilters() {
        NewRun old = newRun("old", T0);
        NewRun newest = newRun("newest", T0.plusMillis(2));
        NewRun middle = newRun("middle", T0.plusMillis(1));
        NewRun elsewhere = new NewRun(newId(), store.experiment("other").id(), "elsewhere", T0.plusSeconds(1));
        List.of(old, newest, middle, elsewhere).forEach(store::createRun);
        store.updateRun(
                middle.id(),
                RunChanges.builder()
                        .param("a", "b")
                        .end(RunStatus.FINISHED, T0.plusSeconds(3), null)
                        .build());

        assertThat(store.search(RunQuery.all()).items())
                .containsExactly(begun(elsewhere), begun(newest), get(middle.id()), begun(old));
        assertThat(store.search(RunQuery.all().inExperiment(old.experimentId())).items())
                .containsExactly(begun(newest), get(middle.id()), begun(old));
        assertThat(store.search(RunQuery.all().where("status = 'FINISHED'")).items())
                .containsExactly(get(middle.id()));
        assertThat(store.search(RunQuery.all()
                                .inExperiment(old.experimentId())
                                .where("status = 'RUNNING'")
                                .limitedTo(1))
                        .items())
                .containsExactly(begun(newest));
        assertThat(store.search(RunQuery.all().inExperiment("no-such-experiment"))
                        .items())
                .isEmpty();
        assertThat(store.search(RunQuery.all().limitedTo(2)).items()).hasSize(2);
        assertThat(store.search(RunQuery.all().limitedTo(Integer.MAX_VALUE)).items())
                .hasSize(4);
    }

    @Test
    void instantsOutsideTheUsualAreKept() {
        for (Instant at : List.of(
                Instant.EPOCH, Instant.parse("1969-12-31T23:59:59.999Z"), Instant.parse("2999-01-01T00:00:00Z"))) {
            NewRun run = newRun("run", at);
            store.createRun(run);
            assertThat(store.findRun(run.id())).contains(begun(run));
        }
    }

    @Test
    void ofRacingParamsOneWinsAndTheOthersSeeAConflict() {
        NewRun run = created("run");
        List<Boolean> won = Concurrently.run(8, thread -> {
            try {
                store.updateRun(
                        run.id(),
                        RunChanges.builder()
                                .param("winner", "thread " + thread)
                                .tag("of thread " + thread, "won")
                                .build());
                return true;
            } catch (ConflictException e) {
                return false;
            }
        });
        assertThat(won).containsOnlyOnce(true);
        String winner = "thread " + won.indexOf(true);
        assertThat(get(run.id()).params()).isEqualTo(Map.of("winner", winner));
        assertThat(get(run.id()).tags()).isEqualTo(Map.of("of " + winner, "won"));
    }

    @Test
    void changesFromManyThreadsAreAllKept() {
        NewRun run = created("run");
        Concurrently.run(8, thread -> {
            for (int i = 0; i < 20; i++) {
                store.updateRun(
                        run.id(),
                        RunChanges.builder().param(thread + "/" + i, "v").build());
            }
            return thread;
        });
        assertThat(get(run.id()).params()).hasSize(160);
    }

    @Test
    void aReaderSeesAllOfAChangeOrNothing() {
        NewRun run = created("run");
        int rounds = 100;
        List<Integer> torn = Concurrently.run(3, thread -> {
            int bad = 0;
            for (int i = 0; i < rounds; i++) {
                if (thread == 0) {
                    String value = String.valueOf(i);
                    store.updateRun(
                            run.id(),
                            RunChanges.builder().tag("a", value).tag("b", value).build());
                } else {
                    Map<String, String> tags = get(run.id()).tags();
                    if (!String.valueOf(tags.get("a")).equals(String.valueOf(tags.get("b")))) {
                        bad++;
                    }
                }
            }
            return bad;
        });
        assertThat(torn).containsOnly(0);
    }

    @Test
    void aClosedStoreSaysSo() {
        NewRun run = created("run");
        store.close();
        store.close();
        List<Runnable> calls = new ArrayList<>(List.of(
                () -> store.experiment("iris"),
                () -> store.experiments(),
                () -> store.createExperiment("new", Map.of()),
                () -> store.findExperiment(run.experimentId()),
                () -> store.findExperimentByName("iris"),
                () -> store.updateExperiment(run.experimentId(), ExperimentChanges.delete()),
                () -> store.heartbeat(List.of(run.id()), MOMENT),
                () -> store.markKilled(),
                () -> store.createRun(newRun(run.experimentId(), "run", T0)),
                () -> store.updateRun(run.id(), RunChanges.builder().build()),
                () -> store.findRun(run.id()),
                () -> store.search(RunQuery.all()),
                () -> store.artifacts(run.id())));
        for (Runnable call : calls) {
            assertThatThrownBy(call::run).isInstanceOf(ClosedException.class);
        }
    }

    @Test
    void idsAreNotMistakenForPatterns() {
        created("run");
        assertThat(store.findRun("%")).isEmpty();
        assertThat(store.findRun("' OR '1'='1")).isEmpty();
    }

    @Test
    void anExperimentIsCreatedWithItsTagsAndFoundByIdAndName() {
        ExperimentInfo iris = store.createExperiment("iris", Map.of("team", AWKWARD, "empty", ""));
        assertThat(iris.tags()).isEqualTo(Map.of("team", AWKWARD, "empty", ""));
        assertThat(iris.isDeleted()).isFalse();
        assertThat(iris.updatedAt()).isEqualTo(iris.createdAt());
        assertThat(store.findExperiment(iris.id())).contains(iris);
        assertThat(store.findExperimentByName("iris")).contains(iris);
        assertThat(store.experiment("iris")).isEqualTo(iris);
        assertThat(store.experiments()).containsExactly(iris);
        assertThatThrownBy(() -> store.createExperiment("iris", Map.of("team", "other")))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("iris");
        assertThat(store.experiments()).containsExactly(iris);
    }

    @Test
    void whatIsNotAnExperimentIsNotFound() {
        ExperimentInfo iris = store.experiment("iris");
        for (String id :
                List.of("", "x", "0", "-1", "99999999999999999999", " " + iris.id(), "+" + iris.id(), "%", "\u0000")) {
            assertThat(store.findExperiment(id)).as(id).isEmpty();
            assertThatThrownBy(() -> store.updateExperiment(id, ExperimentChanges.rename("other")))
                    .as(id)
                    .isInstanceOf(NotFoundException.class);
        }
        for (String name : List.of("", "Iris", "iri_", "%", "iris\u0000", "x".repeat(1_000_000))) {
            assertThat(store.findExperimentByName(name)).isEmpty();
        }
        assertThat(store.experiments()).containsExactly(iris);
    }

    @Test
    void anExperimentIsRenamedUnlessAnotherHasTheName() {
        ExperimentInfo iris = store.createExperiment("iris", Map.of("a", "b"));
        ExperimentInfo other = store.experiment("other");
        NewRun run = newRun(iris.id(), "run", T0);
        store.createRun(run);

        ExperimentInfo renamed = store.updateExperiment(iris.id(), ExperimentChanges.rename(AWKWARD));
        assertThat(renamed.name()).isEqualTo(AWKWARD);
        assertThat(renamed.id()).isEqualTo(iris.id());
        assertThat(renamed.tags()).isEqualTo(iris.tags());
        assertThat(renamed.createdAt()).isEqualTo(iris.createdAt());
        assertThat(renamed.updatedAt()).isAfterOrEqualTo(iris.updatedAt());
        assertThat(store.findExperimentByName("iris")).isEmpty();
        assertThat(store.findExperimentByName(AWKWARD)).contains(renamed);
        assertThat(get(run.id()).experimentId()).isEqualTo(iris.id());
        // Its own name is no conflict.
        assertThat(store.updateExperiment(iris.id(), ExperimentChanges.rename(AWKWARD))
                        .name())
                .isEqualTo(AWKWARD);

        ExperimentInfo before = store.findExperiment(iris.id()).orElseThrow();
        assertThatThrownBy(() -> store.updateExperiment(
                        iris.id(), new ExperimentChanges("other", Map.of("new", "tag"), Set.of("a"), null)))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("other");
        assertThat(store.findExperiment(iris.id())).contains(before);
        // A name is taken as long as the experiment can be restored.
        store.updateExperiment(other.id(), ExperimentChanges.delete());
        assertThatThrownBy(() -> store.updateExperiment(iris.id(), ExperimentChanges.rename("other")))
                .isInstanceOf(ConflictException.class);
        // And the old name is free.
        assertThat(store.createExperiment("iris", Map.of()).id()).isNotEqualTo(iris.id());
    }

    @Test
    void tagsOfAnExperimentAreSetAndRemoved() {
        String id = store.createExperiment("iris", Map.of("keep", "1", "change", "1", "remove", "1", "again", "1"))
                .id();
        ExperimentInfo changed = store.updateExperiment(
                id,
                new ExperimentChanges(
                        null,
                        Map.of("change", "2", "new", AWKWARD, "again", "2"),
                        Set.of("remove", "not there", "again", "odd\u0000"),
                        null));
        assertThat(changed.tags()).isEqualTo(Map.of("keep", "1", "change", "2", "new", AWKWARD, "again", "2"));
        assertThat(changed.name()).isEqualTo("iris");
        assertThat(store.findExperiment(id)).contains(changed);
        assertThat(store.updateExperiment(id, ExperimentChanges.removeTag("keep"))
                        .tags())
                .isEqualTo(Map.of("change", "2", "new", AWKWARD, "again", "2"));
        assertThat(store.experiments().get(0).tags()).doesNotContainKey("keep");
    }

    @Test
    void aDeletedExperimentIsHiddenWithItsRunsAndRefusesChanges() {
        ExperimentInfo iris = store.experiment("iris");
        NewRun run = newRun(iris.id(), "run", T0);
        NewRun elsewhere = newRun(store.experiment("other").id(), "elsewhere", T0);
        store.createRun(run);
        store.createRun(elsewhere);

        ExperimentInfo deleted = store.updateExperiment(iris.id(), ExperimentChanges.delete());
        assertThat(deleted.isDeleted()).isTrue();
        assertThat(deleted.deletedAt()).isEqualTo(deleted.updatedAt());
        assertThat(store.findExperiment(iris.id())).contains(deleted);
        assertThat(store.findExperimentByName("iris")).contains(deleted);
        assertThat(store.experiments()).extracting(ExperimentInfo::name).containsExactly("other");
        assertThat(store.search(RunQuery.all()).items()).containsExactly(begun(elsewhere));
        assertThat(store.search(RunQuery.all().inExperiment(iris.id())).items()).isEmpty();
        assertThat(get(run.id()).deletedAt()).isEqualTo(deleted.deletedAt());
        assertThat(get(run.id()).isDeleted()).isTrue();

        for (ExperimentChanges change : List.of(
                ExperimentChanges.rename("new"),
                ExperimentChanges.tags(Map.of("a", "b")),
                ExperimentChanges.removeTag("a"))) {
            assertThatThrownBy(() -> store.updateExperiment(iris.id(), change))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("iris")
                    .hasMessageContaining("restore");
        }
        assertThatThrownBy(() -> store.experiment("iris")).isInstanceOf(ConflictException.class);
        assertThatThrownBy(() -> store.createExperiment("iris", Map.of())).isInstanceOf(ConflictException.class);
        NewRun late = newRun(iris.id(), "late", T0);
        assertThatThrownBy(() -> store.createRun(late)).isInstanceOf(ConflictException.class);
        assertThat(store.findRun(late.id())).isEmpty();
        for (RunChanges change : List.of(
                RunChanges.builder().tag("a", "b").build(),
                RunChanges.builder().end(RunStatus.FINISHED, T0, null).build(),
                RunChanges.builder().resume().build())) {
            assertThatThrownBy(() -> store.updateRun(run.id(), change))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining(run.id())
                    .hasMessageContaining("restore");
        }
        // Deleting again is harmless, and does not make it later.
        assertThat(store.updateExperiment(iris.id(), ExperimentChanges.delete()).deletedAt())
                .isEqualTo(deleted.deletedAt());

        ExperimentInfo restored = store.updateExperiment(iris.id(), ExperimentChanges.restore());
        assertThat(restored.isDeleted()).isFalse();
        assertThat(store.experiments()).contains(restored);
        assertThat(store.findRun(run.id())).contains(begun(run));
        assertThat(store.search(RunQuery.all()).items()).containsExactlyInAnyOrder(begun(run), begun(elsewhere));
        store.updateRun(run.id(), RunChanges.builder().tag("a", "b").build());
        assertThat(store.updateExperiment(iris.id(), ExperimentChanges.restore())
                        .isDeleted())
                .isFalse();
    }

    @Test
    void restoringAnExperimentLeavesRunsDeletedThatWereDeletedByThemselves() {
        ExperimentInfo iris = store.experiment("iris");
        NewRun run = newRun(iris.id(), "run", T0);
        store.createRun(run);
        store.updateRun(run.id(), RunChanges.builder().delete().build());
        Instant deletedAt = get(run.id()).deletedAt();
        store.updateExperiment(iris.id(), ExperimentChanges.delete());
        assertThat(get(run.id()).deletedAt()).isEqualTo(deletedAt);
        store.updateExperiment(iris.id(), ExperimentChanges.restore());
        assertThat(get(run.id()).isDeleted()).isTrue();
        assertThat(store.search(RunQuery.all()).items()).isEmpty();

        // The other way round: restored by itself, it stays hidden until its experiment is there.
        store.updateExperiment(iris.id(), ExperimentChanges.delete());
        store.updateRun(run.id(), RunChanges.builder().restore().build());
        assertThat(get(run.id()).isDeleted()).isTrue();
        store.updateExperiment(iris.id(), ExperimentChanges.restore());
        assertThat(store.findRun(run.id())).contains(begun(run));
    }

    @Test
    void aRunIsRenamedAndLosesTags() {
        NewRun run = created("run");
        store.updateRun(
                run.id(), RunChanges.builder().tag("a", "1").tag("b", "1").build());
        store.updateRun(
                run.id(),
                RunChanges.builder()
                        .name(AWKWARD)
                        .removeTag("a")
                        .removeTag("b")
                        .removeTag("not there")
                        .removeTag("odd\u0000")
                        .tag("b", "2")
                        .build());
        assertThat(get(run.id()).name()).isEqualTo(AWKWARD);
        assertThat(get(run.id()).tags()).isEqualTo(Map.of("b", "2"));
    }

    @Test
    void aDeletedRunIsHiddenRefusesChangesAndIsRestoredAsItWas() {
        NewRun run = created("run");
        store.updateRun(
                run.id(),
                RunChanges.builder()
                        .param("p", "1")
                        .tag("t", "1")
                        .artifact(file("a.txt", "a"))
                        .end(RunStatus.FAILED, T0.plusSeconds(1), "why")
                        .build());
        RunInfo before = get(run.id());
        store.updateRun(run.id(), RunChanges.builder().delete().build());
        RunInfo deleted = get(run.id());
        assertThat(deleted.isDeleted()).isTrue();
        assertThat(deleted.params()).isEqualTo(before.params());
        assertThat(store.search(RunQuery.all()).items()).isEmpty();
        assertThat(store.artifacts(run.id()).files()).hasSize(1);
        for (RunChanges change : List.of(
                RunChanges.builder().build(),
                RunChanges.builder().name("new").build(),
                RunChanges.builder().param("q", "1").build(),
                RunChanges.builder().param("p", "1").build(),
                RunChanges.builder().tag("t", "2").build(),
                RunChanges.builder().removeTag("t").build(),
                RunChanges.builder().input(dataset("d")).build(),
                RunChanges.builder().artifact(file("b.txt", "b")).build(),
                RunChanges.builder().metric(new MetricPoint("m", 1, 1, 1)).build(),
                RunChanges.builder().resume().build(),
                RunChanges.builder().end(RunStatus.FAILED, T0, null).build())) {
            assertThatThrownBy(() -> store.updateRun(run.id(), change))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining(run.id())
                    .hasMessageContaining("restore");
        }
        store.updateRun(run.id(), RunChanges.builder().delete().build());
        assertThat(get(run.id())).isEqualTo(deleted);
        assertThatThrownBy(() -> store.createRun(run)).isInstanceOf(ConflictException.class);

        store.updateRun(run.id(), RunChanges.builder().restore().build());
        assertThat(get(run.id())).isEqualTo(before);
        assertThat(store.search(RunQuery.all()).items()).containsExactly(before);
        store.updateRun(run.id(), RunChanges.builder().restore().build());
        assertThat(get(run.id())).isEqualTo(before);
    }

    @Test
    void whatIsDeletedOrRestoredCanBeChangedInTheSameBreath() {
        NewRun run = created("run");
        store.updateRun(
                run.id(), RunChanges.builder().tag("why", "mistake").delete().build());
        assertThat(get(run.id()).tags()).isEqualTo(Map.of("why", "mistake"));
        store.updateRun(
                run.id(), RunChanges.builder().removeTag("why").restore().build());
        assertThat(store.findRun(run.id())).contains(begun(run));
    }

    @Test
    void aRunThatHasEndedIsResumed() {
        NewRun run = created("run");
        store.updateRun(
                run.id(),
                RunChanges.builder()
                        .param("p", "1")
                        .end(RunStatus.FAILED, T0, "why")
                        .build());
        store.updateRun(
                run.id(), RunChanges.builder().tag("t", "again").resume().build());
        RunInfo resumed = get(run.id());
        assertThat(resumed.status()).isEqualTo(RunStatus.RUNNING);
        assertThat(resumed.endedAt()).isNull();
        assertThat(resumed.endReason()).isNull();
        assertThat(resumed.params()).isEqualTo(Map.of("p", "1"));
        assertThat(resumed.tags()).isEqualTo(Map.of("t", "again"));
        store.updateRun(run.id(), RunChanges.builder().resume().build());
        assertThat(get(run.id())).isEqualTo(resumed);
        // And may end otherwise than before.
        store.updateRun(
                run.id(),
                RunChanges.builder()
                        .end(RunStatus.FINISHED, T0.plusSeconds(9), null)
                        .build());
        assertThat(get(run.id()).status()).isEqualTo(RunStatus.FINISHED);
        assertThat(get(run.id()).endedAt()).isEqualTo(T0.plusSeconds(9));
    }

    @Test
    void aRunWhoseLeaseRunsOutIsMarkedAsKilledWithTheReason() {
        NewRun silent = created("silent");
        NewRun second = created("second");
        NewRun alive = created("alive");
        NewRun unleased = created("unleased");
        NewRun done = created("done");
        store.heartbeat(List.of(alive.id(), alive.id()), Duration.ofHours(1));
        store.heartbeat(List.of(done.id()), MOMENT);
        store.updateRun(
                done.id(),
                RunChanges.builder().end(RunStatus.FINISHED, T0, null).build());
        store.heartbeat(List.of(silent.id(), "no-such-run", "odd\u0000", second.id()), MOMENT);
        store.heartbeat(List.of(), MOMENT);

        assertThat(killedOf(2)).containsExactlyInAnyOrder(silent.id(), second.id());
        RunInfo killed = get(silent.id());
        assertThat(killed.status()).isEqualTo(RunStatus.KILLED);
        assertThat(killed.endReason()).contains("lease");
        assertThat(killed.endedAt()).isNotNull();
        assertThat(get(second.id()).status()).isEqualTo(RunStatus.KILLED);
        assertThat(store.findRun(alive.id())).contains(begun(alive));
        assertThat(store.findRun(unleased.id())).contains(begun(unleased));
        assertThat(get(done.id()).status()).isEqualTo(RunStatus.FINISHED);
        assertThat(store.markKilled()).isEmpty();
        assertThat(get(silent.id())).isEqualTo(killed);
        assertThat(store.search(RunQuery.all().where(STATUS.eq("KILLED"))).items())
                .extracting(RunInfo::id)
                .containsExactlyInAnyOrder(silent.id(), second.id());
    }

    @Test
    void aKilledRunThatTurnsOutToLiveRunsAgain() {
        NewRun run = killed("run");
        store.heartbeat(List.of(run.id()), Duration.ofHours(1));
        assertThat(store.findRun(run.id())).contains(begun(run));
        assertThat(store.markKilled()).isEmpty();
        // A shorter lease replaces a longer one, and can run out again.
        store.heartbeat(List.of(run.id()), MOMENT);
        assertThat(killedOf(1)).containsExactly(run.id());
    }

    @Test
    void heartbeatsReviveNothingThatHasEndedOtherwiseOrIsDeleted() {
        NewRun finished = created("finished");
        NewRun failed = created("failed");
        store.updateRun(
                finished.id(),
                RunChanges.builder().end(RunStatus.FINISHED, T0, null).build());
        store.updateRun(
                failed.id(),
                RunChanges.builder().end(RunStatus.FAILED, T0, "why").build());
        NewRun deleted = killed("deleted");
        NewRun hidden = killed("hidden");
        store.updateRun(deleted.id(), RunChanges.builder().delete().build());
        List<String> ids = List.of(finished.id(), failed.id(), deleted.id());
        List<RunInfo> before = ids.stream().map(this::get).toList();
        store.heartbeat(ids, MOMENT);
        assertThat(ids.stream().map(this::get).toList()).isEqualTo(before);
        store.updateExperiment(hidden.experimentId(), ExperimentChanges.delete());
        store.heartbeat(List.of(hidden.id()), Duration.ofHours(1));
        assertThat(get(hidden.id()).status()).isEqualTo(RunStatus.KILLED);
        assertThat(store.markKilled()).isEmpty();
    }

    @Test
    void aRunTakenForKilledMayStillEndAsItDid() {
        NewRun finished = killed("finished");
        store.updateRun(
                finished.id(),
                RunChanges.builder()
                        .end(RunStatus.FINISHED, T0.plusSeconds(5), null)
                        .build());
        assertThat(get(finished.id()).status()).isEqualTo(RunStatus.FINISHED);
        assertThat(get(finished.id()).endedAt()).isEqualTo(T0.plusSeconds(5));
        assertThat(get(finished.id()).endReason()).isNull();
        // And that is its end: no heartbeat comes after it.
        store.heartbeat(List.of(finished.id()), MOMENT);
        assertThat(store.markKilled()).isEmpty();
        assertThat(get(finished.id()).status()).isEqualTo(RunStatus.FINISHED);

        NewRun resumed = killed("resumed");
        store.updateRun(resumed.id(), RunChanges.builder().resume().build());
        assertThat(store.findRun(resumed.id())).contains(begun(resumed));
        assertThat(store.markKilled()).isEmpty();
    }

    @Test
    void aLeaseForEverNeverRunsOut() {
        for (Duration ever : List.of(Duration.ofMillis(Long.MAX_VALUE), Duration.ofSeconds(Long.MAX_VALUE))) {
            NewRun run =
                    new NewRun("ever" + ever.toSeconds(), store.experiment("e").id(), "run", T0, Map.of(), ever);
            store.createRun(run);
            store.heartbeat(List.of(run.id()), ever);
            assertThat(store.markKilled()).isEmpty();
            store.heartbeat(List.of(run.id()), MOMENT);
            assertThat(killedOf(1)).containsExactly(run.id());
        }
    }

    @Test
    void halfACharacterIsNoQuestionMark() {
        store.createExperiment("what?", Map.of());
        assertThat(store.findExperimentByName("what\uD800")).isEmpty();
    }

    @Test
    void aLeaseIsAtLeastAMillisecond() {
        NewRun run = created("run");
        for (Duration bad : List.of(Duration.ZERO, Duration.ofNanos(1), Duration.ofSeconds(-1))) {
            assertThatThrownBy(() -> store.heartbeat(List.of(run.id()), bad))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(store.markKilled()).isEmpty();
    }

    @Test
    void aRunMayHaveALeaseFromItsFirstMoment() {
        String experiment = store.experiment("iris").id();
        NewRun silent = new NewRun(newId(), experiment, "silent", T0, Map.of(), MOMENT);
        NewRun alive = new NewRun(newId(), experiment, "alive", T0, Map.of(), Duration.ofHours(1));
        store.createRun(silent);
        store.createRun(alive);
        assertThat(killedOf(1)).containsExactly(silent.id());
        assertThat(get(alive.id()).status()).isEqualTo(RunStatus.RUNNING);
        assertThatThrownBy(() -> new NewRun(newId(), experiment, "run", T0, Map.of(), Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void processesThatSpeakForTheSameRunsAtOnceDoNotHinderEachOther() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ids.add(created("run " + i).id());
        }
        Concurrently.run(8, thread -> {
            List<String> shuffled = new ArrayList<>(ids);
            Collections.shuffle(shuffled, new Random(thread));
            for (int i = 0; i < 10; i++) {
                store.heartbeat(shuffled, thread % 2 == 0 ? MOMENT : Duration.ofHours(1));
                store.markKilled();
            }
            return thread;
        });
        store.heartbeat(ids, Duration.ofHours(1));
        assertThat(store.markKilled()).isEmpty();
        assertThat(store.search(RunQuery.all().where(STATUS.eq("RUNNING"))).items())
                .hasSize(20);
    }

    @Test
    void metricsAmongTheChangesAreAllOrNothingWithTheRest() {
        NewRun run = created("run");
        MetricPoint loss = new MetricPoint("loss", 3, T0.toEpochMilli(), 0.5);
        store.updateRun(
                run.id(), RunChanges.builder().param("p", "1").metric(loss).build());
        assertThat(get(run.id()).metrics()).isEqualTo(Map.of("loss", loss));
        RunInfo before = get(run.id());
        assertThatThrownBy(() -> store.updateRun(
                        run.id(),
                        RunChanges.builder()
                                .metric(new MetricPoint("loss", 4, 1, 0.25))
                                .metric(new MetricPoint("other", 4, 1, 0.25))
                                .param("p", "2")
                                .build()))
                .isInstanceOf(ConflictException.class);
        assertThat(get(run.id())).isEqualTo(before);
        assertThatThrownBy(() -> store.updateRun(
                        newId(), RunChanges.builder().metric(loss).build()))
                .isInstanceOf(NotFoundException.class);
    }

    @Test
    void reasonsAreKeptAsFarAsTheyCanBe() {
        NewRun run = created("run");
        String odd = "a\u0000b\uD800c" + "x".repeat(Keys.MAX_TAG_VALUE) + "\uDC00";
        store.updateRun(
                run.id(), RunChanges.builder().end(RunStatus.FAILED, T0, odd).build());
        assertThat(get(run.id()).status()).isEqualTo(RunStatus.FAILED);
        assertThat(get(run.id()).endReason()).startsWith("a\uFFFDb\uFFFDcxxx").hasSize(Keys.MAX_TAG_VALUE);
        NewRun huge = created("huge");
        store.updateRun(
                huge.id(),
                RunChanges.builder()
                        .end(RunStatus.FAILED, T0, "\uD83D\uDE80".repeat(500_000))
                        .build());
        assertThat(get(huge.id()).endReason()).hasSize(Keys.MAX_TAG_VALUE).endsWith("\uD83D\uDE80");
    }

    /** Names and keys that nothing takes. */
    private static final List<String> BAD_KEYS = List.of(
            "",
            " ",
            "\t",
            "a\nb",
            "a\u0000b",
            "a\u0085b",
            "a\uD800",
            "\uDC00a",
            "k".repeat(Keys.MAX_KEY + 1),
            "k".repeat(1_000_000));

    @Test
    void keysAndNamesOverTheLimitsAreRefusedAndNothingIsApplied() {
        ExperimentInfo experiment = store.createExperiment("iris", Map.of("a", "b"));
        NewRun run = newRun(experiment.id(), "run", T0);
        store.createRun(run);
        RunInfo before = get(run.id());
        for (String bad : BAD_KEYS) {
            for (Runnable call : List.<Runnable>of(
                    () -> store.createExperiment(bad, Map.of()),
                    () -> store.createExperiment("new", Map.of("fine", "v", bad, "v")),
                    () -> store.updateExperiment(experiment.id(), ExperimentChanges.rename(bad)),
                    () -> store.updateExperiment(
                            experiment.id(), new ExperimentChanges("new", Map.of(bad, "v"), Set.of("a"), null)),
                    () -> store.createRun(new NewRun(newId(), experiment.id(), bad, T0)),
                    () -> store.createRun(
                            new NewRun(newId(), experiment.id(), "run", T0, Map.of("fine", "v", bad, "v"))),
                    () -> store.updateRun(
                            run.id(),
                            RunChanges.builder().param("fine", "v").name(bad).build()),
                    () -> store.updateRun(
                            run.id(),
                            RunChanges.builder()
                                    .param("fine", "v")
                                    .param(bad, "v")
                                    .build()),
                    () -> store.updateRun(
                            run.id(),
                            RunChanges.builder().tag("fine", "v").tag(bad, "v").build()),
                    () -> store.updateRun(
                            run.id(),
                            RunChanges.builder()
                                    .metric(new MetricPoint("fine", 1, 1, 1))
                                    .metric(new MetricPoint(bad, 1, 1, 1))
                                    .build()),
                    () -> store.updateRun(
                            run.id(),
                            RunChanges.builder()
                                    .input(new DatasetInput(new DatasetVersion("d", digest("d"), "s"), bad))
                                    .build()),
                    () -> store.updateRun(
                            run.id(),
                            RunChanges.builder()
                                    .input(new DatasetInput(new DatasetVersion(bad, digest("d"), "s"), null))
                                    .build()))) {
                assertThatThrownBy(call::run)
                        .isInstanceOf(InvalidInputException.class)
                        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
            }
        }
        for (String bad :
                List.of("", "-a", "_a", "a/b", "a b", "a\u0000", "ä", "a".repeat(257), "a".repeat(1_000_000))) {
            assertThatThrownBy(() -> store.createRun(new NewRun(bad, experiment.id(), "run", T0)))
                    .isInstanceOf(InvalidInputException.class)
                    .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
        }
        assertThat(get(run.id())).isEqualTo(before);
        assertThat(store.experiments()).containsExactly(experiment);
        assertThat(store.search(RunQuery.all()).items()).containsExactly(before);
    }

    @Test
    void valuesOverTheLimitsAreRefusedAndNothingIsApplied() {
        ExperimentInfo experiment = store.createExperiment("iris", Map.of("a", "b"));
        NewRun run = newRun(experiment.id(), "run", T0);
        store.createRun(run);
        RunInfo before = get(run.id());
        for (String bad : List.of("a\u0000b", "\u0000", "a\uD800", "\uDC00", "v".repeat(1_000_000))) {
            for (Runnable call : List.<Runnable>of(
                    () -> store.createExperiment("new", Map.of("t", bad)),
                    () -> store.updateExperiment(
                            experiment.id(), ExperimentChanges.tags(Map.of("fine", "v", "t", bad))),
                    () -> store.createRun(new NewRun(newId(), experiment.id(), "run", T0, Map.of("t", bad))),
                    () -> store.updateRun(
                            run.id(),
                            RunChanges.builder()
                                    .param("fine", "v")
                                    .param("p", bad)
                                    .build()),
                    () -> store.updateRun(
                            run.id(),
                            RunChanges.builder().tag("fine", "v").tag("t", bad).build()),
                    () -> store.updateRun(
                            run.id(),
                            RunChanges.builder()
                                    .input(new DatasetInput(new DatasetVersion("d", digest("d"), bad), null))
                                    .build()))) {
                assertThatThrownBy(call::run)
                        .isInstanceOf(InvalidInputException.class)
                        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1000));
            }
        }
        assertThatThrownBy(() -> store.updateRun(
                        run.id(),
                        RunChanges.builder()
                                .param("p", "v".repeat(Keys.MAX_PARAM_VALUE + 1))
                                .build()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'p'")
                .hasMessageContaining(String.valueOf(Keys.MAX_PARAM_VALUE));
        assertThatThrownBy(() -> store.updateRun(
                        run.id(),
                        RunChanges.builder()
                                .tag("t", "v".repeat(Keys.MAX_TAG_VALUE + 1))
                                .build()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'t'")
                .hasMessageContaining(String.valueOf(Keys.MAX_TAG_VALUE));
        assertThat(get(run.id())).isEqualTo(before);
        assertThat(store.experiments()).containsExactly(experiment);
        // Anything else is a text, and comes back as it was.
        String control = "tab\t line\n bell\u0007 del\u007F \u0085 \uFFFF \uFEFF";
        store.updateRun(
                run.id(),
                RunChanges.builder().param("p", control).tag("t", control).build());
        assertThat(get(run.id()).params()).isEqualTo(Map.of("p", control));
        assertThat(get(run.id()).tags()).isEqualTo(Map.of("t", control));
    }

    @Test
    void ofRacingRenamesToOneNameOneWins() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            ids.add(store.experiment("e" + i).id());
        }
        List<Boolean> won = Concurrently.run(8, thread -> {
            try {
                store.updateExperiment(ids.get(thread), ExperimentChanges.rename("wanted"));
                return true;
            } catch (ConflictException e) {
                return false;
            }
        });
        assertThat(won).containsOnlyOnce(true);
        assertThat(store.findExperimentByName("wanted").orElseThrow().id()).isEqualTo(ids.get(won.indexOf(true)));
    }

    /** The shortest lease there is. */
    private static final Duration MOMENT = Duration.ofMillis(1);

    private NewRun killed(String name) {
        NewRun run = created(name);
        store.heartbeat(List.of(run.id()), MOMENT);
        assertThat(killedOf(1)).containsExactly(run.id());
        return run;
    }

    /** Whatever is marked until it is so many; leases go by the clock of the store, which nobody can move. */
    private List<String> killedOf(int count) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        List<String> killed = new ArrayList<>(store.markKilled());
        while (killed.size() < count && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            killed.addAll(store.markKilled());
        }
        return killed;
    }

    private RunInfo get(String id) {
        return store.findRun(id).orElseThrow();
    }

    private NewRun created(String name) {
        NewRun run = newRun(name, T0);
        store.createRun(run);
        return run;
    }

    @Test
    void aPurgedRunIsGoneWithAllThatWasLoggedToIt() {
        NewRun run = new NewRun(newId(), store.experiment("iris").id(), "run", T0, Map.of("t", "v"));
        NewRun other = newRun("other", T0);
        store.createRun(run);
        store.createRun(other);
        RunChanges everything = RunChanges.builder()
                .param("p", "v")
                .artifact(new FileEntry("a/b.txt", 3, Digest.of(new byte[3])))
                .input(new DatasetInput(new DatasetVersion("data", Digest.of(new byte[1]), "here"), "training"))
                .metric(new MetricPoint("loss", 1, 2, 3))
                .build();
        store.updateRun(run.id(), everything);
        store.updateRun(other.id(), everything);
        RunInfo kept = store.findRun(other.id()).orElseThrow();
        store.updateRun(run.id(), RunChanges.builder().delete().build());
        store.purgeRun(run.id());
        assertThat(store.findRun(run.id())).isEmpty();
        assertThat(store.search(RunQuery.all().view(View.ALL)).items()).containsExactly(kept);
        assertThat(store.search(RunQuery.all().view(View.ALL).where("metrics.loss = 3 AND tags.t = 'v'"))
                        .items())
                .isEmpty();
        assertThatThrownBy(() -> store.artifacts(run.id())).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() ->
                        store.updateRun(run.id(), RunChanges.builder().restore().build()))
                .isInstanceOf(NotFoundException.class);
        assertThat(store.findRun(other.id())).contains(kept);
        assertThat(store.artifacts(other.id()).files()).hasSize(1);
        // The id is free, and nothing of before comes back with it.
        store.createRun(run);
        assertThat(store.findRun(run.id())).contains(begun(run));
        assertThat(store.artifacts(run.id()).files()).isEmpty();
    }

    @Test
    void onlyDeletedRunsArePurged() {
        NewRun run = newRun("run", T0);
        store.createRun(run);
        assertThatThrownBy(() -> store.purgeRun(run.id()))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining(run.id());
        assertThat(store.findRun(run.id())).contains(begun(run));
        assertThatThrownBy(() -> store.purgeRun("none")).isInstanceOf(NotFoundException.class);
        // Its experiment's deletion is its own.
        store.updateExperiment(run.experimentId(), ExperimentChanges.delete());
        store.purgeRun(run.id());
        assertThat(store.findRun(run.id())).isEmpty();
        assertThatThrownBy(() -> store.purgeRun(run.id())).isInstanceOf(NotFoundException.class);
    }

    @Test
    void ofManyThatPurgeARunOneSucceeds() {
        NewRun run = newRun("run", T0);
        store.createRun(run);
        store.updateRun(run.id(), RunChanges.builder().delete().build());
        assertThat(Concurrently.run(4, thread -> {
                    try {
                        store.purgeRun(run.id());
                        return true;
                    } catch (NotFoundException e) {
                        return false;
                    }
                }))
                .containsOnlyOnce(true);
    }

    @Test
    void aPurgedExperimentFreesItsNameAndNotItsId() {
        ExperimentInfo first = store.createExperiment("first", Map.of("t", "v"));
        ExperimentInfo iris = store.createExperiment("iris", Map.of("t", "v"));
        store.updateExperiment(iris.id(), ExperimentChanges.delete());
        store.purgeExperiment(iris.id());
        assertThat(store.findExperiment(iris.id())).isEmpty();
        assertThat(store.findExperimentByName("iris")).isEmpty();
        assertThat(store.searchExperiments(ExperimentQuery.all().view(View.ALL)).items())
                .containsExactly(first);
        assertThatThrownBy(() -> store.purgeExperiment(iris.id())).isInstanceOf(NotFoundException.class);
        ExperimentInfo again = store.experiment("iris");
        assertThat(again.id()).isNotIn(first.id(), iris.id());
        assertThat(again.tags()).isEmpty();
        assertThat(store.experiment("later").id()).isNotIn(first.id(), iris.id(), again.id());
    }

    @Test
    void onlyDeletedExperimentsWithoutRunsArePurged() {
        NewRun run = newRun("run", T0);
        store.createRun(run);
        String id = run.experimentId();
        assertThatThrownBy(() -> store.purgeExperiment(id))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("not deleted");
        store.updateExperiment(id, ExperimentChanges.delete());
        assertThatThrownBy(() -> store.purgeExperiment(id))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("runs");
        store.updateRun(run.id(), RunChanges.builder().delete().build());
        assertThatThrownBy(() -> store.purgeExperiment(id)).isInstanceOf(ConflictException.class);
        assertThat(store.findRun(run.id())).isPresent();
        store.purgeRun(run.id());
        store.purgeExperiment(id);
        assertThat(store.findExperiment(id)).isEmpty();
        assertThatThrownBy(() -> store.purgeExperiment("none")).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> store.createRun(newRun(id, "late", T0))).isInstanceOf(NotFoundException.class);
    }

    private NewRun newRun(String name, Instant at) {
        return newRun(store.experiment("iris").id(), name, at);
    }

    private static NewRun newRun(String experimentId, String name, Instant at) {
        return new NewRun(newId(), experimentId, name, at);
    }

    private static String newId() {
        return UUID.randomUUID().toString().replace("-", "");
    }

    /** How a run reads that nothing has been done to. */
    private static RunInfo begun(NewRun run) {
        return new RunInfo(
                run.id(),
                run.experimentId(),
                run.name(),
                RunStatus.RUNNING,
                run.startedAt(),
                null,
                null,
                null,
                Map.of(),
                run.tags(),
                List.of(),
                Map.of());
    }

    private static DatasetInput dataset(String name) {
        return new DatasetInput(new DatasetVersion(name, digest(name), "https://example.org/" + name), null);
    }

    private static FileEntry file(String path, String content) {
        return new FileEntry(path, content.length(), digest(content));
    }

    private static Digest digest(String text) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8));
    }
}
