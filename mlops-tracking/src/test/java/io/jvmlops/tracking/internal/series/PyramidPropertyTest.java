package io.jvmlops.tracking.internal.series;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.tracking.MetricBucket;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.StepBlocks;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

class PyramidPropertyTest {
    @Property(tries = 300)
    void answersAsThePointsThemselvesDo(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 3_000) int n,
            @ForAll @IntRange(min = 1, max = 400) int batch) {
        PointColumns points = SeriesSamples.points(seed, n);
        MemoryPages pages = new MemoryPages();
        PyramidState state = fill(points, batch, new Random(seed), pages);
        assertThat(state.points()).isEqualTo(n);
        assertThat(pages.levels()).containsExactlyElementsOf(state.levels());
        assertThat(state.bytes()).isEqualTo(pages.bytes());
        List<MetricPoint> sorted = SeriesSamples.sorted(points);
        Random random = new Random(~seed);
        for (int question = 0; question < 8; question++) {
            long lo = question < 3
                    ? state.firstStep()
                    : sorted.get(random.nextInt(n)).step();
            long hi = question < 3
                    ? state.lastStep()
                    : sorted.get(random.nextInt(n)).step();
            if (question == 7) {
                lo = random.nextLong();
                hi = random.nextLong();
            }
            assertAnswers(state, pages, sorted, Math.min(lo, hi), Math.max(lo, hi), 1 + random.nextInt(200));
        }
    }

    private static void assertAnswers(
            PyramidState state, MemoryPages pages, List<MetricPoint> sorted, long lo, long hi, int buckets) {
        int level = Math.max(state.base(), StepBlocks.level(lo, hi, buckets));
        NodeTable answer = new NodeTable(level);
        assertThat(Pyramid.query(state, lo, hi, pages, answer)).isTrue();
        long first = StepBlocks.block(level, lo);
        long last = StepBlocks.block(level, hi);
        List<MetricBucket> expected = StepBlocks.bucket(level, sorted).stream()
                .filter(bucket -> StepBlocks.block(level, bucket.firstStep()) >= first
                        && StepBlocks.block(level, bucket.firstStep()) <= last)
                .toList();
        assertThat(answer.toBuckets("m")).isEqualTo(expected);
        assertThat(expected.size()).isLessThanOrEqualTo(buckets);
    }

    @Property(tries = 200)
    void pointsThemselvesAnswerAtEveryLevel(@ForAll long seed, @ForAll @IntRange(max = 500) int n) {
        PointColumns points = SeriesSamples.points(seed, n);
        List<MetricPoint> sorted = SeriesSamples.sorted(points);
        points.sort();
        for (int level = 0; level <= StepBlocks.MAX_LEVEL; level += 1 + new Random(seed + level).nextInt(9)) {
            NodeTable table = new NodeTable(level);
            table.add(points);
            assertThat(table.toBuckets("m")).isEqualTo(StepBlocks.bucket(level, sorted));
        }
    }

    @Example
    void finerThanTheBaseIsLeftToThePoints() {
        PointColumns points = SeriesSamples.points(new Random(1), 4_000, 0, 0, 0);
        MemoryPages pages = new MemoryPages();
        PyramidState state = Pyramid.update(null, points, pages);
        assertThat(state.base()).isEqualTo(8);
        NodeTable answer = new NodeTable(state.base() - 1);
        assertThat(Pyramid.query(state, state.firstStep(), state.lastStep(), pages, answer))
                .isFalse();
        assertThat(answer.size()).isZero();
        assertThat(Pyramid.plan(state, state.base() - 1, 0, 10)).isNull();
    }

    @Example
    void aLongSeriesIsAnsweredFromFewPages() {
        MemoryPages pages = new MemoryPages();
        PyramidState state = null;
        PointColumns all = SeriesSamples.points(new Random(1), 400_000, 0, 0, 1);
        for (int from = 0; from < all.size(); from += 4_000) {
            PointColumns batch = new PointColumns();
            batch.addAll(all, from, from + 4_000);
            state = Pyramid.update(state, batch, pages);
        }
        assertThat(pages.bytes()).isLessThan(all.size() / 5);
        for (int buckets : new int[] {10, 100, 500}) {
            int level = StepBlocks.level(state.firstStep(), state.lastStep(), buckets);
            Pyramid.Plan plan = Pyramid.plan(state, level, state.firstStep(), state.lastStep());
            assertThat(plan).isNotNull();
            assertThat(plan.lastPage() - plan.firstPage()).isLessThanOrEqualTo(8L * buckets / PageCodec.BLOCKS + 1);
        }
    }

    @Example
    void sparsePointsMakeTheBaseCoarser() {
        MemoryPages pages = new MemoryPages();
        PyramidState state = Pyramid.update(null, SeriesSamples.points(new Random(1), 512, 0, 0, 0), pages);
        int dense = state.base();
        Random random = new Random(2);
        for (int i = 0; i < 20; i++) {
            PointColumns sparse = new PointColumns();
            for (int j = 0; j < 512; j++) {
                sparse.add(random.nextLong() >> 10, j, j);
            }
            sparse.sort();
            state = Pyramid.update(state, sparse, pages);
        }
        assertThat(state.base()).isGreaterThan(dense);
        assertThat(pages.bytes()).isLessThanOrEqualTo(state.points() / 5);
        assertThat(pages.levels()).containsExactlyElementsOf(state.levels());
    }

    @Example
    void pagesStaySmallWhenPointsComeInClustersFarApart() {
        MemoryPages pages = new MemoryPages();
        PyramidState state = null;
        for (int cluster = 0; cluster < 200; cluster++) {
            PointColumns points = new PointColumns();
            for (int i = 0; i < 200; i++) {
                points.add(cluster * 1_000_000L + i, cluster, Math.sqrt(i));
            }
            state = Pyramid.update(state, points, pages);
        }
        assertThat(pages.bytes()).isEqualTo(state.bytes()).isLessThanOrEqualTo(state.points() / 5);
    }

    private static PyramidState fill(PointColumns points, int batch, Random random, PageStore pages) {
        @Nullable PyramidState state = null;
        int[] order =
                random.ints(0, points.size()).distinct().limit(points.size()).toArray();
        boolean late = random.nextBoolean();
        for (int from = 0; from < points.size(); from += batch) {
            PointColumns part = new PointColumns();
            for (int i = from; i < Math.min(points.size(), from + batch); i++) {
                int point = late ? order[i] : i;
                part.addAll(points, point, point + 1);
            }
            part.sort();
            state = Pyramid.update(state, part, pages);
        }
        return state;
    }
}
