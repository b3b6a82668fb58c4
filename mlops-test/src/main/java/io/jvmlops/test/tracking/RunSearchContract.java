package io.jvmlops.test.tracking;

import static io.jvmlops.api.search.Fields.STATUS;
import static io.jvmlops.api.search.Fields.metric;
import static io.jvmlops.api.search.Fields.param;
import static io.jvmlops.api.search.Fields.tag;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.search.Filter;
import io.jvmlops.api.search.Page;
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
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.api.tracking.View;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How every {@link TrackingStore} searches runs and experiments. Extend it, and give it a store. */
public abstract class RunSearchContract {
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00.123Z");
    private static final double NEGATIVE_NAN = Double.longBitsToDouble(0xfff8_0000_0000_0001L);

    private TrackingStore store;
    private String experiment;

    /** An empty store, new for every test; the contract closes it. */
    protected abstract TrackingStore open() throws Exception;

    @BeforeEach
    final void openStore() throws Exception {
        store = open();
        experiment = store.experiment("search").id();
    }

    @AfterEach
    final void closeStore() {
        store.close();
    }

    @Test
    void numbersCompareByIeee754() {
        double[] values = {
            Double.NEGATIVE_INFINITY,
            -1,
            -0.0,
            0.0,
            Double.MIN_VALUE,
            2,
            Double.POSITIVE_INFINITY,
            Double.NaN,
            NEGATIVE_NAN
        };
        for (int i = 0; i < values.length; i++) {
            run("r" + i, changes().metric(new MetricPoint("loss", 1, 1, values[i])));
        }
        run("without", changes());

        assertFinds("metrics.loss = 0", "r2", "r3");
        assertFinds("metrics.loss != 0", "r0", "r1", "r4", "r5", "r6", "r7", "r8");
        assertFinds("metrics.loss < -0.0", "r0", "r1");
        assertFinds("metrics.loss <= 0", "r0", "r1", "r2", "r3");
        assertFinds("metrics.loss > 0", "r4", "r5", "r6");
        assertFinds("metrics.loss >= 0.0", "r2", "r3", "r4", "r5", "r6");
        assertFinds("metrics.loss >= Infinity", "r6");
        assertFinds("metrics.loss > Infinity");
        assertFinds("metrics.loss < -Infinity");
        assertFinds("not metrics.loss <= Infinity", "r7", "r8");
        assertFinds("not metrics.loss = 2", "r0", "r1", "r2", "r3", "r4", "r6", "r7", "r8");
        assertFinds("metrics.loss is null", "without");
        assertFinds("metrics.other is null and metrics.loss = 2", "r5");
        assertFinds("metrics.other < 1 or metrics.loss = 2", "r5");
        assertFinds("not metrics.other < 1");
        assertFinds("metrics.loss between 0 and 2", "r2", "r3", "r4", "r5");
    }

    @Test
    void theLatestValueOfAMetricCounts() {
        run("r", changes().metric(new MetricPoint("loss", 2, 1, 5)).metric(new MetricPoint("loss", 1, 9, 1)));

        assertFinds("metrics.loss = 5", "r");
        assertFinds("metrics.loss = 1");
    }

    @Test
    void whatARunLacksIsNeitherEqualNorUnequal() {
        run("x", changes().param("a", "x").tag("t", "x"));
        run("y", changes().param("a", "y"));
        run("without", changes());

        assertFinds("params.a = 'x'", "x");
        assertFinds("params.a != 'x'", "y");
        assertFinds("not params.a = 'x'", "y");
        assertFinds("not params.a != 'x'", "x");
        assertFinds("not (params.a = 'x' or tags.t = 'x')");
        assertFinds("not (params.a = 'x' and tags.t = 'y')", "x", "y");
        assertFinds("params.a is null", "without");
        assertFinds("not params.a is null", "x", "y");
        assertFinds("params.a in ('x', 'z')", "x");
        assertFinds("params.a not in ('x', 'z')", "y");
        assertFinds("tags.a = 'x'");
        assertFinds("", "x", "y", "without");
    }

