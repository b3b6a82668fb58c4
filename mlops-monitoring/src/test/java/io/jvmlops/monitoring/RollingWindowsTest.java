package io.jvmlops.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.monitoring.WindowState.Closed;
import io.jvmlops.monitoring.profile.Data;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.monitoring.profile.WindowProfile;
import io.jvmlops.monitoring.profile.WindowProfiler;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RollingWindowsTest {
    private final SplittableRandom random = new SplittableRandom(9);
    private final ReferenceProfile reference = ReferenceProfile.builder(Data.FLOWERS)
            .add(Data.flowers(random, 500, 0), Data.scores(random, 500, 0))
            .build();
    private final AtomicInteger merges = new AtomicInteger();

    private WindowProfile merge(WindowProfile a, WindowProfile b) {
        merges.incrementAndGet();
        return a.merge(b);
    }

    private Closed window(int number) {
        WindowProfiler profiler = reference.profiler();
        int rows = profiler.add(Data.flowers(random, 1 + random.nextInt(5), 0), null, 0);
        assertThat(rows).isPositive();
        return new Closed(Instant.ofEpochSecond(number), Instant.ofEpochSecond(number + 1), profiler.profile());
    }

    @Test
    void areTogetherWhatTheLastOfThemAreOneByOne() {
        for (int most : new int[] {1, 2, 3, 7, 16, 50}) {
            RollingWindows rolling = new RollingWindows(most);
            List<Closed> all = new ArrayList<>();
            assertThat(rolling.together()).isNull();
            for (int i = 0; i < 3 * most + 2; i++) {
                all.add(window(i));
                rolling.add(all.get(i));
                List<Closed> latest = all.subList(Math.max(0, all.size() - most), all.size());
                assertThat(rolling.list()).isEqualTo(latest);
                // Not asked after each: what is put together when must not matter.
                if (random.nextInt(3) > 0) {
                    WindowProfile expected = latest.stream()
                            .map(Closed::profile)
                            .reduce(WindowProfile::merge)
                            .orElseThrow();
                    assertThat(Objects.requireNonNull(rolling.together()).toBytes())
                            .isEqualTo(expected.toBytes());
                }
            }
        }
    }

    @Test
    void ofNoneThereAreNone() {
        RollingWindows rolling = new RollingWindows(0);
        rolling.add(window(1));
        assertThat(rolling.list()).isEmpty();
        assertThat(rolling.together()).isNull();
    }

    /** Of 1,000 windows a plain sum takes 999. */
    @Test
    void aThousandAreMergedInBlocks() {
        RollingWindows rolling = new RollingWindows(1000, this::merge);
        Closed same = window(0);
        for (int i = 0; i < 1100; i++) {
            merges.set(0);
            rolling.add(same);
            assertThat(rolling.together()).isNotNull();
            assertThat(rolling.together()).isSameAs(rolling.together());
            assertThat(merges.get()).isLessThanOrEqualTo(66);
        }
        assertThat(rolling.list()).hasSize(1000);
    }
}
