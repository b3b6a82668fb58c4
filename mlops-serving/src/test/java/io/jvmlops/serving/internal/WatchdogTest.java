package io.jvmlops.serving.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.model.Deadline;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WatchdogTest {
    /** Remembers what was done to it. */
    private static class Probe extends Watchdog.Call {
        private volatile Deadline deadline = Deadline.NONE;
        private volatile boolean stopped;
        private volatile boolean early;

        @Override
        protected void stop() {
            early |= !deadline.hasPassed();
            stopped = true;
        }

        void from(Watchdog watchdog, Deadline until) {
            deadline = until;
            stopped = false;
            begin(watchdog, until);
        }
    }

    @Test
    void whatEndsInTimeIsLeftAlone() {
        Watchdog watchdog = new Watchdog();
        Probe call = new Probe();
        for (int i = 0; i < 1_000; i++) {
            call.from(watchdog, Deadline.afterNanos(TimeUnit.MINUTES.toNanos(1)));
            assertThat(call.end()).isTrue();
            assertThat(call.end()).isTrue();
        }
        call.from(watchdog, Deadline.NONE);
        assertThat(call.end()).isTrue();
        assertThat(call.stopped).isFalse();
        call.retire();
    }

    @Test
    void whatIsOverItsDeadlineIsStopped() {
        Watchdog watchdog = new Watchdog();
        Probe call = new Probe();
        // Longer and shorter than its pauses.
        for (int millis : new int[] {0, 1, 30, 3, 1_200, 1}) {
            call = new Probe();
            call.from(watchdog, Deadline.afterNanos(TimeUnit.MILLISECONDS.toNanos(millis)));
            while (!call.stopped) {
                LockSupport.parkNanos(100_000);
            }
            assertThat(call.end()).isFalse();
            assertThat(call.end()).isFalse();
            assertThat(call.early).isFalse();
            call.retire();
        }
    }

    @Test
    void aThreadThatCannotBeHadIsAskedForAgain() {
        AtomicInteger asked = new AtomicInteger();
        Watchdog watchdog = new Watchdog(task -> new Thread(task) {
            @Override
            public synchronized void start() {
                if (asked.incrementAndGet() == 1) {
                    throw new OutOfMemoryError("unable to create native thread");
                }
                super.start();
            }
        });
        Probe first = new Probe();
        assertThatThrownBy(() -> first.from(watchdog, Deadline.afterNanos(1))).isInstanceOf(OutOfMemoryError.class);
        assertThat(first.end()).isTrue();
        first.retire();
        assertStops(watchdog);
        assertThat(asked).hasValue(2);
    }

    @Test
    void whatCannotBeStoppedDoesNotKeepOthersFromBeing() {
        Watchdog watchdog = new Watchdog();
        Probe call = new Probe() {
            @Override
            protected void stop() {
                super.stop();
                throw new LinkageError("no such native method");
            }
        };
        call.from(watchdog, Deadline.afterNanos(1));
        while (!call.stopped) {
            LockSupport.parkNanos(100_000);
        }
        assertThat(call.end()).isFalse();
        call.retire();
        assertStops(watchdog);
    }

    private static void assertStops(Watchdog watchdog) {
        Probe call = new Probe();
        call.from(watchdog, Deadline.afterNanos(1_000_000));
        while (!call.stopped) {
            LockSupport.parkNanos(100_000);
        }
        assertThat(call.end()).isFalse();
        call.retire();
    }

    @Test
    void noneOfManyIsMissedOrStoppedAfterItsEnd() throws Exception {
        Watchdog watchdog = new Watchdog();
        ExecutorService callers = Executors.newFixedThreadPool(8);
        try {
            List<Future<Integer>> all = new ArrayList<>();
            for (int c = 0; c < 8; c++) {
                Random random = new Random(c);
                all.add(callers.submit(() -> calls(watchdog, random)));
            }
            int stopped = 0;
            for (Future<Integer> one : all) {
                stopped += one.get(50, TimeUnit.SECONDS);
            }
            assertThat(stopped).isPositive();
        } finally {
            callers.shutdownNow();
        }
    }

    /** Half of them wait to be stopped, half end at about the time at which they would be. */
    private static int calls(Watchdog watchdog, Random random) {
        int stopped = 0;
        Probe call = new Probe();
        for (int i = 0; i < 400; i++) {
            call.from(watchdog, Deadline.afterNanos(random.nextInt(2_000_000)));
            if (random.nextBoolean()) {
                while (!call.stopped) {
                    LockSupport.parkNanos(50_000);
                }
            } else {
                LockSupport.parkNanos(random.nextInt(2_000_000));
            }
            boolean whole = call.end();
            boolean seen = call.stopped;
            assertThat(whole).isEqualTo(!seen);
            LockSupport.parkNanos(random.nextInt(10_000));
            assertThat(call.stopped).as("stopped after its end").isEqualTo(seen);
            assertThat(call.early).isFalse();
            if (!whole) {
                stopped++;
                call.retire();
                call = new Probe();
            }
        }
        call.retire();
        return stopped;
    }
}