    @Test
    void valuesAreDataAndNoSql() {
        List<String> values = List.of(
                "'",
                "''",
                "\"",
                "\\",
                "%",
                "_",
                "*",
                "?",
                "[a]",
                "]",
                "'; DROP TABLE run; --",
                "\n",
                "ünï ☃",
                "😀",
                "");
        for (int i = 0; i < values.size(); i++) {
            run("r" + i, changes().param("it's \"a\" key?", values.get(i)));
        }
        for (int i = 0; i < values.size(); i++) {
            assertThat(ids(RunQuery.all().where(param("it's \"a\" key?").eq(values.get(i)))))
                    .containsExactly("r" + i);
            if (!values.get(i).equals("%") && !values.get(i).equals("_")) {
                assertThat(ids(RunQuery.all().where(param("it's \"a\" key?").like(values.get(i)))))
                        .as(values.get(i))
                        .containsExactly("r" + i);
            }
        }
    }

    @Test
    void likeTellsCaseAndIlikeDoesNotButForLettersOfAscii() {
        run("lower", changes().tag("t", "straße ä"));
        run("upper", changes().tag("t", "STRAßE Ä"));
        run("astral", changes().tag("t", "a😀b"));

        assertFinds("tags.t like 'stra%'", "lower");
        assertFinds("tags.t ilike 'stra%'", "lower", "upper");
        assertFinds("tags.t ilike 'Stra_e ä'", "lower");
        assertFinds("tags.t ilike '%ä'", "lower");
        assertFinds("tags.t not like 'stra%'", "upper", "astral");
        assertFinds("tags.t not ilike 'STRA%'", "astral");
        assertFinds("not tags.t ilike 'STRA%'", "astral");
        assertFinds("tags.t like 'a_b'", "astral");
        assertFinds("tags.t like 'a__b'");
        assertFinds("tags.t like '%'", "lower", "upper", "astral");
        assertFinds("tags.t like ''");
    }

    @Test
    void longPatternsOnLongValuesEnd() {
        String value = "a".repeat(Keys.MAX_TAG_VALUE);
        run("r", changes().tag("t", value));

        assertThat(ids(RunQuery.all().where(tag("t").like("a%".repeat(1_000) + "b"))))
                .isEmpty();
        assertThat(ids(RunQuery.all().where(tag("t").like("%a".repeat(1_000))))).containsExactly("r");
        assertThat(ids(RunQuery.all().where(tag("t").like("_".repeat(Keys.MAX_TAG_VALUE)))))
                .containsExactly("r");
        assertThat(ids(RunQuery.all().where(tag("t").ilike("*".repeat(Filter.MAX_VALUE)))))
                .isEmpty();
        assertThat(ids(RunQuery.all().where(tag("t").like("*".repeat(Filter.MAX_VALUE)))))
                .isEmpty();
        assertThat(ids(RunQuery.all().where(tag("t").ilike("☃%".repeat(Filter.MAX_VALUE / 2)))))
                .isEmpty();
        assertThat(ids(RunQuery.all().where(tag("t").eq(value)))).containsExactly("r");
        assertThat(ids(RunQuery.all().where(tag("t").eq(value.substring(1))))).isEmpty();
    }

    @Test
    void attributesAreThoseOfTheRun() {
        run("a", changes().tag("mlflow.user", "ada").end(RunStatus.FINISHED, T0.plusSeconds(9), null));
        run("b", changes().tag("mlflow.user", "bob").end(RunStatus.FAILED, T0.plusSeconds(8), "out of memory"));
        run("c", changes().name("renamed"));

        assertFinds("run_id = 'a'", "a");
        assertFinds("run_id in ('a', 'c', 'none')", "a", "c");
        assertFinds("run_name = 'renamed'", "c");
        assertFinds("run_name like 'run of _'", "a", "b");
        assertFinds("status = 'FAILED'", "b");
        assertFinds("user_id = 'ada'", "a");
        assertFinds("user_id ilike 'B%'", "b");
        assertFinds("user_id is null", "c");
        assertFinds("artifact_uri = 'runs:/b'", "b");
        assertFinds("end_reason like '%memory'", "b");
        assertFinds("end_time is null", "c");
        long end = T0.plusSeconds(8).toEpochMilli();
        assertFinds("end_time <= " + end, "b");
        assertFinds("end_time > " + end, "a");
        assertFinds("end_time > " + end + ".5", "a");
        assertFinds("end_time >= " + (end - 1) + ".5", "a", "b");
        assertFinds("end_time = " + end + ".5");
        assertFinds("end_time != " + end, "a");
        assertFinds("start_time < Infinity", "a", "b", "c");
        assertFinds("start_time < -1e300");
        assertFinds("experiment_id = '" + experiment + "'", "a", "b", "c");
        assertFinds("experiment_id != '" + experiment + "'");
        assertFinds("experiment_id = '0" + experiment + "'");
    }

