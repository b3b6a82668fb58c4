package io.jvmlops.api.search;

import static io.jvmlops.api.search.Fields.EXPERIMENT_ID;
import static io.jvmlops.api.search.Fields.RUN_ID;
import static io.jvmlops.api.search.Fields.START_TIME;
import static io.jvmlops.api.search.Fields.metric;
import static io.jvmlops.api.search.Fields.param;
import static io.jvmlops.api.search.Fields.tag;
import static io.jvmlops.api.search.Searchable.RUNS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.InvalidInputException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SearchTest {
    private static final Order BY_LOSS = metric("loss").ascending();

    @ParameterizedTest
    @ValueSource(
            strings = {"metrics.loss DESC", "metric.loss desc", "`metrics`.`loss` DESC", " metrics.\"loss\"  Desc "})
    void anOrderIsWrittenInManyWays(String text) {
        assertThat(Order.parse(text, RUNS)).isEqualTo(metric("loss").descending());
    }

    @Test
    void anOrderPrintsAsItIsRead() {
        for (Order order : List.of(BY_LOSS, tag("a b").descending(), START_TIME.ascending())) {
            assertThat(Order.parse(order.toString(), RUNS)).isEqualTo(order);
        }
        assertThat(Order.parse("Created", RUNS)).hasToString("start_time ASC");
    }

    @Test
    void aMistakeInAnOrderIsPointedAt() {
        assertThatThrownBy(() -> Order.parse("metrics.loss DOWN", RUNS))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("order, position 14: found DOWN, expected ASC, DESC or the end\n  metrics.loss DOWN\n"
                        + "               ^");
        assertThatThrownBy(() -> Order.parse("", RUNS)).hasMessageContaining("position 1: found the end");
        assertThatThrownBy(() -> Order.parse("los", RUNS)).hasMessageContaining("expected one of run_id");
        assertThatThrownBy(() -> Order.parse("datasets.name", RUNS))
                .hasMessageContaining("position 1")
                .hasMessageContaining("of which there can be several");
    }

    @Test
    void theTieBreakIsAddedAndWhatComesAgainIsDropped() {
        assertThat(search(BY_LOSS, metric("loss").descending(), START_TIME.ascending())
                        .orders())
                .containsExactly(BY_LOSS, START_TIME.ascending(), RUN_ID.ascending());
        assertThat(search().orders()).containsExactly(START_TIME.descending(), RUN_ID.ascending());
        assertThat(new Search(Searchable.EXPERIMENTS, "", Filter.all(), List.of()).orders())
                .containsExactly(Fields.CREATION_TIME.descending(), EXPERIMENT_ID.descending());
    }

    @Test
    void whatCannotBeSearchedIsRefused() {
        assertThatThrownBy(() -> search(Fields.NAME.ascending())).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new Search(RUNS, "", Fields.NAME.eq("x"), List.of()))
                .isInstanceOf(InvalidInputException.class);
        Order[] many = IntStream.range(0, 30)
                .mapToObj(i -> metric("m" + i).ascending())
                .toArray(Order[]::new);
        assertThatThrownBy(() -> search(many)).hasMessageContaining("30 fields to order by; expected at most 20");
    }

    @Test
    void valuesComeBeforeNanBeforeWhatIsMissingInBothDirections() {
        List<Item> items = List.of(
                new Item("none", null),
                new Item("nan", Double.NaN),
                new Item("one", 1.0),
                new Item("-0", -0.0),
                new Item("0", 0.0),
                new Item("-inf", Double.NEGATIVE_INFINITY));

        assertThat(ids(search(BY_LOSS).page(items, Item::lookup, null, 10)))
                .containsExactly("-inf", "-0", "0", "one", "nan", "none");
        assertThat(ids(search(metric("loss").descending()).page(items, Item::lookup, null, 10)))
                .containsExactly("one", "0", "-0", "-inf", "nan", "none");
    }

    @Test
    void textsComeInTheOrderOfTheirBytes() {
        List<String> texts = List.of("", "B", "a", "ab", "\u00e4", "\uffee", "\ud83d\ude00", "\ud83d\ude00a");
        Search search = search(param("p").ascending());
        List<String> shuffled = new ArrayList<>(texts);
        shuffled.sort(Comparator.comparing(String::hashCode));
        Function<String, Lookup> lookup =
                p -> new MapLookup().with(param("p"), p).with(RUN_ID, "r");

        assertThat(search.page(shuffled, lookup, null, 10).items()).isEqualTo(texts);
        List<String> one = new ArrayList<>();
        String token = null;
        do {
            Page<String> page = search.page(shuffled, lookup, token, 1);
            one.addAll(page.items());
            token = page.next();
        } while (token != null);
        assertThat(one).isEqualTo(texts);
    }

    @Test
    void pagesGoOnAfterTheLastItemWhateverComesAndGoes() {
        Search search = search(BY_LOSS);
        List<Item> items = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            items.add(new Item("r" + i, i < 7 ? (Double) (i / 2.0) : i < 9 ? (Double) Double.NaN : null));
        }
        Page<Item> first = search.page(items, Item::lookup, null, 4);
        assertThat(ids(first)).containsExactly("r0", "r1", "r2", "r3");

        items.removeIf(item -> item.id().equals("r3") || item.id().equals("r5"));
        items.add(new Item("before", -1.0));
        items.add(new Item("r3b", 1.5));
        Page<Item> second = search.page(items, Item::lookup, first.next(), 4);
        assertThat(ids(second)).containsExactly("r3b", "r4", "r6", "r7");

        Page<Item> third = search.page(items, Item::lookup, second.next(), 2);
        assertThat(ids(third)).containsExactly("r8", "r9");
        assertThat(third.next()).isNull();
    }

    @Test
    void onlyWhatMatchesIsGiven() {
        List<Item> items = List.of(new Item("a", 1.0), new Item("b", 2.0), new Item("c", null));
        Search search = new Search(RUNS, "", metric("loss").gt(1), List.of());
        assertThat(ids(search.page(items, Item::lookup, null, 10))).containsExactly("b");
    }

    @Test
    void aTokenBelongsToOneSearch() {
        Search search = new Search(RUNS, "1", metric("a").gt(1), List.of(BY_LOSS));
        SortKey key = search.key(new Item("x", 2.5).lookup());
        String token = search.tokenAfter(key);

        assertThat(token).matches("[A-Za-z0-9_-]+");
        assertThat(search.keyOf(token)).isEqualTo(key);
        refused(new Search(RUNS, "2", metric("a").gt(1), List.of(BY_LOSS)), token, "another filter or scope");
        refused(new Search(RUNS, "1", metric("a").gt(2), List.of(BY_LOSS)), token, "another filter or scope");
        refused(new Search(RUNS, "1", metric("a").gt(1), List.of(metric("loss").descending())), token, "another order");
    }

    @Test
    void garbageIsNoToken() {
        Search search = search(BY_LOSS);
        String token = search.tokenAfter(search.key(new Item("x", 2.5).lookup()));
        for (String garbage :
                List.of("", "x", "!!", "AAAA", "\u00e4", token + "A", token.substring(1), "A".repeat(99))) {
            refused(search, garbage, "damaged or none of ours");
        }
        byte[] bytes = Base64.getUrlDecoder().decode(token);
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 4;
            refused(search, Base64.getUrlEncoder().encodeToString(changed), "damaged or none of ours");
        }
    }

    private static void refused(Search search, String token, String why) {
        assertThatThrownBy(() -> search.keyOf(token))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(why);
    }

    private static Search search(Order... orders) {
        return new Search(RUNS, "", Filter.all(), List.of(orders));
    }

    private static List<String> ids(Page<Item> page) {
        return page.items().stream().map(Item::id).toList();
    }

    private record Item(String id, Double loss) {
        Lookup lookup() {
            MapLookup lookup = new MapLookup().with(RUN_ID, id).with(START_TIME, 5);
            return loss == null ? lookup : lookup.with(metric("loss"), loss);
        }
    }
}
