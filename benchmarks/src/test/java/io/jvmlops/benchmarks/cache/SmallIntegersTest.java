package io.jvmlops.benchmarks.cache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SmallIntegersTest {
    @Test
    void distinctRowsAreTwinsToArraysHashCode() {
        float[][] rows = SmallIntegers.rows(SmallIntegers.DRAWS);

        assertThat(rows).hasNumberOfRows(995_015);
        assertThat(SmallIntegers.hashes(rows)).isEqualTo(4_096);
    }
}
