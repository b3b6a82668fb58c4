package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.OverloadedException;
import io.jvmlops.serving.cache.CacheStatus.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** A caller that asks one call after the other, in a time that passes only by what calls take. */
class JudgeTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final World world = new World();

    /** What calls cost, and who knows. */
    private static final class World implements Judges.Time {
        private final SplittableRandom random = new SplittableRandom(7);
        private final PriorityQueue<Wake> wakes = new PriorityQueue<>(Comparator.comparing(Wake::at));
        private long now = SECOND;
        private int tick;

        private int rows = 1;
        private double model = 1_000;
        private double hit = 200;
        private double added = 1_000;
        /** Of rows. */
        private double known;
        /** What a call around the cache takes longer, since it is seldom run. */
        private double cold;
        /** Measurements vary by so much, and some calls lose the processor. */
        private double noise = 0.2;

        private final WarmUp warmUp;
        private Judges judges = judges(CacheRule.Mode.ADAPTIVE);
        private long calls;
        private long cached;
        private final List<State> changes = new ArrayList<>();

        private record Wake(long at, Runnable task) {}

        World() {
            this(new WarmUp());
            assertThat(warmUp.add(WarmUp.ROWS, now - WarmUp.NANOS)).isFalse();
        }

        World(WarmUp warmUp) {
            this.warmUp = warmUp;
        }

        Judges judges(CacheRule.Mode mode) {
            return new Judges("m@1", mode, true, this);
        }

        @Override
        public long now() {
            return now;
        }

        @Override
        public Runnable later(long nanos, Runnable task) {
            assertThat(nanos).isBetween(1L, Judge.MAX_PAUSE_NANOS);
            Wake wake = new Wake(now + nanos, task);
            wakes.add(wake);
            return () -> wakes.remove(wake);
        }

        @Override
        public WarmUp warmUp(boolean single) {
            return warmUp;
        }

        Judge judge() {
            return judges.of(rows);
        }

        private long takes(double nanos) {
            double factor = 1 + noise * random.nextGaussian() / 3;
            // One in a hundred loses the processor for some milliseconds.
            double lost = noise > 0 && random.nextInt(100) == 0 ? 4e6 : 0;
            return (long) Math.max(1, nanos * factor + lost);
        }

        /** One call that the cache takes part in, as CachedModel does it. */
        void call() {
            calls++;
            Judge judge = judge();
            tick += 0x9E3779B9;
            boolean timed = rows > 1 || judge.isTimed(tick);
            if (timed && judge.probes(rows)) {
                now += (long) (model * rows);
                judge.probeTook(takes(model * rows + cold), rows);
                return;
            }
            cached++;
            int found = 0;
            for (int row = 0; known > 0 && row < rows; row++) {
                found += random.nextDouble() < known ? 1 : 0;
            }
            int missed = rows - found;
            judge.hits(found);
            judge.misses(missed);
            double own = missed == 0 ? hit * rows : hit * found + added * missed;
            now += (long) (own + model * missed);
            if (timed && missed == 0) {
                judge.hitTook(takes(own), rows);
            } else if (timed) {
                long asked = takes(model * missed);
                judge.missTook(takes(own) + asked, asked, rows, missed);
            }
            State state = judge.state();
            if (changes.isEmpty() || changes.get(changes.size() - 1) != state) {
                changes.add(state);
            }
        }

        /** Calls, until a condition or for so long. */
        boolean callFor(long nanos, BooleanSupplier until) {
            long end = now + nanos;
            while (now < end) {
                if (until.getAsBoolean()) {
                    return true;
                }
                Wake due = wakes.peek();
                if (due != null && due.at <= now) {
                    wakes.remove();
                    due.task.run();
                } else if (judge().isOn()) {
                    call();
                } else {
                    // All calls until something happens, which know nothing of the cache.
                    long next = due == null ? end : Math.min(end, due.at);
                    long count = (long) Math.ceil((next - now) / (model * rows));
                    calls += count;
                    now += (long) (count * model * rows);
                }
            }
            return until.getAsBoolean();
        }

        boolean callFor(long nanos) {
            return callFor(nanos, () -> false);
        }

        boolean is(State state) {
            return judge().state() == state;
        }
    }

    @Test
    void stepsAsideForAModelThatIsCheaperThanAHit() {
        world.model = 150;
        world.known = 0.99;
        assertThat(world.callFor(SECOND, () -> world.is(State.ASIDE))).isTrue();
        // Of 100 calls one tells what the model takes, and of those one in 64 is timed.
        assertThat(world.calls).isLessThan(50 * Judge.MIN_ROWS);
        assertThat(world.judge().status().reason()).matches("a hit takes (19|20)\\d ns, the model 1[2-7]\\d ns");
        world.callFor(10 * SECOND);
        assertThat(world.changes).doesNotContainSequence(State.TRIAL, State.ON);
    }

    @Test
    void judgesNoCodeThatIsNotCompiledYet() {
        World cold = new World(new WarmUp());
        cold.model = 1_000;
        cold.hit = 20_000;
        cold.known = 0.9;
        cold.callFor(SECOND, () -> cold.calls >= WarmUp.ROWS);
        assertThat(cold.changes).containsExactly(State.ON);
        cold.hit = 100;
        cold.callFor(SECOND);
        assertThat(cold.changes).containsExactly(State.ON);
        // A second model does not begin anew.
        cold.judges = cold.judges(CacheRule.Mode.ADAPTIVE);
        cold.hit = 20_000;
        assertThat(cold.callFor(SECOND, () -> cold.is(State.ASIDE))).isTrue();
    }

    @Test
    void staysWhereItPays() {
        world.model = 5_000;
        world.known = 0.9;
        world.callFor(2 * SECOND);
        assertThat(world.changes).containsExactly(State.ON);
        assertThat(world.judge().status().hitRate()).isBetween(0.8, 1.0);
        assertThat(world.judge().status().modelNanos()).isBetween(4_000.0, 6_000.0);
        assertThat(world.judge().status().hitNanos()).isBetween(180.0, 220.0);
    }

    @Test
    void stepsAsideWhereNothingIsAskedTwiceAndIsBackOnceItIs() {
        world.model = 20_000;
        world.known = 0;
        assertThat(world.callFor(10 * SECOND, () -> world.is(State.ASIDE))).isTrue();
        world.callFor(60 * SECOND);
        assertThat(world.changes).doesNotContainSequence(State.TRIAL, State.ON);
        world.known = 0.8;
        long since = world.now;
        assertThat(world.callFor(3 * Judge.MAX_PAUSE_NANOS, () -> world.is(State.ON)))
                .isTrue();
        assertThat(world.now - since).isLessThan(2 * Judge.MAX_PAUSE_NANOS);
        world.callFor(5 * SECOND);
        assertThat(world.is(State.ON)).isTrue();
    }

    @Test
    void stepsAsideThoughWhatGoesAroundTheCacheRunsCold() {
        world.model = 20_000;
        world.cold = 5_000;
        world.known = 0.9;
        world.callFor(10 * SECOND);
        assertThat(world.is(State.ON)).isTrue();
        world.known = 0;
        assertThat(world.callFor(60 * SECOND, () -> world.is(State.ASIDE))).isTrue();
    }

    @Test
    void isBackWhenTheModelGetsSlower() {
        world.model = 150;
        world.known = 0.9;
        world.callFor(30 * SECOND);
        assertThat(world.is(State.ASIDE)).isTrue();
        world.model = 3_000;
        assertThat(world.callFor(2 * Judge.MAX_PAUSE_NANOS, () -> world.is(State.ON)))
                .isTrue();
    }

    @Test
    void stepsAsideWhenTheModelGetsFasterThoughEverythingIsKnown() {
        world.model = 20_000;
        world.hit = 2_000;
        world.known = 1;
        world.callFor(5 * SECOND);
        assertThat(world.is(State.ON)).isTrue();
        world.model = 1_000;
        assertThat(world.callFor(60 * SECOND, () -> world.is(State.ASIDE)))
                .as("calls around the cache tell what nobody asks the model for")
                .isTrue();
    }

    @Test
    void callsAroundTheCacheCostNextToNothing() {
        world.model = 20_000;
        world.known = 1;
        world.hit = 2_000;
        world.callFor(10 * SECOND);
        // A call a second at most, which is 20 µs.
        assertThat(world.calls - world.cached).isBetween(5L, 11L);
        // A model that takes a tenth of a second is asked once in ten.
        World slow = new World();
        slow.model = 1e8;
        slow.hit = 500_000;
        slow.known = 1;
        slow.callFor(600 * SECOND);
        assertThat(slow.calls - slow.cached).isBetween(1L, 70L);
    }

    @Test
    void trialsCostAboutOnePercent() {
        for (double model : new double[] {150, 400, 2_000, 20_000, 200_000}) {
            World one = new World();
            one.model = model;
            one.known = 0;
            assertThat(one.callFor(60 * SECOND, () -> one.is(State.ASIDE)))
                    .as("model of %.0f ns", model)
                    .isTrue();
            one.calls = 0;
            one.cached = 0;
            long since = one.now;
            one.callFor(300 * SECOND);
            double throughput = one.calls * model / (one.now - since);
            assertThat(throughput).as("model of %.0f ns", model).isBetween(0.985, 1.0);
            if (model <= 2_000) {
                assertThat((double) one.cached / one.calls)
                        .as("model of %.0f ns", model)
                        .isLessThan(0.02);
            }
            assertThat(one.changes).doesNotContainSequence(State.TRIAL, State.ON);
        }
    }

    @Test
    void whatIsNearlyEvenDoesNotGoToAndFro() {
        // Gains nothing on average: 0.6 * 200 + 0.4 * 1200 = 600 of its own, and 0.6 of the model saved.
        world.model = 1_000;
        world.added = 1_200;
        world.known = 0.6;
        world.callFor(600 * SECOND);
        long on = world.changes.stream().filter(state -> state == State.ON).count();
        assertThat(on).isLessThan(20);
    }

    @Test
    void batchesAreJudgedByWhatTheySaveOnTheWhole() {
        world.rows = 32;
        world.model = 300;
        world.hit = 250;
        world.added = 900;
        world.known = 0.7;
        assertThat(world.callFor(5 * SECOND, () -> world.is(State.ASIDE)))
                .as("a lookup of each row takes nearly what the model takes")
                .isTrue();
        assertThat(world.judges.of(1).state()).isEqualTo(State.ON);
        assertThat(world.judges.of(500).state()).isEqualTo(State.ON);
        World dear = new World();
        dear.rows = 32;
        dear.model = 5_000;
        dear.known = 0.7;
        dear.callFor(5 * SECOND);
        assertThat(dear.changes).containsExactly(State.ON);
    }

    @Test
    void anIdleApplicationIsLeftAlone() {
        world.model = 150;
        world.callFor(SECOND, () -> world.is(State.ASIDE));
        World.Wake wake = world.wakes.remove();
        world.now = wake.at;
        wake.task.run();
        assertThat(world.is(State.TRIAL)).isTrue();
        assertThat(world.wakes).as("the trial waits for calls").isEmpty();
        world.now += 3_600 * SECOND;
        assertThat(world.callFor(SECOND, () -> world.is(State.ASIDE))).isTrue();
    }

    @Test
    void aClockTooCoarseToSeeTheModelDoesNotMakeTrialsFollowEachOther() {
        world.noise = 0;
        world.known = 0.5;
        Judge judge = world.judge();
        // Every call of the model falls between two ticks of the clock, and some of the cache's do not.
        for (int i = 0; i < 10_000 && world.is(State.ON); i++) {
            judge.misses(1);
            judge.missTook(1_000_000, 0, 1, 1);
        }
        assertThat(world.is(State.ASIDE)).isTrue();
        World.Wake wake = world.wakes.remove();
        assertThat(wake.at - world.now).isGreaterThanOrEqualTo(Judge.FIRST_PAUSE_NANOS);
        world.now = wake.at;
        wake.task.run();
        for (int i = 0; i < 100_000 && world.is(State.TRIAL); i++) {
            world.now += 10_000;
            judge.misses(1);
            judge.missTook(1_000_000, 0, 1, 1);
        }
        assertThat(world.is(State.ASIDE)).isTrue();
        assertThat(world.wakes.remove().at - world.now).isEqualTo(Judge.MAX_PAUSE_NANOS);
    }

    @Test
    void whoIsLateInAVersionThatIsClosedDoesNotHaveItHeld() {
        world.model = 150;
        world.judges.close();
        assertThat(world.callFor(SECOND, () -> world.is(State.ASIDE))).isTrue();
        assertThat(world.wakes).isEmpty();
    }

    @Test
    void whatWasMeasuredByTheRowDoesNotCountForWholeCalls() {
        world.rows = 32;
        world.model = 1_000;
        world.known = 0.9;
        world.callFor(2 * SECOND);
        assertThat(world.judge().status().modelNanos()).isBetween(800.0, 1_200.0);
        world.judges.wholes();
        assertThat(world.judge().status().modelNanos()).isNaN();
        Judge judge = world.judge();
        for (int i = 0; i < 100 * Judge.MIN_ROWS; i++) {
            judge.hits(1);
            judge.hitTook(2_000, 1);
            if (i % 4 == 0) {
                judge.misses(1);
                judge.missTook(34_000, 32_000, 1, 1);
            }
        }
        assertThat(world.is(State.ON)).isTrue();
        assertThat(judge.status().modelNanos()).isBetween(31_000.0, 33_000.0);
    }

    @Test
    void aRuleThatSaysAlwaysIsHeeded() {
        world.judges = world.judges(CacheRule.Mode.ALWAYS);
        world.model = 10;
        world.callFor(SECOND);
        assertThat(world.changes).containsExactly(State.ON);
        assertThat(world.calls).isEqualTo(world.cached);
        assertThat(world.judge().status().reason()).isEqualTo("its rule says always");
    }

    @Test
    void whatIsRefusedOrClosedIsNotTriedAgain() {
        assertThat(world.judges(CacheRule.Mode.NEVER).of(1).isOn()).isFalse();
        assertThat(new Judges("m", CacheRule.Mode.ADAPTIVE, false, world)
                        .of(200)
                        .status()
                        .state())
                .isEqualTo(State.NON_DETERMINISTIC);
        world.model = 150;
        world.callFor(SECOND, () -> world.is(State.ASIDE));
        assertThat(world.wakes).hasSize(1);
        world.judges.refuse("because");
        assertThat(world.wakes).isEmpty();
        assertThat(world.judge().status().state()).isEqualTo(State.NON_DETERMINISTIC);
        assertThat(world.judge().status().reason()).isEqualTo("because");
        World other = new World();
        other.model = 150;
        other.callFor(SECOND, () -> other.is(State.ASIDE));
        other.judges.close();
        assertThat(other.wakes).isEmpty();
    }

    @Test
    void aCallThatIsMadeAgainToBeTimedDoesNotFailTheCallerWhoWasAnswered() {
        Tensors answer = Tensors.of("y", Tensor.transfer(new float[] {1}, 1));
        AtomicInteger calls = new AtomicInteger();
        // The first is only made again if it was quick, which the machine may keep it from being.
        for (int i = 0; i < 1000 && calls.get() < 2; i++) {
            calls.set(0);
            Tensors got = CachedModel.probe(
                    () -> {
                        if (calls.incrementAndGet() == 2) {
                            throw new OverloadedException("too many calls at once");
                        }
                        return answer;
                    },
                    world.judge(),
                    1);
            assertThat(got).isSameAs(answer);
        }
        assertThat(calls).hasValue(2);
    }
}
