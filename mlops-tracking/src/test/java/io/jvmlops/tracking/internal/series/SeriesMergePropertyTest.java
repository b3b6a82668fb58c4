package io.jvmlops.tracking.internal.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class SeriesMergePropertyTest {
    /** Counts how many are open or have been. */
    private static final class Part implements SeriesMerge.Source {
        private final PointColumns points;
        private int opened;

        Part(PointColumns points) {
            this.points = points;
        }

        @Override
        public Mark first() {
            return points.markAt(0);
        }

        @Override
        public Mark last() {
            return points.markAt(points.size() - 1);
        }

        @Override
        public PointColumns open() {
            opened++;
            return points;
        }
    }

    @Property(tries = 300)
    void mergesAnyCutOfASeries(
            @ForAll long seed, @ForAll @IntRange(max = 1_500) int n, @ForAll @IntRange(min = 1, max = 20) int parts) {
        PointColumns points = SeriesSamples.points(seed, n);
        List<Part> sources = cut(points, parts, new Random(seed));
        points.sort();
        assertThat(SeriesSamples.marks(drain(new SeriesMerge(sources), new Random(seed))))
                .isEqualTo(SeriesSamples.marks(points));
        assertThat(sources).allMatch(source -> source.opened == 1);
    }

    @Property(tries = 300)
    void goesOnWhereItWasAfterTheSourcesAreCutAnew(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 800) int n,
            @ForAll @IntRange(min = 1, max = 20) int parts) {
        PointColumns points = SeriesSamples.points(seed, n);
        Random random = new Random(seed);
        List<Part> sources = cut(points, parts, random);
        points.sort();
        int read = 1 + random.nextInt(n);
        Mark last = points.markAt(read - 1);
        long equal = 0;
        for (int i = read - 1; i >= 0 && points.markAt(i).equals(last); i--) {
            equal++;
        }
        assertThat(SeriesSamples.marks(drain(SeriesMerge.after(last, equal, sources), random)))
                .isEqualTo(SeriesSamples.marks(points).subList(read, n));
    }

    @Example
    void opensASourceWhenItsTurnHasCome() {
        PointColumns points = SeriesSamples.points(new Random(1), 1_000, 0, 0, 0);
        List<Part> sources = new ArrayList<>();
        for (int from = 0; from < 1_000; from += 100) {
            PointColumns part = new PointColumns();
            part.addAll(points, from, from + 100);
            sources.add(0, new Part(part));
        }
        SeriesMerge merge = new SeriesMerge(sources);
        PointColumns into = new PointColumns();
        assertThat(sources).allMatch(source -> source.opened == 0);
        assertThat(merge.drainTo(into, 250)).isEqualTo(250);
        assertThat(sources.stream().filter(source -> source.opened == 1)).hasSize(3);
        Mark place = points.markAt(849);
        List<Part> again =
                sources.stream().map(source -> new Part(source.points)).toList();
        assertThat(SeriesMerge.after(place, 1, again).drainTo(new PointColumns(), 10))
                .isEqualTo(10);
        assertThat(again.stream().filter(source -> source.opened == 1)).hasSize(1);
    }

    @Example
    void equalPointsInManySourcesAreReadOneSourceAtATime() {
        List<Part> sources = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            PointColumns part = new PointColumns();
            for (int j = 0; j < 10; j++) {
                part.add(0, 0, 1.5);
            }
            sources.add(new Part(part));
        }
        SeriesMerge merge = new SeriesMerge(sources);
        merge.drainTo(new PointColumns(), 5);
        assertThat(sources.stream().filter(source -> source.opened == 1)).hasSize(1);
        assertThat(drain(merge, new Random(1)).size()).isEqualTo(495);
        assertThatThrownBy(() -> merge.drainTo(new PointColumns(), 0)).isInstanceOf(IllegalArgumentException.class);
    }

    private static PointColumns drain(SeriesMerge merge, Random random) {
        PointColumns drained = new PointColumns();
        int limit = 1 + random.nextInt(400);
        int count;
        do {
            count = merge.drainTo(drained, limit);
            assertThat(count).isLessThanOrEqualTo(limit);
        } while (count > 0);
        return drained;
    }

    /** Deals points out by chance or in stretches; each part sorted, none empty. */
    private static List<Part> cut(PointColumns points, int parts, Random random) {
        List<PointColumns> cut = new ArrayList<>();
        for (int i = 0; i < parts; i++) {
            cut.add(new PointColumns());
        }
        boolean stretches = random.nextBoolean();
        for (int i = 0; i < points.size(); i++) {
            int part = stretches ? (int) ((long) i * parts / points.size()) : random.nextInt(parts);
            cut.get(part).addAll(points, i, i + 1);
        }
        List<Part> sources = new ArrayList<>();
        for (PointColumns part : cut) {
            if (!part.isEmpty()) {
                part.sort();
                sources.add(new Part(part));
            }
        }
        Collections.shuffle(sources, random);
        return sources;
    }
}
