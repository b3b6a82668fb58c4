package io.jvmlops.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.monitoring.ColumnDrift;
import io.jvmlops.api.monitoring.ColumnDrift.Verdict;
import io.jvmlops.monitoring.profile.Data;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.monitoring.profile.WindowProfile;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Every pair of odd data, as reference and as current data: a verdict, and bytes that read back. */
class OddDataTest {
    private static final double INF = Double.POSITIVE_INFINITY;

    private static double[] times(int n, double... values) {
        return IntStream.range(0, n).mapToDouble(i -> values[i % values.length]).toArray();
    }

    private static Map<String, double[]> odd() {
        Map<String, double[]> odd = new LinkedHashMap<>();
        odd.put("none", new double[0]);
        odd.put("one", new double[] {1});
        odd.put("one NaN", new double[] {Double.NaN});
        odd.put("all NaN", times(100, Double.NaN));
        odd.put("half NaN", times(100, Double.NaN, 1));
        odd.put("constant", times(100, 5));
        odd.put("just above constant", times(100, Math.nextUp(5.0)));
        odd.put("zeros of both signs", times(100, 0.0, -0.0));
        odd.put("two values", times(100, 0, 1));
        odd.put("all infinite", times(100, INF));
        odd.put("both infinities", times(100, INF, -INF));
        odd.put("infinities among others", times(100, INF, -INF, 1, 2, 3, Double.NaN));
        odd.put("huge", times(100, 1e308, -1e308));
        odd.put("largest", times(100, Double.MAX_VALUE, -Double.MAX_VALUE, Double.MIN_VALUE));
        odd.put("ordinary", IntStream.range(0, 100).mapToDouble(i -> i).toArray());
        return odd;
    }

    @Test
    void everyPairGetsAVerdict() {
        odd().forEach((referenceName, referenceValues) -> {
            ReferenceProfile reference = ReferenceProfile.builder(Data.numbers())
                    .add(Data.numbers(referenceValues))
                    .build();
            assertThat(ReferenceProfile.parse(reference.toBytes())).isEqualTo(reference);
            odd().forEach((name, values) -> {
                Monitor monitor = Monitor.builder(reference).build();
                monitor.onPrediction(Data.event(Data.numbers(), Data.numbers(values), null));
                ColumnDrift column = monitor.report().column("x").orElseThrow();

                String pair = name + " against " + referenceName + ": " + column;
                assertThat(monitor.eventsIgnored()).as(pair).isZero();
                assertThat(WindowProfile.parse(monitor.window().toBytes()))
                        .as(pair)
                        .isEqualTo(monitor.window());
                assertThat(column.verdict()).as(pair).isEqualTo(expected(referenceValues, values));
            });
        });
    }

    /** What a person would say; all of the data differ completely or not at all. */
    private static Verdict expected(double[] reference, double[] values) {
        boolean missingNow = missingShare(values) > missingShare(reference) + 0.05;
        boolean missingBefore = missingShare(reference) > missingShare(values) + 0.05;
        if (reference.length >= 30 && values.length >= 30 && (missingNow || missingBefore)) {
            return Verdict.DRIFT;
        }
        double[] r = present(reference);
        double[] c = present(values);
        if (r.length < 30 || c.length < 30) {
            return Verdict.INSUFFICIENT_DATA;
        }
        return Arrays.equals(r, c) ? Verdict.STABLE : Verdict.DRIFT;
    }

    private static double missingShare(double[] values) {
        return values.length == 0 ? 0 : 1 - (double) present(values).length / values.length;
    }

    private static double[] present(double[] values) {
        return Arrays.stream(values)
                .filter(v -> !Double.isNaN(v))
                .map(v -> v + 0.0)
                .sorted()
                .toArray();
    }

    @Test
    void aConstantTellsBelowEqualAndAbove() {
        ReferenceProfile reference = ReferenceProfile.builder(Data.numbers())
                .add(Data.numbers(times(100, 5)))
                .build();
        for (double value : new double[] {4.999999, 5.000001, Math.nextDown(5.0), -1e308, INF}) {
            Monitor monitor = Monitor.builder(reference).build();
            monitor.onPrediction(Data.event(Data.numbers(), Data.numbers(times(50, value)), null));

            assertThat(monitor.report().column("x").orElseThrow().effectSize())
                    .as("effect of %s", value)
                    .isEqualTo(1);
        }
    }

    @Test
    void stringsOfAllKindsGetAVerdict() {
        String[] reference = IntStream.range(0, 90)
                .mapToObj(i -> new String[] {"", "\ud800", "é"}[i % 3])
                .toArray(String[]::new);
        ReferenceProfile profile = ReferenceProfile.builder(Data.strings())
                .add(Data.strings(reference))
                .build();
        assertThat(ReferenceProfile.parse(profile.toBytes())).isEqualTo(profile);
        Monitor monitor = Monitor.builder(profile).build();

        monitor.onPrediction(Data.event(Data.strings(), Data.strings(reference), null));
        assertThat(monitor.report().column("x").orElseThrow().verdict()).isEqualTo(Verdict.STABLE);

        monitor.reset();
        monitor.onPrediction(Data.event(
                Data.strings(),
                Data.strings(IntStream.range(0, 90)
                        .mapToObj(i -> "x".repeat(i * 100))
                        .toArray(String[]::new)),
                null));
        assertThat(monitor.report().column("x").orElseThrow().verdict()).isEqualTo(Verdict.DRIFT);
    }
}
