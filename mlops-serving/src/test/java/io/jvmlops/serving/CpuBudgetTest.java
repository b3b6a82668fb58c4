package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpuBudgetTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int CAPACITY = 4096;

    /** A listener's thread, millisecond by millisecond, of rows that come evenly and cost the same. */
    private static final class World {
        private final CpuBudget budget;
        private long wall = 1_000_000_007L;
        private long cpu = 13;
        private long telling;
        private final long look;
        private double arriving;
        private double waiting;
        long told;
        long lost;

        World(double share) {
            this(share, 2_000);
        }

        World(double share, long look) {
            this.look = look;
            budget = new CpuBudget(share, wall, cpu);
        }

        /** @return processor nanoseconds per nanosecond */
        double run(int millis, double rowsPerSecond, double nanosPerRow) {
            long before = cpu;
            for (int i = 0; i < millis; i++) {
                wall += MILLI;
                arriving += rowsPerSecond / 1e3 * Math.scalb(1.0, -budget.sampling());
                double come = Math.floor(arriving);
                arriving -= come;
                double room = CAPACITY - waiting;
                lost += (long) Math.max(0, come - room);
                waiting += Math.min(come, room);
                double spare = 1e6;
                if (budget.rest() == 0) {
                    while (waiting >= 1 && spare > 0) {
                        waiting--;
                        told++;
                        spare -= nanosPerRow;
                        cpu += (long) nanosPerRow;
                        telling += (long) nanosPerRow;
                    }
                }
                // A look costs something, too.
                cpu += look;
                int before1 = budget.sampling();
                int after = budget.spent(wall, cpu, telling, waiting / CAPACITY);
                if (after > before1) {
                    waiting *= Math.scalb(1.0, before1 - after);
                }
            }
            return (cpu - before) / (double) (millis * MILLI);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0.05, 100000, 2000",
        "0.05, 1000000, 500",
        "0.05, 400000, 20000",
        "0.01, 150000, 3000",
        "0.5, 300000, 5000",
        "1, 500000, 10000",
        "0.05, 20, 10000000",
        "0.02, 3000000, 40000"
    })
    void isKeptWhateverComes(double share, double rowsPerSecond, double nanosPerRow) {
        World world = new World(share);
        world.run(5_000, rowsPerSecond, nanosPerRow);
        // In any span: its share, and what may be spent before or after.
        for (int i = 0; i < 10; i++) {
            assertThat(world.run(5_000, rowsPerSecond, nanosPerRow)).isLessThanOrEqualTo(share * 1.05);
        }
        assertThat(world.run(200_000, rowsPerSecond, nanosPerRow)).isLessThanOrEqualTo(share);
    }

    @Test
    void whatFitsIsToldInFull() {
        World world = new World(0.05);
        world.run(60_000, 10_000, 2_000);
        assertThat(world.told).isEqualTo(600_000);
        assertThat(world.budget.sampling()).isZero();
    }

    @Test
    void aThirdOfTheBudgetOrMoreIsUsedWhenThereIsTooMuch() {
        World world = new World(0.05);
        world.run(30_000, 1_000_000, 1_000);
        assertThat(world.run(10_000, 1_000_000, 1_000)).isBetween(0.016, 0.051);
        assertThat(world.budget.sampling()).isBetween(4, 6);
        assertThat(world.lost).isLessThan(200_000);
    }

    @Test
    void isCutAtOnceAndRestoredSlowly() {
        World world = new World(0.05);
        world.run(1_000, 0, 1);
        world.run(250, 1_000_000, 1_000);
        int cut = world.budget.sampling();
        assertThat(cut).isGreaterThanOrEqualTo(4);
        world.run(2_000, 0, 1);
        assertThat(world.budget.sampling()).isLessThan(cut).isGreaterThanOrEqualTo(cut - 3);
        world.run(30_000, 0, 1);
        assertThat(world.budget.sampling()).isZero();
    }

    /** Else it would shrink for ever: what it costs to look is the same for fewer rows. */
    @Test
    void theSampleIsNotCutForWhatItDoesNotCost() {
        // Four fifths of what is given out go for looking.
        World world = new World(0.05, 36_000);
        world.run(20_000, 1_000_000, 1_000);
        int steady = world.budget.sampling();
        assertThat(steady).isBetween(6, 9);
        world.run(1_000, 1_000_000, 30_000);
        world.run(30_000, 1_000_000, 1_000);
        assertThat(world.budget.sampling()).isLessThanOrEqualTo(steady + 1);
    }

    @Test
    void doesNotSwingWhereTheLoadIsSteady() {
        World world = new World(0.05);
        world.run(60_000, 700_000, 1_000);
        Deque<Integer> levels = new ArrayDeque<>();
        for (int i = 0; i < 600; i++) {
            world.run(100, 700_000, 1_000);
            if (levels.isEmpty() || levels.getLast() != world.budget.sampling()) {
                levels.add(world.budget.sampling());
            }
        }
        assertThat(levels).hasSizeLessThan(3);
    }

    @Test
    void aShortBurstIsToldInFull() {
        World world = new World(0.05);
        world.run(10_000, 100, 1_000);
        // 10 ms of processor time, within a quarter of a second.
        world.run(100, 100_000, 1_000);
        assertThat(world.budget.sampling()).isZero();
    }

    @Test
    void aQueueThatFillsCutsTheSampleOfAListenerThatOnlyWaits() {
        CpuBudget budget = new CpuBudget(0.05, 0, 0);
        long now = 0;
        for (int i = 0; i < 10; i++) {
            now += 20 * MILLI;
            budget.spent(now, 0, 0, 0.9);
        }
        assertThat(budget.sampling()).isBetween(5, 10);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.01, 0.05, 1})
    void oneLongCallIsPaidBackByRest(double share) {
        CpuBudget budget = new CpuBudget(share, 0, 0);
        long spent = TimeUnit.SECONDS.toNanos(4);
        budget.spent(spent, spent, spent, 0);
        long rest = budget.rest();
        long now = spent + rest;
        budget.spent(now, spent, spent, 0);
        // Twice what may be saved: once before, once in advance.
        assertThat(spent).isLessThanOrEqualTo((long) (share * now + 2 * share * CpuBudget.SAVED) + 1_000);
        assertThat(budget.rest()).isLessThan(1_000);
        if (share < 1) {
            assertThat(rest).isPositive();
        }
    }

    @Test
    void neverLeavesItsBounds() {
        CpuBudget budget = new CpuBudget(0.05, 0, 0);
        long now = 0;
        for (int i = 0; i < 1_000; i++) {
            now += 20 * MILLI;
            assertThat(budget.spent(now, now, now, 1)).isBetween(0, CpuBudget.MAX_SAMPLING);
        }
        assertThat(budget.sampling()).isEqualTo(CpuBudget.MAX_SAMPLING);
    }
}
