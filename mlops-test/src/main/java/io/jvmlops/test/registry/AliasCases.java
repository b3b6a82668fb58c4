package io.jvmlops.test.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.AliasChange.Kind;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.test.Concurrently;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What aliases do in every registry. */
abstract class AliasCases extends RegistryCases {
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

    /** What the moves of an alias amount to, said in another way: those that can be gone back to are a stack. */
    private static final class Stack {
        final Deque<Optional<Integer>> states = new ArrayDeque<>();

        @Nullable
        Integer now() {
            return states.isEmpty() ? null : states.peek().orElse(null);
        }

        void set(@Nullable Integer to) {
            states.push(Optional.ofNullable(to));
        }

        /** Whether it could go back. */
        boolean back(Set<Integer> deleted) {
            Deque<Optional<Integer>> left = new ArrayDeque<>(states);
            Optional<Integer> top = left.poll();
            while (top != null
                    && !left.isEmpty()
                    && (left.peek().isEmpty()
                            || left.peek().equals(top)
                            || deleted.contains(left.peek().get()))) {
                left.pop();
            }
            if (left.isEmpty()) {
                return false;
            }
            states.clear();
            states.addAll(left);
            return true;
        }
    }

    @Test
    void anAliasGoesBackAsAStackWould() {
        Random random = new Random(20260301);
        for (int round = 0; round < 6; round++) {
            String model = "m" + round;
            for (int i = 0; i < 5; i++) {
                register(model, "v" + i);
            }
            Set<Integer> deleted = new HashSet<>();
            Stack stack = new Stack();
            for (int i = 0; i < 40; i++) {
                Integer now = registry.aliases(model).get("champion");
                int draw = random.nextInt(10);
                if (draw < 4) {
                    int to = 1 + random.nextInt(5);
                    if (!deleted.contains(to)) {
                        registry.compareAndSetAlias(model, "champion", now, to, "");
                        stack.set(to);
                    }
                } else if (draw == 4) {
                    if (now != null) {
                        registry.compareAndSetAlias(model, "champion", now, null, "");
                        stack.set(null);
                    }
                } else if (draw == 5 && deleted.size() < 2) {
                    int gone = 1 + random.nextInt(5);
                    if (!Objects.equals(gone, now) && deleted.add(gone)) {
                        registry.deleteVersion(new ModelRef.Version(model, gone));
                    }
                } else if (stack.back(deleted)) {
                    AliasChange back = registry.rollback(model, "champion", now, "back");
                    assertThat(back.kind()).isEqualTo(Kind.ROLLBACK);
                    assertThat(back.from()).isEqualTo(now);
                    assertThat(back.to()).isEqualTo(stack.now());
                } else {
                    assertThatThrownBy(() -> registry.rollback(model, "champion", now, ""))
                            .isInstanceOf(ConflictException.class);
                }
                assertThat(registry.aliases(model).get("champion")).isEqualTo(stack.now());
            }
        }
    }

    @Test
    void goingBackTwiceGoesFurtherBackAndAMoveBeginsAnew() {
        for (int i = 1; i <= 5; i++) {
            register("iris", "v" + i);
        }
        for (int i = 1; i <= 3; i++) {
            registry.compareAndSetAlias("iris", "champion", i == 1 ? null : i - 1, i, "");
        }
        actor = "bob";
        clock.advance(Duration.ofMinutes(1));
        assertThat(registry.rollback("iris", "champion", "3 is worse ☃"))
                .isEqualTo(new AliasChange(
                        4, Kind.ROLLBACK, "iris", "champion", 3, 2, "bob", T0.plusSeconds(60), "3 is worse ☃"));
        registry.compareAndSetAlias("iris", "champion", 2, 5, "");
        assertThat(registry.rollback("iris", "champion", "").to()).isEqualTo(2);
        assertThat(registry.rollback("iris", "champion", "").to()).isEqualTo(1);
        assertThatThrownBy(() -> registry.rollback("iris", "champion", ""))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("iris@champion");
        assertThat(registry.aliases("iris")).isEqualTo(Map.of("champion", 1));
        assertThat(registry.get(ModelRef.parse("iris@champion")).version()).isEqualTo(1);
        assertThat(registry.aliasHistory("iris", "champion"))
                .extracting(AliasChange::to)
                .containsExactly(1, 2, 3, 2, 5, 2, 1);
    }

    @Test
    void goingBackSkipsWhatIsGoneAndWhatIsThere() {
        for (int i = 1; i <= 4; i++) {
            register("iris", "v" + i);
        }
        registry.compareAndSetAlias("iris", "champion", null, 1, "");
        registry.compareAndSetAlias("iris", "champion", 1, 2, "");
        registry.compareAndSetAlias("iris", "champion", 2, 3, "");
        registry.compareAndSetAlias("iris", "champion", 3, null, "");
        assertThat(registry.rollback("iris", "champion", null, "").to()).isEqualTo(3);
        registry.compareAndSetAlias("iris", "champion", 3, 4, "");
        registry.compareAndSetAlias("iris", "champion", 4, null, "");
        registry.compareAndSetAlias("iris", "champion", null, 4, "");
        registry.deleteVersion(new ModelRef.Version("iris", 2));
        registry.deleteVersion(new ModelRef.Version("iris", 3));
        assertThat(registry.rollback("iris", "champion", 4, "").to()).isEqualTo(1);
    }

