package io.jvmlops.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnDrift;
import io.jvmlops.api.monitoring.ColumnDrift.Kind;
import io.jvmlops.api.monitoring.ColumnDrift.Verdict;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DistinctCount;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.DriftStatistic;
import io.jvmlops.api.monitoring.ExactSum;
import io.jvmlops.api.monitoring.Finding;
import io.jvmlops.api.monitoring.Finding.Check;
import io.jvmlops.api.monitoring.Moments;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Profile;
import io.jvmlops.api.monitoring.Sketch;
import io.jvmlops.monitoring.profile.Data;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.monitoring.profile.WindowProfile;
import io.jvmlops.monitoring.profile.WindowProfiler;
import io.jvmlops.monitoring.statistic.Psi;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DriftPolicyTest {
    private static final DriftPolicy POLICY = DriftPolicy.ofDefaults();

    private static ReferenceProfile numbers(double... values) {
        return ReferenceProfile.builder(Data.numbers())
                .add(Data.numbers(values))
                .build();
    }

    private static ReferenceProfile strings(String... values) {
        return ReferenceProfile.builder(Data.strings())
                .add(Data.strings(values))
                .build();
    }

    private static WindowProfile window(ReferenceProfile reference, Tensors rows) {
        return window(reference, rows, 0);
    }

    private static WindowProfile window(ReferenceProfile reference, Tensors rows, int sampling) {
        WindowProfiler profiler = reference.profiler();
        assertThat(profiler.add(rows, null, sampling)).isNotNegative();
        return profiler.profile();
    }

    private static DriftReport report(ReferenceProfile reference, Tensors rows) {
        return POLICY.compare("m", Instant.EPOCH, reference, window(reference, rows));
    }

    private static ColumnDrift column(ReferenceProfile reference, Tensors rows) {
        return report(reference, rows).columns().get(0);
    }

    private static double[] normal(long seed, int rows) {
        SplittableRandom random = new SplittableRandom(seed);
        return DoubleStream.generate(random::nextGaussian).limit(rows).toArray();
    }

    /** Each as often as the others, in turn. */
    private static String[] cycle(int rows, String... levels) {
        return IntStream.range(0, rows).mapToObj(i -> levels[i % levels.length]).toArray(String[]::new);
    }

    @Test
    void valuesOutsideTheRangeAreAFindingOfTheirOwn() {
        double[] now = normal(2, 1000);
        for (int i = 0; i < 30; i++) {
            now[i] = 50 + i;
        }
        ColumnDrift column = column(numbers(normal(1, 1000)), Data.numbers(now));

        Finding range = column.finding(Check.RANGE).orElseThrow();
        assertThat(column.verdict()).isEqualTo(Verdict.DRIFT);
        assertThat(column.leading()).contains(range);
        assertThat(range.alarm()).isTrue();
        assertThat(range.score().statistic()).isBetween(30.0, 36.0);
        assertThat(range.why()).contains("outside the range of the reference").contains("79.0");
        assertThat(column.finding(Check.VALUES).orElseThrow().alarm()).isFalse();
    }

    @Test
    void infinitiesAreOutsideWhereTheReferenceHasNone() {
        double inf = Double.POSITIVE_INFINITY;
        double[] now = normal(2, 500);
        now[0] = inf;
        now[1] = -inf;
        double[] before = normal(1, 500);
        assertThat(column(numbers(before), Data.numbers(now))
                        .finding(Check.RANGE)
                        .orElseThrow()
                        .score()
                        .statistic())
                .isGreaterThanOrEqualTo(2);
        before[0] = inf;
        before[1] = -inf;
        assertThat(column(numbers(before), Data.numbers(now))
                        .finding(Check.RANGE)
                        .orElseThrow()
                        .score()
                        .statistic())
                .isZero();
    }

    @Test
    void newLevelsAlarmThoughTheOthersKeepTheirShares() {
        String[] now = cycle(1000, "a", "b", "c", "d");
        for (int i = 0; i < 40; i++) {
            now[i] = "new";
        }
        ColumnDrift column = column(strings(cycle(2000, "a", "b", "c", "d")), Data.strings(now));

        Finding found = column.finding(Check.NEW_LEVELS).orElseThrow();
        assertThat(column.verdict()).isEqualTo(Verdict.DRIFT);
        assertThat(found.alarm()).isTrue();
        assertThat(found.effectSize()).isEqualTo(0.04);
        assertThat(found.why()).contains("'new' 4.0 %");
        assertThat(column.finding(Check.LOST_LEVELS).orElseThrow().alarm()).isFalse();
    }

    @Test
    void lostLevelsAlarm() {
        String[] before = cycle(2000, "a", "b", "c", "d");
        for (int i = 0; i < 60; i++) {
            before[i] = "old";
        }
        ColumnDrift column = column(strings(before), Data.strings(cycle(1000, "a", "b", "c", "d")));

        Finding found = column.finding(Check.LOST_LEVELS).orElseThrow();
        assertThat(found.alarm()).isTrue();
        assertThat(found.effectSize()).isEqualTo(0.03);
        assertThat(found.why()).contains("'old' 3.0 %");
    }

    @Test
    void aColumnOfIdsDoesNotAlarmByItself() {
        String[] before = IntStream.range(0, 3000).mapToObj(i -> "id" + i).toArray(String[]::new);
        String[] now = IntStream.range(5000, 7000).mapToObj(i -> "id" + i).toArray(String[]::new);

        assertThat(column(strings(before), Data.strings(now)).verdict()).isEqualTo(Verdict.STABLE);
    }

    @Test
    void aColumnThatBecameConstantIsNamedSo() {
        ColumnDrift numeric = column(numbers(normal(1, 300)), Data.numbers(new double[200]));
        ColumnDrift levels = column(strings(cycle(300, "a", "b", "c")), Data.strings(cycle(200, "b")));

        for (ColumnDrift column : List.of(numeric, levels)) {
            Finding constant = column.finding(Check.CONSTANT).orElseThrow();
            assertThat(constant.alarm()).isTrue();
            assertThat(constant.correctedP())
                    .isEqualTo(column.finding(Check.VALUES).orElseThrow().correctedP());
        }
        assertThat(numeric.finding(Check.CONSTANT).orElseThrow().effectSize()).isGreaterThan(0.9);
        assertThat(levels.finding(Check.CONSTANT).orElseThrow().why()).contains("'b'");
        assertThat(column(numbers(new double[100]), Data.numbers(new double[100]))
                        .finding(Check.CONSTANT))
                .isEmpty();
    }

    @Test
    void missingValuesAreAFindingOfTheirOwn() {
        double[] now = normal(2, 1000);
        for (int i = 0; i < 200; i++) {
            now[i] = Double.NaN;
        }
        ColumnDrift column = column(numbers(normal(1, 1000)), Data.numbers(now));

        assertThat(column.leading().orElseThrow().check()).isEqualTo(Check.MISSING);
        assertThat(column.verdict()).isEqualTo(Verdict.DRIFT);
        assertThat(column.finding(Check.VALUES).orElseThrow().alarm()).isFalse();
    }

    @Test
    void allCheckedPValuesAreOneFamily() {
        DriftReport report = report(numbers(normal(1, 1000)), Data.numbers(normal(2, 1000)));

        List<Finding> findings = report.columns().get(0).findings();
        assertThat(findings).extracting(Finding::check).containsExactlyInAnyOrder(Check.VALUES, Check.RANGE);
        double least =
                findings.stream().mapToDouble(f -> f.score().pValue()).min().orElseThrow();
        double most =
                findings.stream().mapToDouble(f -> f.score().pValue()).max().orElseThrow();
        assertThat(findings)
                .allSatisfy(f -> assertThat(f.correctedP())
                        .isEqualTo(f.score().pValue() == most ? most : Math.min(most, 2 * least)));
    }

    @Test
    void columnsHaveRulesOfTheirOwn() {
        double[] now = DoubleStream.of(normal(2, 1000)).map(x -> x + 0.4).toArray();
        ReferenceProfile reference = numbers(normal(1, 1000));
        WindowProfile window = window(reference, Data.numbers(now));

        assertThat(POLICY.compare("m", Instant.EPOCH, reference, window).hasDrift())
                .isTrue();
        assertThat(DriftPolicy.builder()
                        .column("x", rule -> rule.limit(0.3).without(Check.RANGE))
                        .build()
                        .compare("m", Instant.EPOCH, reference, window)
                        .columns()
                        .get(0))
                .satisfies(column -> {
                    assertThat(column.verdict()).isEqualTo(Verdict.STABLE);
                    assertThat(column.finding(Check.RANGE)).isEmpty();
                    assertThat(column.why()).isEqualTo("a change, but too small to matter");
                });
        assertThat(DriftPolicy.builder()
                        .column("x", Rule::ignore)
                        .build()
                        .compare("m", Instant.EPOCH, reference, window)
                        .columns())
                .isEmpty();
        assertThat(DriftPolicy.builder()
                        .column("x", rule -> rule.minimumRows(1001))
                        .build()
                        .compare("m", Instant.EPOCH, reference, window)
                        .columns()
                        .get(0)
                        .verdict())
                .isEqualTo(Verdict.INSUFFICIENT_DATA);
        assertThat(DriftPolicy.builder()
                        .column("y", rule -> rule.limit(9))
                        .column("x", rule -> rule.test(new Psi()))
                        .column("x", rule -> rule.effect(new Psi(), 0.1))
                        .build()
                        .compare("m", Instant.EPOCH, reference, window)
                        .columns()
                        .get(0)
                        .finding(Check.VALUES)
                        .orElseThrow())
                .satisfies(finding -> {
                    assertThat(finding.test()).isEqualTo("psi");
                    assertThat(finding.effect()).isEqualTo("psi");
                    assertThat(finding.alarm()).isTrue();
                });
    }

    @Test
    void aStatisticThatThrowsLeavesItsColumnOnly() {
        DriftStatistic broken = new DriftStatistic() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public boolean supports(ColumnProfile reference) {
                return true;
            }

            @Override
            public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
                throw new IllegalStateException("secret");
            }
        };
        ModelSignature signature = Data.FLOWERS;
        SplittableRandom random = new SplittableRandom(1);
        ReferenceProfile reference = ReferenceProfile.builder(signature)
                .add(Data.flowers(random, 500, 0))
                .build();
        DriftReport report = DriftPolicy.builder()
                .column("sepal_width", rule -> rule.test(broken))
                .build()
                .compare("m", Instant.EPOCH, reference, window(reference, Data.flowers(random, 500, 2)));

        assertThat(report.drifted(Kind.INPUT)).containsExactly("sepal_length");
        ColumnDrift column = report.column("sepal_width").orElseThrow();
        assertThat(column.verdict()).isEqualTo(Verdict.INSUFFICIENT_DATA);
        assertThat(column.why()).contains("'broken'").doesNotContain("secret");
    }

    @Test
    void anEarlierWindowIsAReferenceToo() {
        ReferenceProfile reference = strings(cycle(900, "a", "b", "c"));
        WindowProfile earlier = window(reference, Data.strings(cycle(600, "a", "b", "x")));
        WindowProfile same = window(reference, Data.strings(cycle(500, "a", "b", "x")));
        WindowProfile other = window(reference, Data.strings(cycle(500, "a", "c", "y")));

        assertThat(POLICY.compare("m", Instant.EPOCH, reference, same).hasDrift())
                .isTrue();
        assertThat(POLICY.compare("m", Instant.EPOCH, earlier, same).hasDrift()).isFalse();
        ColumnDrift column =
                POLICY.compare("m", Instant.EPOCH, earlier, other).columns().get(0);
        // c is the reference's, but new to the earlier window.
        assertThat(column.finding(Check.NEW_LEVELS).orElseThrow().effectSize()).isBetween(0.66, 0.67);
        assertThat(column.finding(Check.NEW_LEVELS).orElseThrow().why()).contains("'c'", "'y'");
        assertThat(column.finding(Check.LOST_LEVELS).orElseThrow().why()).contains("'b'", "'x'");
    }

    @Test
    void aSampleCountsAsWhatItIs() {
        ReferenceProfile reference = numbers(normal(1, 1000));
        DriftReport report =
                POLICY.compare("m", Instant.EPOCH, reference, window(reference, Data.numbers(normal(2, 400)), 3));

        assertThat(report.sampling()).isEqualTo(3);
        assertThat(report.currentRows()).isEqualTo(400);
        assertThat(report.toString()).contains("400 rows (one in 8) against 1000");
    }

    @Test
    void tablesOfDifferentColumnsAreCompared() {
        Profile before = new Profile(
                500,
                Map.of(
                        "same", renamed("same", numbers(normal(1, 500))),
                        "gone", renamed("gone", numbers(normal(1, 500))),
                        "other", renamed("other", numbers(normal(1, 500)))));
        Profile now = new Profile(
                500,
                Map.of(
                        "same", renamed("same", numbers(normal(1, 500))),
                        "come", renamed("come", numbers(normal(1, 500))),
                        "other", renamed("other", strings(cycle(500, "a")))));

        DriftReport report = POLICY.compare("table", Instant.EPOCH, before, now);

        assertThat(report.drifted(Kind.INPUT)).containsExactlyInAnyOrder("gone", "come", "other");
        for (String name : List.of("gone", "come", "other")) {
            Finding finding = report.column(name).orElseThrow().leading().orElseThrow();
            assertThat(finding.check()).isEqualTo(Check.COLUMN);
            assertThat(finding.correctedP()).isZero();
        }
        assertThat(report.column("other").orElseThrow().why())
                .isEqualTo("the column was numeric and is categorical now");
    }

    private static ColumnProfile renamed(String name, ReferenceProfile of) {
        ColumnProfile only = of.inputs().columns().values().iterator().next();
        if (only instanceof CategoricalProfile levels) {
            return new CategoricalProfile(
                    name,
                    levels.missing(),
                    levels.levels(),
                    levels.counts(),
                    levels.unseen(),
                    levels.bound(),
                    levels.outside());
        }
        NumericProfile column = (NumericProfile) only;
        return new NumericProfile(
                name,
                column.missing(),
                column.nan(),
                column.negativeInfinities(),
                column.positiveInfinities(),
                column.moments(),
                column.distribution(),
                column.distinctCount());
    }

    @Test
    void profilesOverOtherEdgesAreRefused() {
        assertThatThrownBy(() -> POLICY.compare(
                        "m",
                        Instant.EPOCH,
                        numbers(normal(1, 100)).inputs(),
                        numbers(normal(2, 100)).inputs()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("profile the current data over the reference's");
    }

    @Test
    void aChangeOfShapeOfSketchesIsExplained() {
        double[] two = IntStream.range(0, 1000).mapToDouble(i -> i % 2).toArray();
        double[] spread = IntStream.range(0, 1000).mapToDouble(i -> i / 999.0).toArray();

        ColumnDrift narrower = sketches(spread, two);
        ColumnDrift wider = sketches(two, spread);

        assertThat(narrower.verdict()).isEqualTo(Verdict.DRIFT);
        assertThat(narrower.why()).startsWith("values moved: 50.0 % lie where the reference has its lowest ");
        assertThat(wider.verdict()).isEqualTo(Verdict.DRIFT);
        assertThat(wider.why()).contains("where the reference has its lowest 50.0 %");
    }

    private static ColumnDrift sketches(double[] before, double[] now) {
        return POLICY.compare("m", Instant.EPOCH, sketch(before), sketch(now))
                .columns()
                .get(0);
    }

    private static Profile sketch(double[] values) {
        double[] sorted = DoubleStream.of(values).sorted().toArray();
        double[] distinct = DoubleStream.of(sorted).distinct().toArray();
        long[] counts = DoubleStream.of(distinct)
                .mapToLong(x -> DoubleStream.of(values).filter(v -> v == x).count())
                .toArray();
        ExactSum sum = ExactSum.ZERO;
        ExactSum squares = ExactSum.ZERO;
        for (double value : values) {
            ExactSum exact = ExactSum.of(value);
            sum = sum.plus(exact);
            squares = squares.plus(exact.times(exact));
        }
        long[] keys = DoubleStream.of(distinct).mapToLong(x -> Sketch.key(x, 0)).toArray();
        NumericProfile column = new NumericProfile(
                "x",
                0,
                0,
                0,
                0,
                new Moments(values.length, sorted[0], sorted[values.length - 1], sum, squares),
                new Sketch(0, keys, counts),
                new DistinctCount(distinct.length, new byte[0]));
        return new Profile(values.length, Map.of("x", column));
    }

    /** The range of a window is that of all its rows, of which a thinned sample has a few. */
    @Test
    void theRangeOfAThinnedWindowDoesNotAlarmByItself() {
        SplittableRandom random = new SplittableRandom(3);
        int alarms = 0;
        for (int i = 0; i < 60; i++) {
            ReferenceProfile reference = numbers(random.doubles(20_000).toArray());
            WindowProfiler profiler = reference.profiler();
            profiler.add(Data.numbers(random.doubles(1600).toArray()), null, 0);
            profiler.add(Data.numbers(random.doubles(10).toArray()), null, 5);
            DriftReport report = POLICY.compare("m", Instant.EPOCH, reference, profiler.profile());
            assertThat(report.currentRows()).isBetween(30L, 100L);
            alarms += report.hasDrift() ? 1 : 0;
        }
        assertThat(alarms).isLessThanOrEqualTo(6);
    }

    @Test
    void valuesInASentenceHaveTheSameDigitsOnEveryJdk() {
        double[] before =
                IntStream.range(0, 100).mapToDouble(i -> i % 2 * 0x1p-44).toArray();
        double[] now = IntStream.range(0, 100).mapToDouble(i -> i % 2 * 0x1p-43).toArray();

        // Before version 19 the JDK writes 5.6843418860808015E-14.
        assertThat(column(numbers(before), Data.numbers(now)).why()).contains(" to 5.684341886080802E-14: ");
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NEGATIVE_INFINITY})
    void whatIsNoProbabilityIsNoPValue(double p) {
        DriftStatistic odd = new DriftStatistic() {
            @Override
            public String name() {
                return "odd";
            }

            @Override
            public boolean supports(ColumnProfile reference) {
                return true;
            }

            @Override
            public DriftScore compare(ColumnProfile reference, ColumnProfile current) {
                return DriftScore.test(1, p, 1, reference.present(), current.present());
            }
        };
        ReferenceProfile reference = numbers(normal(1, 500));
        ColumnDrift column = DriftPolicy.builder()
                .numericTest(odd)
                .build()
                .compare("m", Instant.EPOCH, reference, window(reference, Data.numbers(normal(2, 500))))
                .columns()
                .get(0);

        assertThat(column.verdict()).isEqualTo(Verdict.INSUFFICIENT_DATA);
        assertThat(column.why()).contains("'odd' gave no p-value");
    }

    /** Whoever logs a finding or a column logs no values. */
    @Test
    void findingsAndColumnsAsTextNameNoLevel() {
        ColumnDrift column = column(
                strings(cycle(2000, "a", "b", "c", "hidden")), Data.strings(cycle(1000, "a", "b", "c", "secret")));

        assertThat(column.finding(Check.NEW_LEVELS).orElseThrow().why()).contains("secret");
        assertThat(column.toString())
                .contains("NEW_LEVELS", "LOST_LEVELS", "chernoff")
                .doesNotContain("secret", "hidden");
    }

    @Test
    void theChoiceIsExplained() {
        assertThat(column(numbers(normal(1, 2000)), Data.numbers(normal(2, 500)))
                        .choice())
                .isEqualTo(
                        "numeric, 2,000 values and 500: ks over 22 bins; law of the greatest difference at their edges:"
                                + " exact; matters from ks 0.1");
        assertThat(column(strings(cycle(2000, "a", "b", "c")), Data.strings(cycle(500, "a", "b", "c")))
                        .choice())
                .isEqualTo("categorical, 2,000 values and 500: chi-square over 3 levels; law: chi-square;"
                        + " matters from tvd-corrected 0.1");
        assertThat(column(strings(cycle(2000, "a", "b", "c")), Data.strings("a"))
                        .choice())
                .isEqualTo("1 values now and 2000 in the reference, 30 needed on both sides");
    }

    @Test
    void theTableNamesEachAlarmAndNoLevel() {
        String[] now = cycle(1000, "a", "b", "c", "secret");
        String table = report(strings(cycle(2000, "a", "b", "c", "d")), Data.strings(now))
                .toString();

        assertThat(table)
                .startsWith("drift of m: 1 of 1 columns, 0 with too few values; 1000 rows against 2000")
                .contains("new levels", "lost levels", "values")
                .doesNotContain("secret");
        assertThat(table.lines().filter(line -> line.startsWith("x ")))
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).contains("DRIFT"));
    }
}
