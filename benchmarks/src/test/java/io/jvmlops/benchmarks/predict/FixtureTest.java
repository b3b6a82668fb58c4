package io.jvmlops.benchmarks.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FixtureTest {
    @TempDir
    static Path folder;

    private static final Map<ModelKind, Fixture> FIXTURES = new EnumMap<>(ModelKind.class);

    @BeforeAll
    static void make() throws IOException {
        for (ModelKind kind : ModelKind.values()) {
            FIXTURES.put(kind, FixtureMaker.make(kind, folder));
        }
    }

    private static Fixture fixture(ModelKind kind) {
        return Objects.requireNonNull(FIXTURES.get(kind));
    }

    @ParameterizedTest
    @EnumSource
    void theModelIsSmallAndAnswersAreProbabilities(ModelKind kind) throws IOException {
        Fixture fixture = fixture(kind);

        assertThat(Files.size(fixture.folder().resolve(kind.isOnnx() ? Fixture.MODEL_FILE : Fixture.TRIBUO_FILE)))
                .isBetween(200L, 1_000_000L);
        assertThat(fixture.rows(2)).hasSize(2 * fixture.features());
        assertThat(fixture.nestedRows(2)[1])
                .containsExactly(Arrays.copyOfRange(fixture.rows(2), fixture.features(), 2 * fixture.features()));
        float[] expected = Fixture.readFloats(fixture.folder().resolve("expected.f32"));
        assertThat(expected).hasSize(Fixture.ROWS * fixture.outputs());
        for (int i = 0; i < expected.length; i += fixture.outputs()) {
            if (fixture.outputs() == 2) {
                assertThat(expected[i] + expected[i + 1]).isBetween(0.99999f, 1.00001f);
            }
            assertThat(expected[i]).isBetween(0f, 1f);
        }
        // A model that says the same of every row would be a poor judge.
        Set<Float> distinct = new HashSet<>();
        for (int row = 0; row < 40; row++) {
            distinct.add(expected[row * fixture.outputs()]);
        }
        assertThat(distinct).hasSizeGreaterThan(10);
    }

    @ParameterizedTest
    @EnumSource(names = "TRIBUO", mode = EnumSource.Mode.EXCLUDE) // the logistic regression again
    void everyRunHasTheSameRowsAndAnswers(ModelKind kind) throws IOException {
        Path first = fixture(kind).folder();
        Path again = FixtureMaker.make(kind, folder.resolve("again")).folder();

        assertThat(again.resolve("rows.f32")).hasSameBinaryContentAs(first.resolve("rows.f32"));
        assertThat(again.resolve("expected.f32")).hasSameBinaryContentAs(first.resolve("expected.f32"));
    }

    /** DJL wants a JVM in which nobody created ONNX Runtime's environment before. */
    @ParameterizedTest
    @EnumSource
    void everyContenderAnswersRight(ModelKind kind) throws Exception {
        Fixture fixture = fixture(kind);
        for (ContenderKind contender : ContenderKind.values()) {
            if (contender.takes(kind) && contender != ContenderKind.DJL) {
                for (int batch : new int[] {1, 7}) {
                    try (Contender opened = contender.open(fixture, batch)) {
                        assertThat(fixture.mismatches(batch, opened.flatten(opened.predict())))
                                .as(contender.title())
                                .isEmpty();
                    }
                }
            }
        }
    }

    @Test
    void wrongAnswersAreFound() throws IOException {
        Fixture fixture = fixture(ModelKind.LOGISTIC);
        float[] right =
                Arrays.copyOf(Fixture.readFloats(fixture.folder().resolve("expected.f32")), 3 * fixture.outputs());
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
