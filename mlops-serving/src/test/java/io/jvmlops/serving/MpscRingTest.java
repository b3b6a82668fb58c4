package io.jvmlops.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MpscRingTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 8, 100})
    void holdsAsManyAsItMayInOrder(int capacity) {
        MpscRing<Integer> ring = new MpscRing<>(capacity);
        int next = 0;
        int expected = 0;
        for (int round = 0; round < 50; round++) {
            while (ring.offer(next)) {
                next++;
            }
            assertThat(ring.offered() - ring.polled()).isEqualTo(capacity);
            for (int i = 0; i <= round % capacity; i++) {
                assertThat(ring.poll()).isEqualTo(expected++);
            }
        }
        while (expected < next) {
            assertThat(ring.poll()).isEqualTo(expected++);
        }
        assertThat(ring.poll()).isNull();
        assertThat(ring.polled()).isEqualTo(ring.offered());
    }

    @Test
    void cannotHoldMoreThanAnArray() {
        assertThatThrownBy(() -> new MpscRing<>((1 << 30) + 1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** Each producer's elements arrive once and in its order; what was refused does not. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 1000})
    void losesNothingOfManyProducers(int capacity) throws Exception {
        int producers = 4;
        int each = 50_000;
        MpscRing<long[]> ring = new MpscRing<>(capacity);
        AtomicLong accepted = new AtomicLong();
        CountDownLatch running = new CountDownLatch(producers);
        List<Thread> threads = new ArrayList<>();
        for (int p = 0; p < producers; p++) {
            int producer = p;
            Thread thread = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    if (ring.offer(new long[] {producer, i})) {
                        accepted.incrementAndGet();
                    }
                }
                running.countDown();
            });
            threads.add(thread);
            thread.start();
        }
        long[] last = {-1, -1, -1, -1};
        long got = 0;
        while (true) {
            boolean over = running.getCount() == 0;
            long[] element = ring.poll();
            if (element != null) {
                got++;
                assertThat(element[1]).isGreaterThan(last[(int) element[0]]);
                last[(int) element[0]] = element[1];
            } else if (over) {
                break;
            } else {
                Thread.onSpinWait();
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(got).isEqualTo(accepted.get()).isPositive();
    }
}
