package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.LevelSample;
import io.jvmlops.api.monitoring.LevelSample.Level;
import io.jvmlops.monitoring.profile.LevelCounter.Known;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class LevelSamplePropertyTest {
    private static LevelSample sample(List<String> rows, int limit) {
        LevelCounter counter = new LevelCounter("x", Known.of(List.of(), -1L), limit);
        rows.forEach(counter::add);
        return counter.profile().unseen();
    }

    /** All levels counted, then the least by hash. */
    private static LevelSample expected(List<String> rows, int limit) {
        Map<String, Long> counts = new HashMap<>();
        rows.forEach(r -> counts.merge(r, 1L, Long::sum));
        List<Level> levels = new ArrayList<>();
        counts.forEach((name, count) -> levels.add(new Level(name, Distinct.hash(name), count)));
        levels.sort(Level.ORDER);
        return new LevelSample(limit, rows.size(), levels.subList(0, Math.min(limit, levels.size())));
    }

    @Property(tries = 200)
    void anySplitOrderAndTreeGivesTheLeastByHash(
            @ForAll @IntRange(max = 600) int rows,
            @ForAll @IntRange(min = 1, max = 200) int levels,
            @ForAll @IntRange(max = 40) int limit,
            @ForAll @IntRange(min = 1, max = 9) int parts,
            @ForAll long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<List<String>> split = new ArrayList<>();
        List<String> all = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            split.add(new ArrayList<>());
        }
        for (int i = 0; i < rows; i++) {
            String level = "level" + Math.min(random.nextInt(levels), random.nextInt(levels));
            all.add(level);
            split.get(random.nextInt(parts)).add(level);
        }
        List<LevelSample> samples = new ArrayList<>();
        split.forEach(part -> samples.add(sample(part, limit)));
        while (samples.size() > 1) {
            LevelSample a = samples.remove(random.nextInt(samples.size()));
            LevelSample b = samples.remove(random.nextInt(samples.size()));
            samples.add(a.plus(b));
        }

        LevelSample whole = expected(all, limit);
        assertThat(samples.get(0)).isEqualTo(whole);
        assertThat(sample(all, limit)).isEqualTo(whole);
        if (whole.isComplete()) {
            assertThat(whole.distinct())
                    .isEqualTo((double) all.stream().distinct().count());
        }
    }

    @Example
    void equalHashesAreOrderedByName() {
        LevelSample a = new LevelSample(2, 5, List.of(new Level("b", -1, 2), new Level("c", -1, 3)));
        LevelSample b = new LevelSample(2, 4, List.of(new Level("a", -1, 1), new Level("c", -1, 3)));

        assertThat(a.plus(b)).isEqualTo(new LevelSample(2, 9, List.of(new Level("a", -1, 1), new Level("b", -1, 2))));
        assertThat(b.plus(a)).isEqualTo(a.plus(b));
        assertThatThrownBy(() -> a.plus(LevelSample.empty(3))).isInstanceOf(IllegalArgumentException.class);
    }

    @Example
    void aMillionLevelsAreKeptInBounds() {
        LevelCounter counter = (LevelCounter)
                ColumnPlan.of("x", io.jvmlops.api.data.DataType.BYTES).newCounter();
        for (int i = 0; i < 1_000_000; i++) {
            counter.add("customer " + i);
        }
        counter.add("customer 7");
        LevelSample sample = counter.profile().unseen();

        assertThat(sample.levels()).hasSize(ColumnPlan.MAX_LEVELS);
        assertThat(sample.rows()).isEqualTo(1_000_001);
        // Three of its standard errors of 1 %.
        assertThat(sample.distinct()).isBetween(970_000.0, 1_030_000.0);

        CategoricalProfile reference = (CategoricalProfile) Profiles.asReference(
                        new io.jvmlops.api.monitoring.Profile(sample.rows(), Map.of("x", counter.profile())))
                .columns()
                .get("x");
        assertThat(reference.levels()).hasSize(ColumnPlan.MAX_LEVELS);
        assertThat(reference.outside()).isEqualTo(1_000_001 - sample.sampledRows());
        assertThat(reference.count()).isEqualTo(1_000_001);
        LevelCounter again = (LevelCounter) ColumnPlan.like(reference).newCounter();
        for (int i = 0; i < 1_000_000; i++) {
            again.add("customer " + i);
        }
        again.add("customer 7");
        // The same levels are told apart, and none is new.
        assertThat(again.profile().counts()).isEqualTo(reference.counts());
        assertThat(again.profile().outside()).isEqualTo(reference.outside());
        assertThat(again.profile().other()).isZero();
    }

    @Example
    void longLevelsStayApartInFewCharacters() {
        LevelCounter counter = new LevelCounter("x", Known.of(List.of(), -1L), 10);
        counter.add("x".repeat(100_000));
        counter.add("x".repeat(100_000));
        counter.add("x".repeat(100_001));

        LevelSample sample = counter.profile().unseen();
        assertThat(sample.levels()).hasSize(2).allMatch(l -> l.name().length() <= LevelCounter.MAX_LENGTH);
        assertThat(sample.levels().stream().mapToLong(Level::count).sorted().toArray())
                .containsExactly(1, 2);
    }

    @Example
    void namesAreHashedAsEver() {
        // Part of the stored form: these never change.
        assertThat(Arrays.asList("", "a", "level", "é\ud83d\ude00").stream()
                        .map(s -> Long.toHexString(Distinct.hash(s)))
                        .toList())
                .containsExactly("b7683ea7430132b4", "c7c659e137851c84", "7320301126e91cca", "5806192b406349f7");
    }
}