    @Test
    void datasetsAreFoundByAnyOfThem() {
        Digest one = Digest.of(new byte[] {1});
        Digest two = Digest.of(new byte[] {2});
        run(
                "both",
                changes()
                        .input(new DatasetInput(new DatasetVersion("iris", one, "s"), "training"))
                        .input(new DatasetInput(new DatasetVersion("wine", two, "s"), null)));
        run("wine", changes().input(new DatasetInput(new DatasetVersion("wine", two, "s"), null)));
        run("none", changes());

        assertFinds("datasets.name = 'iris'", "both");
        assertFinds("datasets.name != 'iris'", "both", "wine");
        assertFinds("not datasets.name = 'iris'", "wine");
        assertFinds("not datasets.name != 'wine'", "wine");
        assertFinds("datasets.name in ('iris', 'wine')", "both", "wine");
        assertFinds("datasets.name not like 'w%'", "both");
        assertFinds("datasets.digest = '" + two.hex() + "'", "both", "wine");
        assertFinds("datasets.digest like '" + one.hex().substring(0, 8) + "%'", "both");
        assertFinds("datasets.context = 'training'", "both");
        assertFinds("not datasets.context = 'training'");
        assertFinds("datasets.context is null", "wine", "none");
        assertFinds("datasets.name is not null", "both", "wine");
    }

    @Test
    void severalConditionsAndedInTextAndTyped() {
        run("a", changes().param("m", "x").metric(new MetricPoint("l", 1, 1, 1)));
        run("b", changes().param("m", "x").metric(new MetricPoint("l", 1, 1, 3)));

        assertThat(ids(RunQuery.all().where("params.m = 'x'").where(metric("l").lt(2))))
                .containsExactly("a");
        assertThat(ids(RunQuery.all()
                        .where(STATUS.eq("RUNNING").and(metric("l").ge(1)))
                        .orderBy(metric("l").descending())))
                .containsExactly("b", "a");
    }

    @Test
    void numbersThenNanThenNothingInBothDirections() {
        run("none", changes());
        run("nan", changes().metric(new MetricPoint("l", 1, 1, Double.NaN)));
        run("nan-", changes().metric(new MetricPoint("l", 1, 1, NEGATIVE_NAN)));
        run("inf", changes().metric(new MetricPoint("l", 1, 1, Double.POSITIVE_INFINITY)));
        run("minf", changes().metric(new MetricPoint("l", 1, 1, Double.NEGATIVE_INFINITY)));
        run("zero", changes().metric(new MetricPoint("l", 1, 1, 0.0)));
        run("mzero", changes().metric(new MetricPoint("l", 1, 1, -0.0)));

        for (int limit : new int[] {1, 2, 100}) {
            assertThat(pages(RunQuery.all().orderBy("metrics.l ASC").limitedTo(limit)))
                    .containsExactly("minf", "mzero", "zero", "inf", "nan", "nan-", "none");
            assertThat(pages(RunQuery.all().orderBy("metrics.l DESC").limitedTo(limit)))
                    .containsExactly("inf", "zero", "mzero", "minf", "nan", "nan-", "none");
            // What is equal by the first order, NaN of either sign included, goes by the second.
            assertThat(pages(RunQuery.all()
                            .orderBy("metrics.l DESC", "run_id DESC")
                            .limitedTo(limit)))
                    .containsExactly("inf", "zero", "mzero", "minf", "nan-", "nan", "none");
            assertThat(pages(RunQuery.all()
                            .where("metrics.l < Infinity")
                            .orderBy("metrics.l")
                            .limitedTo(limit)))
                    .containsExactly("minf", "mzero", "zero");
            assertThat(pages(RunQuery.all()
                            .where("not metrics.l is null")
                            .orderBy("metrics.l")
                            .limitedTo(limit)))
                    .containsExactly("minf", "mzero", "zero", "inf", "nan", "nan-");
            assertThat(pages(RunQuery.all()
                            .where("metrics.l != 0")
                            .orderBy("metrics.l")
                            .limitedTo(limit)))
                    .containsExactly("minf", "inf", "nan", "nan-");
            assertThat(pages(RunQuery.all().orderBy("metrics.unknown").limitedTo(limit)))
                    .containsExactly("inf", "minf", "mzero", "nan", "nan-", "none", "zero");
        }
    }

