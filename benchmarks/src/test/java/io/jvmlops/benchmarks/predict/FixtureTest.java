package io.jvmlops.benchmarks.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FixtureTest {
    @TempDir
    Path folder;

    @Test
    void theModelIsSmallAndAnswersAreProbabilities() throws IOException {
        Fixture fixture = Fixture.create(folder);

        assertThat(fixture.model()).hasSizeBetween(200, 20_000);
        assertThat(fixture.rows(2)).hasSize(2 * Fixture.FEATURES);
        assertThat(fixture.nestedRows(2)[1])
                .containsExactly(Arrays.copyOfRange(fixture.rows(2), Fixture.FEATURES, 2 * Fixture.FEATURES));
        float[] expected = Fixture.readFloats(folder.resolve("expected.f32"));
        assertThat(expected).hasSize(Fixture.ROWS * Fixture.CLASSES);
        for (int i = 0; i < expected.length; i += 2) {
            assertThat(expected[i] + expected[i + 1]).isBetween(0.99999f, 1.00001f);
        }
        // A model that says the same of every row would be a poor judge.
        assertThat(Arrays.copyOf(expected, 40)).doesNotHaveDuplicates();
    }

    @Test
    void everyRunHasTheSameRowsAndAnswers() throws IOException {
        Path again = Files.createDirectory(folder.resolve("again"));
        Fixture.create(folder);
        Fixture.create(again);

        assertThat(again.resolve("rows.f32")).hasSameBinaryContentAs(folder.resolve("rows.f32"));
        assertThat(again.resolve("expected.f32")).hasSameBinaryContentAs(folder.resolve("expected.f32"));
    }

    @Test
    void wrongAnswersAreFound() throws IOException {
        Fixture fixture = Fixture.create(folder);
        float[] right = Arrays.copyOf(Fixture.readFloats(folder.resolve("expected.f32")), 3 * Fixture.CLASSES);
        float[] off = right.clone();
        off[5] += 2e-5f;
        float[] close = right.clone();
        close[5] += 5e-6f;
        float[] nan = right.clone();
        nan[0] = Float.NaN;

        assertThat(fixture.mismatches(3, right)).isEmpty();
        assertThat(fixture.mismatches(3, close)).isEmpty();
        assertThat(fixture.mismatches(3, off)).hasSize(1);
        assertThat(fixture.mismatches(3, nan)).hasSize(1);
        assertThat(fixture.mismatches(2, right)).hasSize(1);
        assertThat(fixture.mismatches(3, new float[0])).hasSize(1);
    }
}
