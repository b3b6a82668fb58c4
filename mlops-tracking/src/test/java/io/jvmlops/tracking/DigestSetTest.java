package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.artifact.Digest;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DigestSetTest {
    private static Digest digest(int i) {
        return Digest.of(("content " + i).getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void holdsWhatASetHolds() {
        DigestSet set = new DigestSet();
        Set<Digest> expected = new HashSet<>();
        Random random = new Random(5);
        for (int i = 0; i < 30_000; i++) {
            Digest digest = digest(random.nextInt(20_000));
            assertThat(set.add(digest)).isEqualTo(expected.add(digest));
        }
        assertThat(set.size()).isEqualTo(expected.size());
        for (int i = 0; i < 20_000; i++) {
            assertThat(set.contains(digest(i))).isEqualTo(expected.contains(digest(i)));
        }
        Set<Digest> told = new HashSet<>();
        set.forEach(digest -> assertThat(told.add(digest)).isTrue());
        assertThat(told).isEqualTo(expected);
    }

    @Test
    void digestsThatFewBytesTellApartAreKeptApart() {
        DigestSet set = new DigestSet();
        Digest zero = new Digest("0".repeat(64));
        assertThat(set.contains(zero)).isFalse();
        assertThat(set.add(zero)).isTrue();
        assertThat(set.add(zero)).isFalse();
        for (int place = 0; place < 64; place++) {
            Digest other = new Digest("0".repeat(place) + "f" + "0".repeat(63 - place));
            assertThat(set.contains(other)).isFalse();
            assertThat(set.add(other)).isTrue();
            assertThat(set.contains(other)).isTrue();
        }
        assertThat(set.size()).isEqualTo(65);
        Set<Digest> told = new HashSet<>();
        set.forEach(told::add);
        assertThat(told).hasSize(65).contains(zero);
    }
}
