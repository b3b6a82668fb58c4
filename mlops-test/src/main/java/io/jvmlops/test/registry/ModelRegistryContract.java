package io.jvmlops.test.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.AliasChange.Kind;
import io.jvmlops.api.registry.ModelOrigin;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.test.Concurrently;
import io.jvmlops.test.ManualClock;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link ModelRegistry} does. Extend it, and give it a registry. */
public abstract class ModelRegistryContract {
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00.123Z");
    private static final String RUN = "0123456789abcdef0123456789abcdef";

    private final ManualClock clock = new ManualClock(T0);
    private volatile String actor = "ada";
    private InMemoryArtifactStore artifacts;
    private ModelRegistry registry;

    /** An empty registry over the artifact store, new for every test; the contract closes it. */
    protected abstract ModelRegistry open(ArtifactStore artifacts, InstantSource clock, Supplier<String> actor)
            throws Exception;

    @BeforeEach
    final void openRegistry() throws Exception {
        artifacts = new InMemoryArtifactStore();
        registry = open(artifacts, clock, () -> actor);
    }

    @AfterEach
    final void closeRegistry() {
        registry.close();
    }

    @Test
    void anEmptyRegistryHasNothing() {
        assertThat(registry.models()).isEmpty();
        assertThat(registry.versions("iris")).isEmpty();
        assertThat(registry.aliases("iris")).isEmpty();
        assertThat(registry.aliasHistory("iris", "champion")).isEmpty();
        assertThat(registry.versionsFromRun(RUN)).isEmpty();
        assertThat(registry.find(ModelRef.parse("iris/1"))).isEmpty();
        assertThat(registry.find(ModelRef.parse("iris@champion"))).isEmpty();
    }

    @Test
    void versionsCountUpFromOne() {
        Manifest files = manifest("one");
        Map<String, String> provenance = Map.of("trainer", "it's \"sgd\" ☃", "empty", "");
        ModelOrigin origin = new ModelOrigin(RUN, List.of(), null, Map.of(), provenance);
        ModelVersion first = registry.register(
                NewModelVersion.builder("iris", files).origin(origin).build());
        assertThat(first).isEqualTo(bare("iris", 1, files.digest(), T0, "ada", origin));
        clock.advance(Duration.ofSeconds(1));
        actor = "bob";
        ModelVersion second = register("iris", "two");
        assertThat(second)
                .isEqualTo(bare("iris", 2, manifest("two").digest(), T0.plusSeconds(1), "bob", ModelOrigin.none()));
        assertThat(register("wine", "one").version()).isEqualTo(1);
        assertThat(registry.versions("iris")).containsExactly(first, second);
        assertThat(registry.models()).containsExactly("iris", "wine");
        assertThat(registry.get(ModelRef.parse("iris/1"))).isEqualTo(first);
        assertThat(registry.find(ModelRef.parse("iris/3"))).isEmpty();
    }

    @Test
    void theSameBytesMayBeRegisteredTwice() {
        ModelVersion first = register("iris", "same");
        ModelVersion second = register("iris", "same");
        assertThat(second.version()).isEqualTo(2);
        assertThat(second.digest()).isEqualTo(first.digest());
    }

    @Test
    void modelsAreSortedAndNamesAreExact() {
        for (String name : List.of("b", "a", "B", "a b", "%", "ünï☃")) {
            register(name, name);
        }
        assertThat(registry.models()).isSorted().containsExactlyInAnyOrder("b", "a", "B", "a b", "%", "ünï☃");
        assertThat(registry.versions("%")).hasSize(1);
    }

    @Test
    void aMissingFileIsNotRegistered() {
        FileEntry missing = new FileEntry("weights.bin", 3, Digest.of("abc".getBytes(UTF_8)));
        Manifest files = new Manifest(List.of(entry("MLmodel", "x"), missing));
        assertThatThrownBy(() ->
                        registry.register(NewModelVersion.builder("iris", files).build()))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("weights.bin")
                .hasMessageContaining("iris");
        assertThat(registry.versions("iris")).isEmpty();
        assertThat(registry.models()).isEmpty();
    }