    @Test
    void textsSortByCodePoint() {
        List<String> sorted = List.of("", "A", "B", "a", "a ", "aa", "z", "ä", "\uFFFC", "😀");
        for (int i = 0; i < sorted.size(); i++) {
            run("r" + i, changes().param("p", sorted.get(i)));
        }
        run("none", changes());
        List<String> expected = new ArrayList<>(
                IntStream.range(0, sorted.size()).mapToObj(i -> "r" + i).toList());

        assertThat(pages(RunQuery.all().orderBy("params.p").limitedTo(3)))
                .startsWith(expected.toArray(String[]::new))
                .endsWith("none");
        Collections.reverse(expected);
        assertThat(pages(RunQuery.all().orderBy("params.p DESC").limitedTo(3)))
                .startsWith(expected.toArray(String[]::new))
                .endsWith("none");
    }

    @Test
    void withoutAnOrderTheNewestComeFirstThenById() {
        for (String id : List.of("c", "a", "b")) {
            store.createRun(new NewRun(id, experiment, id, T0));
        }
        store.createRun(new NewRun("older", experiment, "older", T0.minusMillis(1)));
        store.createRun(new NewRun("newer", experiment, "newer", T0.plusMillis(1)));

        for (int limit = 1; limit < 6; limit++) {
            assertThat(pages(RunQuery.all().limitedTo(limit))).containsExactly("newer", "a", "b", "c", "older");
            assertThat(pages(RunQuery.all().inExperiment(experiment).limitedTo(limit)))
                    .containsExactly("newer", "a", "b", "c", "older");
            assertThat(pages(RunQuery.all().orderBy("start_time ASC").limitedTo(limit)))
                    .containsExactly("older", "a", "b", "c", "newer");
        }
    }

    @Test
    void aPageSaysWhetherThereIsMore() {
        run("a", changes());
        run("b", changes());

        assertThat(store.search(RunQuery.all().limitedTo(1)).next()).isNotNull();
        assertThat(store.search(RunQuery.all().limitedTo(2)).next()).isNull();
        assertThat(store.search(RunQuery.all().where("run_id = 'none'")).next()).isNull();
    }

    @Test
    void aCursorOfAnotherQueryIsRefused() {
        run("a", changes());
        run("b", changes());
        RunQuery query = RunQuery.all().orderBy("metrics.l").limitedTo(1);
        String cursor = Objects.requireNonNull(store.search(query).next());

        assertThat(store.search(query.limitedTo(5).after(cursor)).items()).hasSize(1);
        for (RunQuery other : List.of(
                RunQuery.all(),
                query.where("status = 'RUNNING'"),
                query.inExperiment(experiment),
                query.view(View.ALL),
                query.orderBy("run_id DESC"))) {
            assertThatThrownBy(() -> store.search(other.after(cursor))).isInstanceOf(InvalidInputException.class);
        }
        for (String forged : List.of("", "x", "AAAA", cursor + "A", cursor.substring(1))) {
            assertThatThrownBy(() -> store.search(query.after(forged))).isInstanceOf(InvalidInputException.class);
        }
    }

    @Test
    void pagesSurviveInsertsAndDeletes() {
        List<String> stayed = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            run("r" + i, changes().metric(new MetricPoint("l", 1, 1, i % 4 == 3 ? Double.NaN : i % 3)));
            stayed.add("r" + i);
        }
        RunQuery query = RunQuery.all().orderBy("metrics.l DESC", "params.p").limitedTo(3);
        List<String> seen = new ArrayList<>();
        String cursor = null;
        int turn = 0;
        do {
            Page<RunInfo> page = store.search(query.after(cursor));
            page.items().forEach(run -> seen.add(run.id()));
            cursor = page.next();
            run("new" + turn, changes().metric(new MetricPoint("l", 1, 1, turn % 3)));
            // The last one seen too: the next page begins where it was.
            String deleted = turn % 2 == 0 ? seen.get(seen.size() - 1) : "r" + turn;
            store.updateRun(deleted, RunChanges.builder().delete().build());
            stayed.remove(deleted);
            turn++;
        } while (cursor != null && turn < 40);

