package io.jvmlops.monitoring.detector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** River's indices on River's streams and on ours; see README.md beside the resources for where they are from. */
class DetectorGoldenTest {
    private static final Map<String, double[]> STREAMS = Streams.all();

    record Told(List<Integer> drifts, List<Integer> warnings) {}

    static Told told(ChangeDetector detector, double[] stream) {
        List<Integer> drifts = new ArrayList<>();
        List<Integer> warnings = new ArrayList<>();
        for (int i = 0; i < stream.length; i++) {
            switch (detector.update(stream[i])) {
                case DRIFT -> drifts.add(i);
                case WARNING -> warnings.add(i);
                case STABLE -> {}
            }
        }
        return new Told(drifts, warnings);
    }

    private static List<String> lines(String resource) {
        try (InputStream in =
                Objects.requireNonNull(DetectorGoldenTest.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static double[] column(String resource) {
        return lines(resource).stream().mapToDouble(Double::parseDouble).toArray();
    }

    static Stream<String> indices() {
        return lines("indices.csv").stream();
    }

    @ParameterizedTest
    @MethodSource("indices")
    void tellsOfDriftsAndWarningsWhereRiverDoes(String line) {
        String[] fields = line.split(";", -1);
        double[] stream = Objects.requireNonNull(STREAMS.get(fields[1]), fields[1]);

        Told told = told(Detectors.parse(fields[0]), stream);

        assertThat(told.drifts()).isEqualTo(range(fields[2]));
        assertThat(told.warnings()).isEqualTo(range(fields[3]));
    }

    private static List<Integer> range(String text) {
        List<Integer> all = new ArrayList<>();
        for (String word : text.isEmpty() ? new String[0] : text.split(" ", -1)) {
            int dash = word.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? word : word.substring(0, dash));
            int last = Integer.parseInt(dash < 0 ? word : word.substring(dash + 1));
            for (int i = first; i <= last; i++) {
                all.add(i);
            }
        }
        return all;
    }

    @Test
    void everyDetectorButKswinIsComparedOnElevenStreamsAtLeast() {
        List<String> compared = indices().map(line -> line.split("[ ;]", -1)[0]).toList();

        assertThat(Detectors.defaults().keySet())
                .filteredOn(name -> !name.equals("kswin"))
                .allSatisfy(
                        name -> assertThat(compared).filteredOn(name::equals).hasSizeGreaterThanOrEqualTo(11));
        assertThat(indices().filter(line -> line.split(";", -1)[2].isEmpty()).count())
                .as("streams without a drift")
                .isBetween(20L, 200L);
    }

    @Test
    void adwinFindsTheIndexOfRiversDocumentsAndRegressionTest() {
        assertThat(told(Adwin.ofDefaults(), column("A_py12345.csv")).drifts()).containsExactly(1023);
        assertThat(told(Adwin.ofDefaults(), column("C_np12345_randint2_8.csv")).drifts())
                .containsExactly(1023);
    }

    @Test
    void pageHinkleyFindsTheIndexOfRiversDocuments() {
        assertThat(told(PageHinkley.ofDefaults(), column("A_py12345.csv")).drifts())
                .containsExactly(1006);
    }

    @Test
    void ddmFindsTheIndicesOfRiversDocuments() {
        Told told = told(Ddm.ofDefaults(), column("B_py42.csv"));

        assertThat(told.drifts()).containsExactly(1334);
        assertThat(told.warnings()).startsWith(1084).contains(1492);
        assertThat(told.warnings().stream().filter(i -> i > 1334)).startsWith(1492);
        assertThat(told(Ddm.ofDefaults(), column("E_np12345_binom.csv")).drifts())
                .containsExactly(1049);
    }

    @Test
    void hddmFindsTheIndicesOfRiversDocuments() {
        Told a = told(HddmA.ofDefaults(), column("B_py42.csv"));
        assertThat(a.warnings()).startsWith(451);
        assertThat(a.drifts()).containsExactly(1206);
        Told w = told(HddmW.ofDefaults(), column("B_py42.csv"));
        assertThat(w.warnings()).startsWith(451);
        assertThat(w.drifts()).containsExactly(1077);
        assertThat(told(HddmA.ofDefaults(), column("E_np12345_binom.csv")).drifts())
                .containsExactly(1047);
        assertThat(told(HddmW.ofDefaults(), column("E_np12345_binom.csv")).drifts())
                .containsExactly(1018);
    }

    @Test
    void kswinFindsTheJumpOfRiversDocumentsAboutWhereRiverDoes() {
        for (long seed = 0; seed < 50; seed++) {
            ChangeDetector kswin = Kswin.builder().alpha(0.0001).seed(seed).build();

            assertThat(told(kswin, column("A_py12345.csv")).drifts())
                    .as("seed %s, River 1016", seed)
                    .isNotEmpty()
                    .allMatch(i -> i >= 1008 && i <= 1025);
        }
    }

    @Test
    void theAlternatingStreamThatJumpsHasTheIndicesOfTheReStatements() {
        double[] stream = Objects.requireNonNull(STREAMS.get("golden row 67"));

        assertThat(told(Adwin.ofDefaults(), stream).drifts()).containsExactly(1023);
        assertThat(told(PageHinkley.ofDefaults(), stream).drifts()).containsExactly(1016);
        assertThat(told(Cusum.ofDefaults(), stream).drifts()).startsWith(1001);
    }

    static Stream<String> samples() {
        return lines("ks.csv").stream();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void kswinDecidesAsScipyOnTheSameTwoSamples(String line) {
        String[] fields = line.split(";", -1);
        int number = Integer.parseInt(fields[0]);
        int n = Integer.parseInt(fields[1]);
        Streams.Lcg r = new Streams.Lcg(1000 + number);
        double[][] pair = new double[2][n];
        for (int side = 0; side < 2; side++) {
            for (int i = 0; i < n; i++) {
                double x = r.uniform() + side * (number % 5 * 0.15);
                pair[side][i] = number % 2 == 1 ? Math.floor(x * 10) : x;
            }
        }

        int difference = KswinTest.difference(pair[0], pair[1]);

        assertThat(difference).isEqualTo(Integer.parseInt(fields[2]));
        assertThat(KswinTest.difference(pair[1], pair[0])).isEqualTo(difference);
        double p = Double.parseDouble(fields[3]);
        assertThat(EqualSizes.pValue(n, difference))
                .isCloseTo(p, org.assertj.core.data.Offset.offset(1e-12 + 1e-10 * p));
    }
}
