package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.search.Field;
import io.jvmlops.api.search.Fields;
import io.jvmlops.api.search.Filter;
import io.jvmlops.api.search.Filter.Comparison;
import io.jvmlops.api.search.NumberField;
import io.jvmlops.api.search.Order;
import io.jvmlops.api.search.Page;
import io.jvmlops.api.search.Search;
import io.jvmlops.api.search.TextField;
import io.jvmlops.api.tracking.DatasetInput;
import io.jvmlops.api.tracking.ExperimentChanges;
import io.jvmlops.api.tracking.ExperimentInfo;
import io.jvmlops.api.tracking.ExperimentQuery;
import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.api.tracking.NewRun;
import io.jvmlops.api.tracking.RunChanges;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.RunStatus;
import io.jvmlops.api.tracking.RunTags;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.api.tracking.View;
import io.jvmlops.test.ManualClock;
import io.jvmlops.test.tracking.InMemoryTrackingStore;
import io.jvmlops.tracking.postgres.PostgresStores;
import io.jvmlops.tracking.postgres.TestServer;
import io.jvmlops.tracking.sqlite.SqliteStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** The three stores find the same: what filtering and sorting everything in memory finds. */
class RunSearchPropertyIT {
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00Z");
    private static final int RUNS = 150;
    private static final List<String> EXPERIMENTS = List.of("1", "2", "3", "4");
    private static final List<String> KEYS = List.of("a", "b", "it's \"k\"", "none");
    private static final List<Double> NUMBERS = List.of(
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.1,
            Double.MIN_VALUE,
            Double.MAX_VALUE,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY);
    private static final List<String> TEXTS = List.of(
            "",
            "a",
            "A",
            "ab",
            "aB",
            "b_c",
            "%",
            "*",
            "[a]",
            "\\",
            "'",
            "ä",
            "Ä",
            "\ud7ff",
            "\ue000",
            "\ud83d\ude00",
            "x".repeat(64),
            "x".repeat(65),
            "x".repeat(64) + "y",
            "\ud83d\ude00".repeat(64) + "z");

    private static Path folder;
    private static SqliteStores sqlite;
    private static PostgresStores postgres;
    private static List<TrackingStore> stores;
    private static List<RunInfo> runs;
    private static List<ExperimentInfo> experiments;

    @BeforeContainer
    static void fill() throws IOException {
        folder = Files.createTempDirectory("search");
        ManualClock clock = new ManualClock(T0);
        sqlite = SqliteStores.builder(folder.resolve("test.db")).clock(clock).open();
        postgres = PostgresStores.builder(TestServer.source())
                .schema(TestServer.newSchema())
                .clock(clock)
                .open();
        InMemoryTrackingStore memory = new InMemoryTrackingStore(clock);
        stores = List.of(sqlite.runs(), postgres.runs(), memory);
        SplittableRandom random = new SplittableRandom(42);
        for (int e = 0; e < EXPERIMENTS.size(); e++) {
            Map<String, String> tags = e == 0 ? Map.of() : Map.of("a", pick(random, TEXTS), "b", "v" + e % 2);
            for (TrackingStore store : stores) {
                store.createExperiment("experiment " + (char) ('d' - e), tags);
            }
            clock.advance(Duration.ofMillis(e % 2));
        }
        for (int i = 0; i < RUNS; i++) {
            // Many in the first experiment, few in the others.
            String experiment = EXPERIMENTS.get(Math.max(0, random.nextInt(8) - 4));
            String id = "r" + Integer.toString(random.nextInt(46_656) + 46_656 * i, 36);
            NewRun start = new NewRun(id, experiment, pick(random, TEXTS) + "n", T0.plusMillis(random.nextInt(20)));
            RunChanges changes = changes(random);
            boolean deleted = random.nextInt(10) == 0;
            for (TrackingStore store : stores) {
                store.createRun(start);
                store.updateRun(id, changes);
                if (deleted) {
                    store.updateRun(id, RunChanges.builder().delete().build());
                }
            }
        }
        stores.forEach(store -> store.updateExperiment("4", ExperimentChanges.delete()));
        runs = memory.search(RunQuery.all().view(View.ALL)).items();
        experiments =
                memory.searchExperiments(ExperimentQuery.all().view(View.ALL)).items();
        assertThat(runs).hasSize(RUNS);
    }

