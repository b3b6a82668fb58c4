package io.jvmlops.monitoring.detector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class DetectorPropertyTest {
    @Provide
    Arbitrary<String> detectors() {
        return Arbitraries.of(List.copyOf(Detectors.all().keySet()));
    }

    /** Stored and read at every k-th value, a detector goes on as one that never was. */
    @Property(tries = 150)
    void storingChangesNothing(
            @ForAll("detectors") String name,
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 97) int every,
            @ForAll @IntRange(min = 10, max = 400) int period) {
        boolean numbers = Detectors.takesNumbers(name);
        ChangeDetector whole = Detectors.parse(name);
        ChangeDetector stored = Detectors.parse(name);
        Streams.Lcg r = new Streams.Lcg(seed);
        for (int i = 0; i < 1500; i++) {
            boolean high = i / period % 2 == 1;
            double x = numbers ? r.normal() + (high ? 2 : 0) : r.uniform() < (high ? 0.7 : 0.15) ? 1 : 0;
            if (i % every == 0) {
                stored = ChangeDetector.parse(stored.toBytes());
            }
            assertThat(stored.update(x)).isEqualTo(whole.update(x));
        }
        assertThat(stored.toBytes()).isEqualTo(whole.toBytes());
        assertThat(stored.toString()).isEqualTo(whole.toString());
    }

    /** A detector that was reset is a new one. */
    @Property(tries = 60)
    void resetIsNew(@ForAll("detectors") String name, @ForAll long seed, @ForAll @IntRange(max = 700) int before) {
        ChangeDetector used = Detectors.parse(name);
        Streams.Lcg r = new Streams.Lcg(seed);
        for (int i = 0; i < before; i++) {
            used.update(r.uniform() < 0.4 ? 1 : 0);
        }
        used.reset();
        ChangeDetector fresh = Detectors.parse(name);
        for (int i = 0; i < 500; i++) {
            double x = r.uniform() < (i < 250 ? 0.1 : 0.6) ? 1 : 0;
            assertThat(used.update(x)).isEqualTo(fresh.update(x));
        }
        assertThat(used.toBytes()).isEqualTo(fresh.toBytes());
    }
}
