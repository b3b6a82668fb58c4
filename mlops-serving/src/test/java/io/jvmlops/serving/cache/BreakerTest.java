package io.jvmlops.serving.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.serving.cache.Breaker.Pass;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BreakerTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Near where it overflows, as the system's may be. */
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - SECOND / 2);

    private final Breaker breaker = new Breaker(now::get);

    private void open() {
        for (int i = 1; i < Breaker.FAILURES; i++) {
            assertThat(breaker.failed(breaker.pass())).isZero();
        }
        assertThat(breaker.failed(breaker.pass())).isPositive();
    }

    /** Seconds from now until somebody is let through. */
    private long pause() {
        for (int seconds = 0; seconds <= 200; seconds++) {
            if (!breaker.refuses()) {
                return seconds;
            }
            assertThat(breaker.pass()).isEqualTo(Pass.REFUSED);
            now.addAndGet(SECOND);
        }
        throw new AssertionError("left alone for good");
    }

    @Test
    void opensAfterFailuresInARow() {
        for (int i = 0; i < 100; i++) {
            for (int failure = 1; failure < Breaker.FAILURES; failure++) {
                breaker.failed(breaker.pass());
            }
            assertThat(breaker.succeeded(breaker.pass())).isFalse();
        }
        assertThat(breaker.isOpen()).isFalse();
        open();
        assertThat(breaker.isOpen()).isTrue();
        assertThat(breaker.pass()).isEqualTo(Pass.REFUSED);
    }

    @Test
    void isTriedAgainByOneCallAtATimeEverLessOften() {
        open();
        for (int expected : new int[] {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
            assertThat(pause()).isEqualTo(expected);
            assertThat(breaker.pass()).isEqualTo(Pass.TRIAL);
            // Whoever comes meanwhile is refused.
            assertThat(breaker.pass()).isEqualTo(Pass.REFUSED);
            assertThat(breaker.refuses()).isTrue();
            assertThat(breaker.failed(Pass.TRIAL)).isZero();
        }
        assertThat(pause()).isEqualTo(60);
        assertThat(breaker.pass()).isEqualTo(Pass.TRIAL);
        assertThat(breaker.succeeded(Pass.TRIAL)).isTrue();
        assertThat(breaker.pass()).isEqualTo(Pass.CLOSED);
    }

    @Test
    void aTrialThatFoundNothingOutIsRepeatedAtOnce() {
        open();
        assertThat(pause()).isEqualTo(1);
        assertThat(breaker.pass()).isEqualTo(Pass.TRIAL);
        breaker.undecided(Pass.TRIAL);
        assertThat(breaker.pass()).isEqualTo(Pass.TRIAL);
        breaker.undecided(Pass.CLOSED);
        assertThat(breaker.pass()).isEqualTo(Pass.REFUSED);
    }

    @Test
    void whatBeganBeforeItOpenedIsNoNews() {
        Pass early = breaker.pass();
        open();
        assertThat(breaker.succeeded(early)).isFalse();
        assertThat(breaker.failed(early)).isZero();
        assertThat(breaker.isOpen()).isTrue();
        assertThat(pause()).isEqualTo(1);
    }

    @Test
    void whatFailsAgainSoonIsLeftAloneForLonger() {
        for (int expected : new int[] {1, 2, 4, 8}) {
            open();
            assertThat(pause()).isEqualTo(expected);
            assertThat(breaker.succeeded(breaker.pass())).isTrue();
            now.addAndGet(10 * SECOND);
        }
        now.addAndGet(60 * SECOND);
        open();
        assertThat(pause()).isEqualTo(1);
    }
}