    private static RunChanges changes(SplittableRandom random) {
        RunChanges.Builder changes = RunChanges.builder();
        for (String key : KEYS.subList(0, 3)) {
            if (random.nextInt(4) > 0) {
                double value = random.nextInt(6) == 0
                        ? Double.longBitsToDouble(
                                random.nextBoolean() ? 0xfff8_0000_0000_0007L : 0x7ff8_0000_0000_0000L)
                        : pick(random, NUMBERS);
                changes.metric(new MetricPoint(key, 1, 1, value));
            }
            if (random.nextInt(4) > 0) {
                changes.param(key, pick(random, TEXTS));
            }
            if (random.nextInt(4) > 0) {
                changes.tag(key, pick(random, TEXTS));
            }
        }
        if (random.nextBoolean()) {
            changes.tag(RunTags.USER, pick(random, TEXTS));
        }
        for (int input = random.nextInt(4); input > 1; input--) {
            changes.input(new DatasetInput(
                    new DatasetVersion(
                            "n" + pick(random, TEXTS), Digest.of(new byte[] {(byte) random.nextInt(3)}), "source"),
                    random.nextBoolean() ? null : "c" + pick(random, TEXTS)));
        }
        if (random.nextBoolean()) {
            changes.end(
                    random.nextBoolean() ? RunStatus.FINISHED : RunStatus.FAILED,
                    T0.plusMillis(random.nextInt(20)),
                    random.nextBoolean() ? null : pick(random, TEXTS));
        }
        return changes.build();
    }