        assertThat(seen).doesNotHaveDuplicates().containsAll(stayed);
    }

    @Test
    void viewsTellActiveFromDeleted() {
        String other = store.experiment("other").id();
        run("active", changes());
        run("deleted", changes().delete());
        store.createRun(new NewRun("ofDeleted", other, "x", T0));
        store.updateExperiment(other, ExperimentChanges.delete());

        assertThat(ids(RunQuery.all())).containsExactly("active");
        assertThat(ids(RunQuery.all().view(View.DELETED))).containsExactlyInAnyOrder("deleted", "ofDeleted");
        assertThat(ids(RunQuery.all().view(View.ALL))).containsExactlyInAnyOrder("active", "deleted", "ofDeleted");
        assertThat(ids(RunQuery.all().inExperiment(other))).isEmpty();
        assertThat(ids(RunQuery.all().inExperiment(other).view(View.DELETED))).containsExactly("ofDeleted");
        assertThat(ids(RunQuery.all().view(View.DELETED).orderBy("metrics.l")))
                .containsExactlyInAnyOrder("deleted", "ofDeleted");
    }

    @Test
    void experimentsNarrow() {
        String other = store.experiment("other").id();
        String third = store.experiment("third").id();
        run("here", changes().metric(new MetricPoint("l", 1, 1, 1)));
        store.createRun(new NewRun("there", other, "x", T0));
        store.createRun(new NewRun("elsewhere", third, "x", T0));

        assertThat(ids(RunQuery.all().inExperiments(List.of(experiment, other))))
                .containsExactlyInAnyOrder("here", "there");
        assertThat(ids(RunQuery.all()
                        .inExperiments(List.of(experiment, other, "none", "7x", "", "-1"))
                        .orderBy("metrics.l")))
                .containsExactly("here", "there");
        assertThat(ids(RunQuery.all().inExperiments(List.of()))).isEmpty();
        assertThat(ids(RunQuery.all().inExperiment("none"))).isEmpty();
        assertThatThrownBy(() -> RunQuery.all()
                        .inExperiments(IntStream.rangeClosed(0, RunQuery.MAX_EXPERIMENTS)
                                .mapToObj(String::valueOf)
                                .toList()))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void filtersAsLargeAsTheyMayBeAreAnswered() {
        run("r", changes().param("p", "x").metric(new MetricPoint("l", 1, 1, 1)));

        Filter deep = param("p").eq("x");
        for (int level = 0; level < Filter.MAX_DEPTH - 1; level++) {
            deep = level % 3 == 0
                    ? new Filter.Not(deep)
                    : level % 3 == 1
                            ? new Filter.And(List.of(metric("l").eq(1), deep))
                            : new Filter.Or(List.of(deep, tag("t").eq("y")));
        }
        assertThat(ids(RunQuery.all().where(deep)).size()
                        + ids(RunQuery.all().where(deep.not())).size())
                .isBetween(0, 1);
        List<Filter> clauses = new ArrayList<>();
        for (int i = 0; i < Filter.MAX_CLAUSES; i++) {
            clauses.add(
                    i % 3 == 0
                            ? param("p").ne("v" + i)
                            : i % 3 == 1 ? metric("l").lt(i + 1) : tag("t" + i).isNull());
        }
        assertThat(ids(RunQuery.all().where(Filter.allOf(clauses)))).containsExactly("r");
        assertThat(ids(RunQuery.all().where(Filter.anyOf(clauses)))).containsExactly("r");
        assertThat(ids(RunQuery.all().where(Filter.anyOf(clauses).not()))).isEmpty();
        // As many values as fit into the text of a filter.
        List<Filter> lists = new ArrayList<>();
        for (int list = 0; list < 14; list++) {
            int from = 100 + list * Filter.MAX_VALUES;
            lists.add(param("p")
                    .notIn(IntStream.range(from, from + Filter.MAX_VALUES)
                            .mapToObj(i -> Integer.toString(i, 36))
                            .toList()));
        }
        assertThat(ids(RunQuery.all().where(Filter.allOf(lists)))).containsExactly("r");
        String[] orders = IntStream.range(0, 20)
                .mapToObj(i -> (i % 2 == 0 ? "metrics.m" : "params.p") + i + (i % 3 == 0 ? " DESC" : ""))
                .toArray(String[]::new);
        run("s", changes().param("p3", "x").metric(new MetricPoint("m4", 1, 1, Double.NaN)));
        assertThat(pages(RunQuery.all()
                        .orderBy(orders)
                        .where(Filter.anyOf(clauses))
                        .limitedTo(1)))
                .containsExactlyInAnyOrder("r", "s");
    }

    @Test
    void aMistakeIsPointedAt() {
        assertThatThrownBy(() -> RunQuery.all().where("metrics.loss < 'x'"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("position 16");
        assertThatThrownBy(() -> RunQuery.all().orderBy("metrics.loss DOWN"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("position 14");
        assertThatThrownBy(() -> ExperimentQuery.all().where("metrics.loss < 1"))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> RunQuery.all().limitedTo(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void experimentsAreSearchedToo() {
        ExperimentInfo vision = store.createExperiment("vision", Map.of("team", "a"));
        ExperimentInfo speech = store.createExperiment("speech", Map.of("team", "b"));
        ExperimentInfo gone = store.createExperiment("gone", Map.of("team", "a"));
        store.updateExperiment(gone.id(), ExperimentChanges.delete());

        assertThat(found(ExperimentQuery.all().where("tags.team = 'a'"))).containsExactly(vision.id());
        assertThat(store.searchExperiments(ExperimentQuery.all().where("name = 'vision'"))
                        .items())
                .containsExactly(vision);
        assertThat(found(ExperimentQuery.all().where("not tags.team = 'a'"))).containsExactly(speech.id());
        assertThat(found(ExperimentQuery.all().where("tags.team is null"))).containsExactly(experiment);
        assertThat(found(ExperimentQuery.all().where("name ilike 'S%'").orderBy("name")))
                .containsExactly(experiment, speech.id());
        assertThat(found(ExperimentQuery.all().where("experiment_id = '" + speech.id() + "'")))
                .containsExactly(speech.id());
        assertThat(found(ExperimentQuery.all()
                        .where("creation_time >= " + speech.createdAt().toEpochMilli())
                        .view(View.DELETED)))
                .containsExactly(gone.id());
        assertThat(found(ExperimentQuery.all()
                        .view(View.ALL)
                        .orderBy("name DESC")
                        .limitedTo(1)))
                .containsExactly(vision.id(), speech.id(), experiment, gone.id());
        assertThat(found(ExperimentQuery.all().orderBy("tags.team DESC").limitedTo(1)))
                .containsExactly(speech.id(), vision.id(), experiment);
    }

    @Test
    void idsOfExperimentsSortByTheirCreation() {
        List<String> ids = new ArrayList<>(List.of(experiment));
        for (int i = 0; i < 11; i++) {
            ids.add(store.experiment("e" + i).id());
        }
        assertThat(found(ExperimentQuery.all().orderBy("experiment_id").limitedTo(4)))
                .containsExactlyElementsOf(ids);
        Collections.reverse(ids);
        assertThat(found(ExperimentQuery.all().limitedTo(5))).containsExactlyElementsOf(ids);
    }

    @Test
    void aClosedStoreDoesNotSearch() {
        store.close();
        assertThatThrownBy(() -> store.search(RunQuery.all())).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> store.searchExperiments(ExperimentQuery.all())).isInstanceOf(ClosedException.class);
    }

    private static RunChanges.Builder changes() {
        return RunChanges.builder();
    }

    private void run(String id, RunChanges.Builder changes) {
        store.createRun(new NewRun(id, experiment, "run of " + id, T0));
        store.updateRun(id, changes.build());
    }

    private void assertFinds(String filter, String... ids) {
        RunQuery query = RunQuery.all().where(filter);
        assertThat(ids(query)).as(filter).containsExactlyInAnyOrder(ids);
        assertThat(ids(query.inExperiment(experiment).orderBy("metrics.loss DESC")))
                .as(filter)
                .containsExactlyInAnyOrder(ids);
    }

    private List<String> ids(RunQuery query) {
        Page<RunInfo> page = store.search(query);
        assertThat(page.items())
                .allSatisfy(run -> assertThat(store.findRun(run.id())).contains(run));
        return page.items().stream().map(RunInfo::id).toList();
    }

    /** All pages together. */
    private List<String> pages(RunQuery query) {
        List<String> seen = new ArrayList<>();
        String cursor = null;
        do {
            Page<RunInfo> page = store.search(query.after(cursor));
            page.items().forEach(run -> seen.add(run.id()));
            cursor = page.next();
            assertThat(seen).doesNotHaveDuplicates();
        } while (cursor != null);
        return seen;
    }

    private List<String> found(ExperimentQuery query) {
        List<String> seen = new ArrayList<>();
        String cursor = null;
        do {
            Page<ExperimentInfo> page = store.searchExperiments(query.after(cursor));
            page.items().forEach(found -> seen.add(found.id()));
            cursor = page.next();
            assertThat(seen).doesNotHaveDuplicates();
        } while (cursor != null);
        return seen;
    }
}