    @Test
    void registrationsAtOnceGetDifferentNumbers() {
        Manifest files = manifest("x");
        List<Integer> numbers = Concurrently.run(
                8,
                thread -> registry.register(
                                NewModelVersion.builder("iris", files).build())
                        .version());
        assertThat(numbers).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8);
    }

    @Test
    void theVersionsOfARunAreFound() {
        ModelVersion iris = registry.register(fromRun("iris", "a", RUN));
        register("iris", "b");
        registry.register(fromRun("iris", "c", RUN.replace('0', '1')));
        ModelVersion wine = registry.register(fromRun("a wine", "d", RUN));
        assertThat(registry.versionsFromRun(RUN)).containsExactly(iris, wine);
    }

    @Test
    void anAliasMovesByCompareAndSetAndEveryMoveIsKept() {
        register("iris", "one");
        ModelVersion second = register("iris", "two");
        AliasChange set = registry.compareAndSetAlias("iris", "champion", null, 1, "first");
        assertThat(set).isEqualTo(new AliasChange(1, Kind.SET, "iris", "champion", null, 1, "ada", T0, "first"));
        actor = "bob";
        clock.advance(Duration.ofMinutes(1));
        AliasChange moved = registry.compareAndSetAlias("iris", "champion", 1, 2, "it's better ☃");
        assertThat(moved)
                .isEqualTo(new AliasChange(
                        2, Kind.SET, "iris", "champion", 1, 2, "bob", T0.plusSeconds(60), "it's better ☃"));
        assertThat(registry.find(ModelRef.parse("iris@champion"))).contains(second);
        assertThat(registry.aliases("iris")).isEqualTo(Map.of("champion", 2));
        AliasChange removed = registry.compareAndSetAlias("iris", "champion", 2, null, "");
        assertThat(removed.to()).isNull();
        assertThat(registry.aliases("iris")).isEmpty();
        assertThat(registry.find(ModelRef.parse("iris@champion"))).isEmpty();
        AliasChange again = registry.compareAndSetAlias("iris", "champion", null, 2, "back");
        assertThat(registry.aliasHistory("iris", "champion")).containsExactly(set, moved, removed, again);
        assertThat(registry.aliasHistory("iris", "challenger")).isEmpty();
    }

    @Test
    void aMoveThatExpectsSomethingElseChangesNothing() {
        register("iris", "one");
        register("iris", "two");
        registry.compareAndSetAlias("iris", "champion", null, 2, "");
        for (Integer expected : new Integer[] {null, 1}) {
            assertThatThrownBy(() -> registry.compareAndSetAlias("iris", "champion", expected, 1, ""))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("iris@champion")
                    .hasMessageContaining("version 2");
        }
        assertThatThrownBy(() -> registry.compareAndSetAlias("iris", "challenger", 1, 2, ""))
                .isInstanceOf(ConflictException.class);
        assertThatThrownBy(() -> registry.compareAndSetAlias("iris", "champion", 1, null, ""))
                .isInstanceOf(ConflictException.class);
        assertThat(registry.aliases("iris")).isEqualTo(Map.of("champion", 2));
        assertThat(registry.aliasHistory("iris", "champion")).hasSize(1);
        assertThat(registry.aliasHistory("iris", "challenger")).isEmpty();
    }

    @Test
    void anAliasNeedsAVersionAndAProperName() {
        register("iris", "one");
        register("wine", "one");
        register("wine", "two");
        assertThatThrownBy(() -> registry.compareAndSetAlias("iris", "champion", null, 2, ""))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("iris@champion");
        assertThatThrownBy(() -> registry.compareAndSetAlias("iris", "champion", null, 0, ""))
                .isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> registry.compareAndSetAlias("nothing", "champion", null, 1, ""))
                .isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> registry.compareAndSetAlias("iris", "champion", null, null, ""))
                .isInstanceOf(InvalidInputException.class);
        for (String bad : List.of("", "12", "v3", "a b", "a@b", "x".repeat(256))) {
            assertThatThrownBy(() -> registry.compareAndSetAlias("iris", bad, null, 1, ""))
                    .isInstanceOf(InvalidInputException.class);
        }
        assertThat(registry.aliases("iris")).isEmpty();
    }

    @Test
    void settingAnAliasMovesItFromWhereverItIs() {
        ModelVersion first = register("iris", "one");
        ModelVersion second = register("iris", "two");
        ModelVersion wine = register("wine", "one");
        registry.setAlias("iris", "champion", first);
        registry.setAlias("iris", "champion", second, "better");
        assertThat(registry.get(ModelRef.parse("iris@champion"))).isEqualTo(second);
        assertThatThrownBy(() -> registry.setAlias("iris", "champion", wine)).isInstanceOf(NotFoundException.class);
        assertThat(registry.aliasHistory("iris", "champion"))
                .extracting(AliasChange::from)
                .containsExactly(null, 1);
    }

    @Test
    void aReferenceToNothingSaysWhatThereIs() {
        assertThatThrownBy(() -> registry.get(ModelRef.parse("iris@champion")))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("iris");
        registry.setAlias("iris", "challenger", register("iris", "one"));
        assertThatThrownBy(() -> registry.get(ModelRef.parse("iris@champion")))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("challenger")
                .hasMessageContaining("[1]");
    }

    @Test
    void ofRacingMovesExactlyOneWins() {
        int threads = 8;
        for (int i = 0; i < 2 * threads; i++) {
            register("iris", "v" + i);
        }
        registry.compareAndSetAlias("iris", "champion", null, 1, "");
        for (int round = 0; round < 40; round++) {
            Integer before = registry.aliases("iris").get("champion");
            // Targets on the other half of the versions: a move to where the alias is already would let two win.
            int offset = round % 2 == 0 ? threads + 1 : 1;
            List<Boolean> won = Concurrently.run(threads, thread -> {
                try {
                    registry.compareAndSetAlias("iris", "champion", before, thread + offset, "");
                    return true;
                } catch (ConflictException e) {
                    return false;
                }
            });
            assertThat(won).containsOnlyOnce(true);
            assertThat(registry.aliases("iris")).isEqualTo(Map.of("champion", won.indexOf(true) + offset));
        }
        List<AliasChange> history = registry.aliasHistory("iris", "champion");
        for (int i = 1; i < history.size(); i++) {
            assertThat(history.get(i).from()).isEqualTo(history.get(i - 1).to());
        }
        assertThat(registry.aliases("iris").get("champion"))
                .isEqualTo(history.get(history.size() - 1).to());
    }

    @Test
    void settersAtOnceAllSucceedAndTheHistoryIsAChain() {
        List<ModelVersion> versions = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            versions.add(register("iris", "v" + i));
        }
        Concurrently.run(4, thread -> {
            for (int i = 0; i < 5; i++) {
                registry.setAlias("iris", "champion", versions.get(thread));
            }
            return thread;
        });
        List<AliasChange> history = registry.aliasHistory("iris", "champion");
        assertThat(history).hasSize(20);
        for (int i = 1; i < history.size(); i++) {
            assertThat(history.get(i).from()).isEqualTo(history.get(i - 1).to());
        }
    }

    @Test
    void filesAreVerifiedAsTheyAreRead() {
        ModelVersion version = register("iris", "content");
        ModelFiles files = registry.files(version);
        assertThat(files.name()).isEqualTo("iris/1");
        assertThat(files.digest()).isEqualTo(version.digest());
        assertThat(files.manifest()).isEqualTo(manifest("content"));
        assertThat(new String(files.read("MLmodel"), UTF_8)).isEqualTo("content");

        Digest digest = Digest.of("content".getBytes(UTF_8));
        for (String altered : List.of("Content", "content and more", "")) {
            artifacts.damage(digest, altered.getBytes(UTF_8));
            assertThatThrownBy(() -> files.read("MLmodel"))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("iris/1")
                    .hasMessageContaining("MLmodel");
        }
        artifacts.lose(digest);
        assertThatThrownBy(() -> files.read("MLmodel"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("missing");
    }

    @Test
    void filesOfAVersionThatIsNotThisRegistrysAreRefused() {
        ModelVersion version = register("iris", "content");
        ModelVersion other = bare("iris", 1, Digest.of("other".getBytes(UTF_8)), T0, "ada", ModelOrigin.none());
        ModelVersion absent = bare("iris", 7, version.digest(), T0, "ada", ModelOrigin.none());
        assertThatThrownBy(() -> registry.files(other)).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> registry.files(absent)).isInstanceOf(NotFoundException.class);
    }

    @Test
    void listenersAreToldOfMovesThatAreDone() {
        register("iris", "one");
        List<AliasChange> told = new ArrayList<>();
        AtomicReference<Map<String, Integer>> seen = new AtomicReference<>();
        registry.subscribe(change -> {
            throw new IllegalStateException("a listener that fails");
        });
        registry.subscribe(change -> {
            throw new AssertionError("a listener that fails worse");
        });
        ModelRegistry.Subscription subscription = registry.subscribe(change -> {
            told.add(change);
            seen.set(registry.aliases("iris"));
        });
        AliasChange change = registry.compareAndSetAlias("iris", "champion", null, 1, "");
        assertThat(told).containsExactly(change);
        assertThat(seen.get()).isEqualTo(Map.of("champion", 1));
        assertThatThrownBy(() -> registry.compareAndSetAlias("iris", "champion", null, 1, ""))
                .isInstanceOf(ConflictException.class);
        assertThat(told).hasSize(1);
        subscription.close();
        subscription.close();
        registry.compareAndSetAlias("iris", "champion", 1, null, "");
        assertThat(told).hasSize(1);
    }

    @Test
    void aListenerMayEndItself() {
        register("iris", "one");
        AtomicInteger told = new AtomicInteger();
        AtomicReference<ModelRegistry.Subscription> self = new AtomicReference<>();
        self.set(registry.subscribe(change -> {
            told.incrementAndGet();
            Objects.requireNonNull(self.get()).close();
        }));
        registry.compareAndSetAlias("iris", "champion", null, 1, "");
        registry.compareAndSetAlias("iris", "champion", 1, null, "");
        assertThat(told).hasValue(1);
    }

    @Test
    void whoeverIsNotYetToldWhenItsSubscriptionEndsIsNotTold() throws InterruptedException {
        register("iris", "one");
        CountDownLatch telling = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger told = new AtomicInteger();
        // The second of three ends while the first, or the last, is being told.
        registry.subscribe(change -> pause(telling, goOn));
        ModelRegistry.Subscription ending = registry.subscribe(change -> told.incrementAndGet());
        registry.subscribe(change -> pause(telling, goOn));
        Thread mover = new Thread(() -> registry.compareAndSetAlias("iris", "champion", null, 1, ""));
        mover.start();
        assertThat(telling.await(30, TimeUnit.SECONDS)).isTrue();
        ending.close();
        int before = told.get();
        goOn.countDown();
        mover.join();
        assertThat(told).hasValue(before);
    }

    private static void pause(CountDownLatch begun, CountDownLatch goOn) {
        begun.countDown();
        try {
            assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aListenerMayWaitForSomebodyElseWhoUsesTheRegistry() {
        ModelVersion version = register("iris", "one");
        AtomicReference<List<ModelVersion>> seen = new AtomicReference<>();
        registry.subscribe(change -> seen.set(Concurrently.run(1, thread -> {
            registry.register(NewModelVersion.builder("iris", manifest("two")).build());
            return registry.get(ModelRef.parse("iris@champion"));
        })));
        registry.compareAndSetAlias("iris", "champion", null, 1, "");
        assertThat(seen.get()).containsExactly(version);
    }

    @Test
    void noCallBeginsAfterASubscriptionHasEnded() throws InterruptedException {
        register("iris", "one");
        for (int round = 0; round < 20; round++) {
            AtomicBoolean ended = new AtomicBoolean();
            List<String> late = new ArrayList<>();
            CountDownLatch begun = new CountDownLatch(1);
            ModelRegistry.Subscription subscription = registry.subscribe(change -> {
                if (ended.get()) {
                    late.add("told after the end");
                }
            });
            Thread mover = new Thread(() -> {
                begun.countDown();
                registry.compareAndSetAlias("iris", "champion", null, 1, "");
                registry.compareAndSetAlias("iris", "champion", 1, null, "");
            });
            mover.start();
            assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
            subscription.close();
            ended.set(true);
            mover.join();
            assertThat(late).isEmpty();
        }
    }

    @Test
    void aClosedRegistrySaysSo() {
        ModelVersion version = register("iris", "one");
        Manifest files = manifest("two");
        registry.close();
        registry.close();
        List<Runnable> calls = List.of(
                () -> registry.register(NewModelVersion.builder("iris", files).build()),
                () -> registry.find(version.ref()),
                () -> registry.versions("iris"),
                () -> registry.versionsFromRun(RUN),
                () -> registry.models(),
                () -> registry.aliases("iris"),
                () -> registry.compareAndSetAlias("iris", "champion", null, 1, ""),
                () -> registry.aliasHistory("iris", "champion"),
                () -> registry.files(version),
                () -> registry.subscribe(change -> {}));
        for (Runnable call : calls) {
            assertThatThrownBy(call::run).isInstanceOf(ClosedException.class);
        }
    }

    private ModelVersion register(String name, String content) {
        return registry.register(
                NewModelVersion.builder(name, manifest(content)).build());
    }

    private NewModelVersion fromRun(String name, String content, String run) {
        return NewModelVersion.builder(name, manifest(content))
                .origin(ModelOrigin.ofRun(run))
                .build();
    }

    /** A version as it is when it was registered and nothing was said of it. */
    private static ModelVersion bare(
            String name, int version, Digest digest, Instant at, String by, ModelOrigin origin) {
        return new ModelVersion(name, version, digest, at, by, at, origin, null, null, "", Map.of());
    }

    private Manifest manifest(String content) {
        return new Manifest(List.of(entry("MLmodel", content)));
    }

    private FileEntry entry(String path, String content) {
        ArtifactStore.Stored stored = artifacts.put(new ByteArrayInputStream(content.getBytes(UTF_8)));
        return new FileEntry(path, stored.size(), stored.digest());
    }
}