    private static <T> T pick(SplittableRandom random, List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    @AfterContainer
    static void close() throws IOException {
        sqlite.close();
        postgres.close();
        try (var files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Property(tries = 250, shrinking = ShrinkingMode.BOUNDED)
    void everyStoreFindsWhatFilteringAndSortingFinds(
            @ForAll("filters") Filter filter,
            @ForAll("orders") List<Order> orders,
            @ForAll View view,
            @ForAll("experiments") Set<String> ids,
            @ForAll @IntRange(min = 1, max = 60) int limit) {
        RunQuery query = RunQuery.all()
                .where(filter)
                .orderBy(orders.toArray(Order[]::new))
                .view(view)
                .limitedTo(limit);
        RunQuery scoped = ids.isEmpty() ? query : query.inExperiments(ids);
        List<RunInfo> expected = expected(scoped);
        for (TrackingStore store : stores) {
            List<RunInfo> found = new ArrayList<>();
            String cursor = null;
            int pages = 0;
            do {
                Page<RunInfo> page = store.search(scoped.after(cursor));
                assertThat(page.items().size()).isEqualTo(Math.min(limit, expected.size() - found.size()));
                found.addAll(page.items());
                cursor = page.next();
            } while (cursor != null && ++pages < 3);
            assertThat(found)
                    .as(store + " " + scoped)
                    .isEqualTo(cursor == null ? expected : expected.subList(0, found.size()));
        }
    }

    /** What the definition says, without any of the code that finds it. */
    private static List<RunInfo> expected(RunQuery query) {
        Search search = query.search();
        List<String> ids = query.experimentIds();
        return runs.stream()
                .filter(run -> ids == null || ids.contains(run.experimentId()))
                .filter(run -> query.view() == View.ALL || run.isDeleted() == (query.view() == View.DELETED))
                .filter(run -> query.filter().matches(run.lookup()))
                .sorted(Comparator.comparing(run -> search.key(run.lookup()), search.comparator()))
                .toList();
    }

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void aCursorFromOneStoreGoesOnInAnother(
            @ForAll("orders") List<Order> orders, @ForAll @IntRange(min = 1, max = RUNS - 1) int at) {
        RunQuery query = RunQuery.all()
                .orderBy(orders.toArray(Order[]::new))
                .view(View.ALL)
                .limitedTo(20);
        List<RunInfo> expected = expected(query);
        Search search = query.search();
        String cursor = search.tokenAfter(search.key(expected.get(at - 1).lookup()));
        for (TrackingStore store : stores) {
            assertThat(store.search(query.after(cursor)).items())
                    .as(store + " " + query)
                    .isEqualTo(expected.subList(at, Math.min(RUNS, at + 20)));
        }
    }

    @Property(tries = 60, shrinking = ShrinkingMode.BOUNDED)
    void everyStoreFindsTheSameExperiments(
            @ForAll("experimentFilters") Filter filter,
            @ForAll("experimentOrders") List<Order> orders,
            @ForAll View view,
            @ForAll @IntRange(min = 1, max = 5) int limit) {
        ExperimentQuery query = ExperimentQuery.all()
                .where(filter)
                .orderBy(orders.toArray(Order[]::new))
                .view(view)
                .limitedTo(limit);
        Search search = query.search();
        List<ExperimentInfo> expected = experiments.stream()
                .filter(found -> view == View.ALL || found.isDeleted() == (view == View.DELETED))
                .filter(found -> filter.matches(found.lookup()))
                .sorted(Comparator.comparing(found -> search.key(found.lookup()), search.comparator()))
                .toList();
        for (TrackingStore store : stores) {
            List<ExperimentInfo> found = new ArrayList<>();
            String cursor = null;
            do {
                Page<ExperimentInfo> page = store.searchExperiments(query.after(cursor));
                found.addAll(page.items());
                cursor = page.next();
                assertThat(found).hasSizeLessThanOrEqualTo(expected.size());
            } while (cursor != null);
            assertThat(found).as(store + " " + query).isEqualTo(expected);
        }
    }

    @Property(tries = 100)
    void anyTextIsAnsweredOrPointedInto(@ForAll("pieces") String text) {
        RunQuery query;
        try {
            query = RunQuery.all().where(text);
        } catch (InvalidInputException e) {
            assertThat(e).hasMessageContaining("position");
            return;
        }
        Set<List<String>> answers = new HashSet<>();
        for (TrackingStore store : stores) {
            answers.add(store.search(query).items().stream().map(RunInfo::id).toList());
        }
        assertThat(answers).hasSize(1);
    }

    @Provide
    Arbitrary<String> pieces() {
        return Arbitraries.of(
                        "metrics.a < 1",
                        "params.b = 'a'",
                        "tags.\"it's \"\"k\"\"\" like '%a'",
                        "datasets.name",
                        "is null",
                        "and",
                        "or",
                        "not",
                        "(",
                        ")",
                        "'",
                        "status = 'FINISHED'",
                        "--",
                        ";")
                .list()
                .ofMaxSize(6)
                .map(pieces -> String.join(" ", pieces));
    }

    @Provide
    Arbitrary<Set<String>> experiments() {
        return Arbitraries.frequencyOf(
                Tuple.of(2, Arbitraries.just(Set.of())),
                Tuple.of(
                        3,
                        Arbitraries.of("1", "2", "4", "nope").set().ofMinSize(1).ofMaxSize(3)));
    }

    @Provide
    Arbitrary<List<Order>> orders() {
        Arbitrary<Field> fields = Arbitraries.frequencyOf(
                Tuple.of(4, Arbitraries.of(KEYS).map(Fields::metric)),
                Tuple.of(2, Arbitraries.of(KEYS).map(Fields::param)),
                Tuple.of(1, Arbitraries.of(KEYS).map(Fields::tag)),
                Tuple.of(
                        3,
                        Arbitraries.<Field>of(
                                Fields.START_TIME,
                                Fields.END_TIME,
                                Fields.RUN_ID,
                                Fields.RUN_NAME,
                                Fields.STATUS,
                                Fields.USER_ID,
                                Fields.ARTIFACT_URI,
                                Fields.EXPERIMENT_ID,
                                Fields.END_REASON)));
        return Combinators.combine(fields, Arbitraries.of(true, false))
                .as(Order::new)
                .list()
                .ofMaxSize(3);
    }

    @Provide
    Arbitrary<Filter> filters() {
        return filters(3, clauses());
    }

    private static Arbitrary<Filter> filters(int depth, Arbitrary<Filter> clauses) {
        if (depth == 0) {
            return clauses;
        }
        Arbitrary<Filter> part = Arbitraries.lazy(() -> filters(depth - 1, clauses));
        Arbitrary<List<Filter>> parts = part.list().ofMinSize(2).ofMaxSize(3);
        return Arbitraries.frequencyOf(
                Tuple.of(4, clauses),
                Tuple.of(2, parts.map(Filter.And::new)),
                Tuple.of(2, parts.map(Filter.Or::new)),
                Tuple.of(2, part.map(Filter.Not::new)),
                Tuple.of(1, Arbitraries.just(Filter.all())));
    }

    private static Arbitrary<Filter> clauses() {
        Arbitrary<Filter> metrics = Combinators.combine(
                        Arbitraries.of(KEYS).map(Fields::metric),
                        Arbitraries.of(Comparison.class),
                        Arbitraries.of(NUMBERS))
                .as(Filter.Compare::new);
        long start = T0.toEpochMilli();
        Arbitrary<Filter> times = Combinators.combine(
                        Arbitraries.of(Fields.START_TIME, Fields.END_TIME),
                        Arbitraries.of(Comparison.class),
                        Arbitraries.of(start + 5.0, start + 10.5, start - 1.0, 1e300, Double.NEGATIVE_INFINITY, 9.3e18))
                .as(Filter.Compare::new);
        Arbitrary<TextField> texts = Arbitraries.oneOf(
                Arbitraries.of(KEYS).map(Fields::param),
                Arbitraries.of(KEYS).map(Fields::tag),
                Arbitraries.of(
                        Fields.RUN_ID,
                        Fields.RUN_NAME,
                        Fields.STATUS,
                        Fields.USER_ID,
                        Fields.ARTIFACT_URI,
                        Fields.EXPERIMENT_ID,
                        Fields.END_REASON,
                        Fields.DATASET_NAME,
                        Fields.DATASET_DIGEST,
                        Fields.DATASET_CONTEXT));
        Arbitrary<Filter> nulls = Arbitraries.oneOf(
                texts.map(Filter.IsNull::new),
                Arbitraries.<NumberField>of(Fields.metric("a"), Fields.metric("none"), Fields.END_TIME)
                        .map(Filter.IsNull::new));
        return Arbitraries.oneOf(metrics, metrics, times, textClauses(texts), textClauses(texts), nulls);
    }

    private static Arbitrary<Filter> textClauses(Arbitrary<TextField> fields) {
        Arbitrary<Boolean> flags = Arbitraries.of(true, false);
        Arbitrary<String> values = Arbitraries.oneOf(
                Arbitraries.of(TEXTS),
                Arbitraries.of(
                        "FINISHED",
                        "RUNNING",
                        "1",
                        "3",
                        "na",
                        "ca",
                        Digest.of(new byte[] {1}).hex()));
        Arbitrary<String> patterns = Arbitraries.strings()
                .withChars("aAbB%_*?[]x\\^-ä%_")
                .ofMaxLength(5)
                .map(pattern -> pattern.replace("^", "\ud83d\ude00"));
        return Arbitraries.oneOf(
                Combinators.combine(fields, values.list().ofMinSize(1).ofMaxSize(3), flags)
                        .as(Filter.OneOf::new),
                Combinators.combine(fields, Arbitraries.oneOf(patterns, values), flags, flags)
                        .as(Filter.Like::new));
    }

    @Provide
    Arbitrary<Filter> experimentFilters() {
        Arbitrary<Filter> texts = textClauses(Arbitraries.of(
                Fields.tag("a"), Fields.tag("b"), Fields.tag("none"), Fields.NAME, Fields.EXPERIMENT_ID));
        Arbitrary<Filter> times = Combinators.combine(
                        Arbitraries.of(Fields.CREATION_TIME, Fields.LAST_UPDATE_TIME),
                        Arbitraries.of(Comparison.class),
                        Arbitraries.of(T0.toEpochMilli() + 0.0, T0.toEpochMilli() + 0.5, T0.toEpochMilli() + 1.0))
                .as(Filter.Compare::new);
        return filters(
                2,
                Arbitraries.oneOf(texts, times, Arbitraries.of(Fields.tag("a").isNull())));
    }

    @Provide
    Arbitrary<List<Order>> experimentOrders() {
        return Combinators.combine(
                        Arbitraries.<Field>of(
                                Fields.NAME,
                                Fields.EXPERIMENT_ID,
                                Fields.CREATION_TIME,
                                Fields.LAST_UPDATE_TIME,
                                Fields.tag("a"),
                                Fields.tag("b")),
                        Arbitraries.of(true, false))
                .as(Order::new)
                .list()
                .ofMaxSize(3);
    }
}
