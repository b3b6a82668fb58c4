package io.jvmlops.test.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.tracking.DatasetInput;
import io.jvmlops.api.tracking.DatasetVersion;
import io.jvmlops.api.tracking.ExperimentInfo;
import io.jvmlops.api.tracking.Keys;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.test.Concurrently;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
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

    private RunInfo get(String id) {
        return store.findRun(id).orElseThrow();
    }

    private NewRun created(String name) {
        NewRun run = newRun(name, T0);
        store.createRun(run);
        return run;
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
