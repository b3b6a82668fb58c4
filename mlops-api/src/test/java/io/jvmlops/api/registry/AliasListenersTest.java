package io.jvmlops.api.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AliasListenersTest {
    private static final AliasChange CHANGE =
            new AliasChange(1, AliasChange.Kind.SET, "iris", "champion", null, 1, "ada", Instant.EPOCH, "better");

    @Test
    void endingWaitsForTheCallThatIsRunning() throws InterruptedException {
        AliasListeners listeners = new AliasListeners();
        CountDownLatch telling = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger done = new AtomicInteger();
        ModelRegistry.Subscription subscription = listeners.add(change -> {
            telling.countDown();
            awaitQuietly(goOn);
            done.incrementAndGet();
        });
        Thread mover = new Thread(() -> listeners.tell(CHANGE));
        mover.start();
        awaitQuietly(telling);
        AtomicInteger doneAtEnd = new AtomicInteger(-1);
        Thread ender = new Thread(() -> {
            subscription.close();
            doneAtEnd.set(done.get());
        });
        ender.start();
        while (ender.getState() != Thread.State.WAITING && ender.isAlive()) {
            Thread.onSpinWait();
        }
        goOn.countDown();
        ender.join();
        mover.join();
        assertThat(doneAtEnd).hasValue(1);
        listeners.tell(CHANGE);
        assertThat(done).hasValue(1);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