    @Test
    void goingBackIsRefusedWhereItWouldNotBeWhatTheCallerSees() {
        assertThatThrownBy(() -> registry.rollback("iris", "champion", null, ""))
                .isInstanceOf(ConflictException.class);
        register("iris", "v1");
        register("iris", "v2");
        assertThatThrownBy(() -> registry.rollback("iris", "champion", ""))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("iris@champion");
        registry.compareAndSetAlias("iris", "champion", null, 1, "");
        registry.compareAndSetAlias("iris", "champion", 1, 2, "");
        registry.compareAndSetAlias("iris", "challenger", null, 2, "");
        for (Integer wrong : new Integer[] {null, 1, 7}) {
            assertThatThrownBy(() -> registry.rollback("iris", "champion", wrong, ""))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining("version 2");
        }
        assertThatThrownBy(() -> registry.rollback("iris", "challenger", 2, "")).isInstanceOf(ConflictException.class);
        assertThatThrownBy(() -> registry.rollback("iris", "12", 2, "")).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> registry.rollback("iris", "champion", 2, "x".repeat(ModelRegistry.MAX_WHY + 1)))
                .isInstanceOf(InvalidInputException.class);
        assertThat(registry.aliases("iris")).isEqualTo(Map.of("champion", 2, "challenger", 2));
        assertThat(registry.aliasChanges(0, 100)).hasSize(3);
    }

    @Test
    void ofThoseWhoGoBackAtOnceOneDoes() {
        for (int i = 1; i <= 6; i++) {
            register("iris", "v" + i);
            registry.compareAndSetAlias("iris", "champion", i == 1 ? null : i - 1, i, "");
        }
        for (int at = 6; at > 1; at--) {
            int expected = at;
            List<Boolean> won = Concurrently.run(4, thread -> {
                try {
                    registry.rollback("iris", "champion", expected, "");
                    return true;
                } catch (ConflictException e) {
                    return false;
                }
            });
            assertThat(won).containsOnlyOnce(true);
            assertThat(registry.aliases("iris")).isEqualTo(Map.of("champion", at - 1));
        }
    }

    @Test
    void allMovesAreFollowedInOrder() {
        register("iris", "v1");
        register("iris", "v2");
        register("wine", "v1");
        assertThat(registry.aliasChanges(0, 10)).isEmpty();
        List<AliasChange> moves = List.of(
                registry.compareAndSetAlias("iris", "champion", null, 1, "a"),
                registry.compareAndSetAlias("wine", "champion", null, 1, "b"),
                registry.compareAndSetAlias("iris", "challenger", null, 2, "c"),
                registry.compareAndSetAlias("iris", "champion", 1, 2, "d"),
                registry.rollback("iris", "champion", "e"),
                registry.compareAndSetAlias("wine", "champion", 1, null, "f"));
        assertThat(moves).extracting(AliasChange::sequence).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        assertThat(registry.aliasChanges(0, ModelRegistry.MAX_CHANGES)).isEqualTo(moves);
        assertThat(registry.aliasChanges(0, 2)).isEqualTo(moves.subList(0, 2));
        assertThat(registry.aliasChanges(2, 2)).isEqualTo(moves.subList(2, 4));
        assertThat(registry.aliasChanges(6, 10)).isEmpty();
        assertThat(registry.aliasChanges(Long.MAX_VALUE, 10)).isEmpty();
        for (int limit : new int[] {-1, 0, ModelRegistry.MAX_CHANGES + 1}) {
            assertThatThrownBy(() -> registry.aliasChanges(0, limit)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void whoFollowsWhileOthersMoveMissesNothing() {
        int movers = 4;
        int each = 15;
        for (int i = 0; i < movers; i++) {
            register("m" + i, "v1");
            register("m" + i, "v2");
        }
        List<List<Long>> followed = Concurrently.run(movers + 2, thread -> {
            List<Long> seen = new ArrayList<>();
            if (thread < movers) {
                for (int i = 0; i < each; i++) {
                    registry.setAlias(
                            "m" + thread, "champion", registry.get(new ModelRef.Version("m" + thread, 1 + i % 2)));
                }
            } else {
                while (seen.size() < movers * each) {
                    long after = seen.isEmpty() ? 0 : seen.get(seen.size() - 1);
                    registry.aliasChanges(after, thread).forEach(move -> seen.add(move.sequence()));
                }
            }
            return seen;
        });
        List<Long> all = LongStream.rangeClosed(1, (long) movers * each).boxed().toList();
        assertThat(followed.get(movers)).isEqualTo(all);
        assertThat(followed.get(movers + 1)).isEqualTo(all);
    }

    @Test
    void aReasonOrAMoverThatCannotBeKeptAsItIs() {
        register("iris", "v1");
        for (String why : List.of("x".repeat(ModelRegistry.MAX_WHY + 1), "a\0b", "\ud800")) {
            assertThatThrownBy(() -> registry.compareAndSetAlias("iris", "champion", null, 1, why))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("iris@champion");
        }
        assertThat(registry.aliases("iris")).isEmpty();
        String longest = "x".repeat(ModelRegistry.MAX_WHY);
        assertThat(registry.compareAndSetAlias("iris", "champion", null, 1, longest)
                        .why())
                .isEqualTo(longest);
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
}
