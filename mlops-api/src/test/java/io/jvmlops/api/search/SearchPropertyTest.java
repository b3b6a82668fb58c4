package io.jvmlops.api.search;

import static io.jvmlops.api.search.Fields.RUN_ID;
import static io.jvmlops.api.search.Fields.START_TIME;
import static io.jvmlops.api.search.Fields.metric;
import static io.jvmlops.api.search.Fields.param;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.search.Filter.Comparison;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SearchPropertyTest {
    private static final Pattern POSITION = Pattern.compile("filter, position (\\d+): .*", Pattern.DOTALL);

    @Property(tries = 2_000)
    void aFilterPrintsAsTextThatIsReadAsAnEqualOne(@ForAll("filters") Filter filter) {
        assertThat(Filter.parse(filter.toString(), Searchable.RUNS)).isEqualTo(filter);
    }

    @Property(tries = 1_000)
    void parenthesesAndBlanksAroundAFilterChangeNothing(@ForAll("filters") Filter filter) {
        assertThat(Filter.parse("  (" + filter.not() + ")\n", Searchable.RUNS)).isEqualTo(filter.not());
    }

    @Property(tries = 2_000)
    void anyTextIsReadOrPointedInto(@ForAll String text) {
        readOrPointedInto(text);
    }

    @Property(tries = 5_000)
    void anyPiecesOfFiltersAreReadOrPointedInto(@ForAll("pieces") String text) {
        readOrPointedInto(text);
    }

    @Property(tries = 2_000)
    void aFilterWithAnythingPutInOrTakenOutIsReadOrPointedInto(
            @ForAll("filters") Filter filter, @ForAll Random random, @ForAll @Size(max = 3) List<Character> put) {
        StringBuilder text = new StringBuilder(filter.toString());
        int from = random.nextInt(text.length() + 1);
        text.delete(from, Math.min(text.length(), from + random.nextInt(4)));
        for (char c : put) {
            text.insert(random.nextInt(text.length() + 1), c);
        }
        readOrPointedInto(text.toString());
    }

    @Property(tries = 60)
    void longTextsAreReadOrPointedInto(@ForAll("words") String word, @ForAll("words") String next) {
        readOrPointedInto((word + next).repeat(60_000 / (word + next).length()));
        readOrPointedInto((word + " " + next + " ").repeat(60_000 / (word + next).length() / 2));
        readOrPointedInto("(metrics.a < 1 and ".repeat(99) + (word + " or ").repeat(400) + next + ")".repeat(99));
    }

    private static void readOrPointedInto(String text) {
        Filter filter;
        try {
            filter = Filter.parse(text, Searchable.RUNS);
        } catch (InvalidInputException e) {
            Matcher matcher = POSITION.matcher(e.getMessage());
            assertThat(matcher.matches()).as(e.getMessage()).isTrue();
            assertThat(Integer.parseInt(matcher.group(1))).isBetween(1, text.length() + 1);
            assertThat(e.getMessage()).endsWith("^").hasSizeLessThan(1_000);
            return;
        }
        assertThat(Filter.parse(filter.toString(), Searchable.RUNS)).isEqualTo(filter);
    }

    @Property
    void deMorganHoldsForThreeValues(
            @ForAll("filters") Filter a, @ForAll("filters") Filter b, @ForAll("lookups") Lookup lookup) {
        Filter both = new Filter.And(List.of(a, b)).not();
        Filter either = new Filter.Or(List.of(a.not(), b.not()));
        assertThat(Truth.of(both, lookup)).isEqualTo(Truth.of(either, lookup));
        assertThat(Truth.of(a.not().not(), lookup)).isEqualTo(Truth.of(a, lookup));
        assertThat(Truth.of(a.and(b), lookup)).isEqualTo(Truth.of(new Filter.And(List.of(b, a)), lookup));
    }

    @Property(tries = 5_000)
    void likeIsWhatARegularExpressionSays(
            @ForAll("likeTexts") String text, @ForAll("patterns") String pattern, @ForAll boolean ignoreCase) {
        StringBuilder regex = new StringBuilder();
        pattern.codePoints()
                .forEach(c -> regex.append(
                        c == '%' ? ".*" : c == '_' ? "." : Pattern.quote(new String(Character.toChars(c)))));
        int flags = Pattern.DOTALL | (ignoreCase ? Pattern.CASE_INSENSITIVE : 0);
        boolean fits = Pattern.compile(regex.toString(), flags).matcher(text).matches();

        assertThat(Texts.like(text, pattern, ignoreCase)).isEqualTo(fits);
    }

    @Property(tries = 2_000)
    void textsCompareAsTheirBytes(@ForAll("characters") String a, @ForAll("characters") String b) {
        assertThat(Integer.signum(Texts.compare(a, b)))
                .isEqualTo(Integer.signum(Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8))));
    }

    @Property(tries = 500)
    void pagesTogetherAreAllThatStayedOnceAndInOrder(
            @ForAll("things") List<Thing> things,
            @ForAll("orders") List<Order> orders,
            @ForAll @IntRange(min = 1, max = 5) int limit,
            @ForAll Random random) {
        Search search = new Search(Searchable.RUNS, "", Filter.all(), orders);
        List<Thing> store = new ArrayList<>(things);
        Set<Thing> stayed = new HashSet<>(things);
        List<Thing> seen = new ArrayList<>();
        String token = null;
        int born = 0;
        do {
            Page<Thing> page = search.page(store, Thing::lookup, token, limit);
            assertThat(page.items()).hasSizeLessThanOrEqualTo(limit);
            seen.addAll(page.items());
            assertThat(seen).as("pages come to an end").hasSizeLessThan(50);
            token = page.next();
            if (!store.isEmpty() && random.nextBoolean()) {
                stayed.remove(store.remove(random.nextInt(store.size())));
            }
            if (born < 10) {
                store.add(new Thing("new" + born++, random.nextInt(3), random.nextInt(3) - 1.0, "p"));
            }
            Collections.shuffle(store, random);
        } while (token != null);

        assertThat(seen).doesNotHaveDuplicates();
        assertThat(seen).containsAll(stayed);
        List<SortKey> keys = seen.stream().map(t -> search.key(t.lookup())).toList();
        assertThat(keys).isSortedAccordingTo(search.comparator());
    }

    @Property
    void aTokenGivesItsKeyBack(@ForAll("things") List<Thing> things, @ForAll("orders") List<Order> orders) {
        Search search = new Search(Searchable.RUNS, "x", Filter.all(), orders);
        for (Thing thing : things) {
            SortKey key = search.key(thing.lookup());
            assertThat(search.keyOf(search.tokenAfter(key))).isEqualTo(key);
        }
    }

    /** A null is a field without a value. */
    record Thing(String id, int start, Double loss, String text) {
        Lookup lookup() {
            MapLookup lookup = new MapLookup().with(RUN_ID, id).with(START_TIME, start);
            if (loss != null) {
                lookup.with(metric("loss"), loss);
            }
            return text == null ? lookup : lookup.with(param("p"), text);
        }
    }

    @Provide
    Arbitrary<List<Thing>> things() {
        Arbitrary<Double> losses = Arbitraries.of(-1.0, -0.0, 0.0, 2.5, Double.NaN, Double.POSITIVE_INFINITY)
                .injectNull(0.2);
        return Combinators.combine(
                        Arbitraries.integers().between(0, 3),
                        losses,
                        characters().injectNull(0.2))
                .as((start, loss, param) -> new Thing("", start, loss, param))
                .list()
                .ofMaxSize(20)
                .map(things -> {
                    List<Thing> named = new ArrayList<>();
                    for (Thing thing : things) {
                        named.add(new Thing("r" + named.size(), thing.start(), thing.loss(), thing.text()));
                    }
                    return named;
                });
    }

    @Provide
    Arbitrary<List<Order>> orders() {
        return Combinators.combine(
                        Arbitraries.of(metric("loss"), param("p"), START_TIME, RUN_ID), Arbitraries.of(true, false))
                .as(Order::new)
                .list()
                .ofMaxSize(3);
    }

    @Provide
    Arbitrary<Lookup> lookups() {
        return Combinators.combine(
                        Arbitraries.of(-1.0, 0.0, 0.5, Double.NaN).injectNull(0.3),
                        Arbitraries.of("a", "b", "").list().ofMaxSize(2))
                .as((number, texts) -> new Lookup() {
                    @Override
                    public OptionalDouble number(NumberField field) {
                        return number == null || field.key().length() % 2 == 0
                                ? OptionalDouble.empty()
                                : OptionalDouble.of(number);
                    }

                    @Override
                    public List<String> texts(TextField field) {
                        return field.kind() == Field.Kind.DATASET || texts.isEmpty() ? texts : texts.subList(0, 1);
                    }
                });
    }

    @Provide
    Arbitrary<String> likeTexts() {
        return Arbitraries.strings().withChars("abAB%_\n").ofMaxLength(12).map(SearchPropertyTest::wide);
    }

    @Provide
    Arbitrary<String> patterns() {
        return Arbitraries.strings().withChars("abA%_%_").ofMaxLength(8).map(SearchPropertyTest::wide);
    }

    /** With a character of two halves. */
    private static String wide(String text) {
        return text.replace("AB", "\ud83d\ude00");
    }

    @Provide
    Arbitrary<String> characters() {
        return Arbitraries.strings()
                .withChars("ab \u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff")
                .withChars('\'', '"')
                .ofMaxLength(6)
                .map(text -> text.replace("b", "\ud83d\ude00"));
    }

    @Provide
    Arbitrary<String> words() {
        return Arbitraries.of(
                "(",
                ")",
                "'",
                "\"",
                "`",
                "''",
                ",",
                ".",
                "-",
                "=",
                "!=",
                "!",
                "<",
                "<=",
                "not",
                "and",
                "or",
                "in",
                "is",
                "null",
                "like",
                "between",
                "metrics.a",
                "params.b",
                "tags.",
                "tags.\"",
                "datasets.name",
                "run",
                "name",
                "status",
                "created",
                "true",
                "'x'",
                "\"y\"",
                "1",
                "-.5e3",
                "1e",
                "\ud83d",
                "\u0000",
                "\u00a0",
                "metrics.a < 1",
                "params.a = 'x'",
                "params.a in ('x'",
                "nan",
                "-inf",
                ";",
                "ä");
    }

    @Provide
    Arbitrary<String> pieces() {
        return Combinators.combine(words().list().ofMaxSize(12), Arbitraries.of(" ", " ", ""))
                .as((words, between) -> String.join(between, words))
                .map(text -> text.length() % 2 == 0 ? text : text.toUpperCase(Locale.ROOT));
    }

    @Provide
    Arbitrary<Filter> filters() {
        return filters(4);
    }

    private Arbitrary<Filter> filters(int depth) {
        if (depth == 0) {
            return clauses();
        }
        Arbitrary<Filter> part = Arbitraries.lazy(() -> filters(depth - 1));
        Arbitrary<List<Filter>> parts = part.list().ofMinSize(2).ofMaxSize(3);
        return Arbitraries.frequencyOf(
                Tuple.of(4, clauses()),
                Tuple.of(2, parts.map(Filter.And::new)),
                Tuple.of(2, parts.map(Filter.Or::new)),
                Tuple.of(2, part.map(Filter.Not::new)),
                Tuple.of(1, Arbitraries.just(Filter.all())));
    }

    private Arbitrary<Filter> clauses() {
        Arbitrary<String> keys = Arbitraries.oneOf(
                Arbitraries.of("loss", "val/loss", "and", "1", "1e5", "a.b", ".", "a\"b", "a`\"", "it's", "-", "größe"),
                Arbitraries.strings()
                        .ofMinLength(1)
                        .ofMaxLength(8)
                        .filter(key -> !key.isBlank()
                                && UTF_8.newEncoder().canEncode(key)
                                && key.chars().noneMatch(Character::isISOControl)));
        Arbitrary<NumberField> numbers =
                Arbitraries.oneOf(keys.map(Fields::metric), Arbitraries.of(START_TIME, Fields.END_TIME));
        Arbitrary<TextField> texts = Arbitraries.oneOf(
                keys.map(Fields::param),
                keys.map(Fields::tag),
                Arbitraries.of(RUN_ID, Fields.RUN_NAME, Fields.DATASET_NAME, Fields.DATASET_CONTEXT));
        Arbitrary<String> values = Arbitraries.oneOf(
                Arbitraries.of("a", "b", "", "'", "''", "\"", "\\", "\n", "%", "1", "null"),
                Arbitraries.strings()
                        .ofMaxLength(10)
                        .filter(value -> UTF_8.newEncoder().canEncode(value) && value.indexOf(0) < 0));
        Arbitrary<Boolean> flags = Arbitraries.of(true, false);
        Arbitrary<Double> doubles = Arbitraries.oneOf(
                Arbitraries.of(0.0, -0.0, 0.5, Double.MIN_VALUE, Double.MAX_VALUE, 1e15, 1e16, -3.0),
                Arbitraries.of(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY),
                Arbitraries.longs().map(Double::longBitsToDouble).filter(d -> !d.isNaN()));
        return Arbitraries.oneOf(
                Combinators.combine(numbers, Arbitraries.of(Comparison.class), doubles)
                        .as(Filter.Compare::new),
                Combinators.combine(texts, values.list().ofMinSize(1).ofMaxSize(3), flags)
                        .as(Filter.OneOf::new),
                Combinators.combine(texts, values, flags, flags).as(Filter.Like::new),
                numbers.map(Filter.IsNull::new),
                texts.map(Filter.IsNull::new));
    }
}
