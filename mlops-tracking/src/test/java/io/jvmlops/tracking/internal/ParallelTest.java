package io.jvmlops.tracking.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.StorageException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ParallelTest {
    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @Test
    void resultsAreInTheOrderOfTheItems() {
        for (int count : new int[] {0, 1, 2, 3, 1_000}) {
            assertThat(Parallel.map(numbers(count), i -> "" + i))
                    .isEqualTo(numbers(count).stream().map(i -> "" + i).toList());
        }
    }

    @Test
    void twoWorkAtOnceOnDaemonThreadsThatEnd() {
        CountDownLatch both = new CountDownLatch(2);
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        Parallel.forEach(numbers(2), i -> {
            seen.add(Thread.currentThread());
            both.countDown();
            await(both);
        });
        assertThat(seen).hasSize(2).contains(Thread.currentThread());
        seen.remove(Thread.currentThread());
        assertThat(seen)
                .allMatch(Thread::isDaemon)
                .allMatch(thread -> thread.getName().startsWith("mlops-store-"))
                .noneMatch(Thread::isAlive);
    }

    @Test
    void aFailureStopsTheOthersAndIsThrownWhenAllHaveEnded() {
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        StorageException full = new StorageException("full", null);
        assertThatThrownBy(() -> Parallel.forEach(numbers(100_000), i -> {
                    begun.incrementAndGet();
                    try {
                        if (i == 5) {
                            throw full;
                        }
                    } finally {
                        ended.incrementAndGet();
                    }
                }))
                .isSameAs(full);
        assertThat(begun).hasValueLessThan(100_000);
        assertThat(ended).hasValue(begun.get());
        AssertionError error = new AssertionError("an error");
        assertThatThrownBy(() -> Parallel.forEach(numbers(2), i -> {
                    throw error;
                }))
                .isSameAs(error);
    }

    @Test
    void anInterruptIsThereAfterwards() {
        Thread.currentThread().interrupt();
        assertThat(Parallel.map(numbers(100), i -> i)).isEqualTo(numbers(100));
        assertThat(Thread.interrupted()).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
