package io.jvmlops.api.search;

import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.search.Field.Kind;
import io.jvmlops.api.search.Filter.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads one filter or order: recursive descent over the tokens of a {@link Scanner}, one token ahead. */
final class Parser {
    private static final Set<String> KEYWORDS =
            Set.of("and", "or", "not", "in", "like", "ilike", "is", "null", "between", "true", "asc", "desc");

    private final Scanner scanner;
    private final Searchable subject;
    private int nesting;

    Parser(String what, String text, Searchable subject) {
        this.scanner = new Scanner(what, text);
        this.subject = subject;
    }

    static boolean isKeyword(String word) {
        return KEYWORDS.contains(word.toLowerCase(Locale.ROOT));
    }

    Filter filter() {
        scanner.requireLength(Filter.MAX_TEXT);
        if (scanner.peek().kind() == Token.Kind.END) {
            return Filter.all();
        }
        Filter filter = or();
        Token rest = scanner.peek();
        if (rest.kind() != Token.Kind.END) {
            throw scanner.problem(rest, "AND, OR or the end");
        }
        return filter;
    }

    Order order() {
        scanner.requireLength(Filter.MAX_TEXT);
        int start = scanner.peek().start();
        Field field = field();
        boolean descending = takeWord("DESC");
        if (!descending) {
            takeWord("ASC");
        }
        Token rest = scanner.peek();
        if (rest.kind() != Token.Kind.END) {
            throw scanner.problem(rest, "ASC, DESC or the end" + quoteHint(rest));
        }
        return at(start, () -> new Order(field, descending));
    }

    private Filter or() {
        return joined("OR", this::and, Filter.Or::new);
    }

    private Filter and() {
        return joined("AND", this::not, Filter.And::new);
    }

    private Filter joined(String operator, Supplier<Filter> part, Function<List<Filter>, Filter> join) {
        Filter first = part.get();
        if (!isWord(scanner.peek(), operator)) {
            return first;
        }
        int start = scanner.peek().start();
        List<Filter> parts = new ArrayList<>(List.of(first));
        while (isWord(scanner.peek(), operator)) {
            Token token = scanner.next();
            if (parts.size() == Filter.MAX_CLAUSES) {
                throw scanner.failure(
                        token.start(), "more than " + Filter.MAX_CLAUSES + " clauses; expected at most so many");
            }
            parts.add(part.get());
        }
        return at(start, () -> join.apply(parts));
    }

    private Filter not() {
        Token token = scanner.peek();
        if (isWord(token, "NOT")) {
            scanner.next();
            enter(token);
            Filter filter = not();
            nesting--;
            return at(token.start(), filter::not);
        }
        if (token.kind() == Token.Kind.OPEN) {
            scanner.next();
            enter(token);
            Filter filter = or();
            nesting--;
            Token close = scanner.next();
            if (close.kind() != Token.Kind.CLOSE) {
                throw scanner.problem(close, "AND, OR or the ) that closes the ( at position " + (token.start() + 1));
            }
            return filter;
        }
        if (isWord(token, "TRUE") && !scanner.dotFollows()) {
            scanner.next();
            return Filter.all();
        }
        return clause();
    }

    private void enter(Token token) {
        nesting++;
        if (nesting > Filter.MAX_DEPTH) {
            throw scanner.failure(
                    token.start(), "more than " + Filter.MAX_DEPTH + " levels of ( and NOT; expected at most so many");
        }
    }

    private Filter clause() {
        int start = scanner.peek().start();
        Field field = field();
        Token operator = scanner.peek();
        if (isWord(operator, "IS")) {
            scanner.next();
            boolean negated = takeWord("NOT");
            Token word = scanner.next();
            if (!isWord(word, "NULL")) {
                throw scanner.problem(word, negated ? "NULL" : "NULL or NOT NULL");
            }
            Filter isNull = field.isNull();
            return negated ? at(start, isNull::not) : isNull;
        }
        return field instanceof NumberField number ? numberClause(start, number) : textClause(start, (TextField) field);
    }

    private Filter numberClause(int start, NumberField field) {
        boolean negated = takeWord("NOT");
        Token operator = scanner.next();
        if (isWord(operator, "BETWEEN")) {
            double low = number(field);
            Token and = scanner.next();
            if (!isWord(and, "AND")) {
                throw scanner.problem(and, "AND and the upper bound");
            }
            double high = number(field);
            Filter between = at(start, () -> field.between(low, high));
            return negated ? at(start, between::not) : between;
        }
        if (operator.kind() == Token.Kind.OPERATOR && !negated) {
            for (Comparison comparison : Comparison.values()) {
                if (comparison.symbol().equals(operator.value())) {
                    double value = number(field);
                    return at(start, () -> new Filter.Compare(field, comparison, value));
                }
            }
        }
        throw scanner.problem(
                operator,
                negated
                        ? "BETWEEN"
                        : "=, !=, <, <=, >, >=, BETWEEN or IS NULL, since " + field + " is a number"
                                + quoteHint(operator));
    }

    private Filter textClause(int start, TextField field) {
        boolean negated = takeWord("NOT");
        Token operator = scanner.next();
        boolean ignoreCase = isWord(operator, "ILIKE");
        if (ignoreCase || isWord(operator, "LIKE")) {
            String pattern = text(field);
            return at(start, () -> new Filter.Like(field, pattern, ignoreCase, negated));
        }
        if (isWord(operator, "IN")) {
            List<String> values = list(field);
            return at(start, () -> new Filter.OneOf(field, values, negated));
        }
        boolean differs = operator.value().equals("!=");
        if (operator.kind() == Token.Kind.OPERATOR
                && !negated
                && (differs || operator.value().equals("="))) {
            String value = text(field);
            return at(start, () -> new Filter.OneOf(field, List.of(value), differs));
        }
        throw scanner.problem(
                operator,
                negated
                        ? "LIKE, ILIKE or IN"
                        : "=, !=, LIKE, ILIKE, IN, NOT or IS NULL, since " + field + " is a text"
                                + quoteHint(operator));
    }

    private List<String> list(TextField field) {
        Token open = scanner.next();
        if (open.kind() != Token.Kind.OPEN) {
            throw scanner.problem(open, "a list of texts: ('a', 'b')");
        }
        List<String> values = new ArrayList<>();
        while (true) {
            if (values.size() == Filter.MAX_VALUES) {
                throw scanner.failure(
                        scanner.peek().start(),
                        "more than " + Filter.MAX_VALUES + " values in a list; expected at most so many");
            }
            values.add(text(field));
            Token token = scanner.next();
            if (token.kind() == Token.Kind.CLOSE) {
                return values;
            }
            if (token.kind() != Token.Kind.COMMA) {
                throw scanner.problem(token, ", or )");
            }
        }
    }

    private double number(NumberField field) {
        Token token = scanner.next();
        if (token.kind() == Token.Kind.NUMBER) {
            double value = Double.parseDouble(token.value());
            if (Double.isInfinite(value)) {
                throw scanner.problem(token, "a number within the range of a double, or Infinity");
            }
            return value;
        }
        if (token.kind() == Token.Kind.WORD) {
            switch (token.value().toLowerCase(Locale.ROOT)) {
                case "infinity", "inf", "+infinity", "+inf" -> {
                    return Double.POSITIVE_INFINITY;
                }
                case "-infinity", "-inf" -> {
                    return Double.NEGATIVE_INFINITY;
                }
                case "nan" ->
                    throw scanner.problem(
                            token, "a number; nothing is equal to NaN, to find it: NOT " + field + " <= Infinity");
                default -> {}
            }
        }
        throw scanner.problem(
                token, "a number" + (token.isText() ? " without quotes, since " + field + " is a number" : ""));
    }

    private String text(TextField field) {
        Token token = scanner.next();
        if (!token.isText()) {
            boolean unquoted = token.kind() == Token.Kind.NUMBER || token.kind() == Token.Kind.WORD;
            throw scanner.problem(
                    token,
                    "a text in quotes" + (unquoted ? ": '" + Texts.clip(token.value()) + "'" : ", such as 'a'")
                            + ", since " + field + " is a text");
        }
        at(token.start(), () -> {
            Texts.checkValue(field, token.value());
            return token;
        });
        return token.value();
    }

    /** A kind with a key, or an attribute. */
    private Field field() {
        Token token = scanner.next();
        boolean quoted = token.kind() == Token.Kind.DOUBLE_QUOTED || token.kind() == Token.Kind.BACKQUOTED;
        boolean keyword = token.kind() == Token.Kind.WORD && isKeyword(token.value()) && !scanner.dotFollows();
        if (keyword && subject.attribute(token.value()) == null || !quoted && token.kind() != Token.Kind.WORD) {
            throw scanner.problem(
                    token,
                    "a field, such as metrics.loss, or an attribute: " + subject.names()
                            + (token.isText() || token.kind() == Token.Kind.NUMBER ? "; the field comes first" : ""));
        }
        if (token.kind() == Token.Kind.DOUBLE_QUOTED || !scanner.dotFollows()) {
            return attribute(token, quoted);
        }
        Kind kind = kind(token.value());
        if (kind == null) {
            throw scanner.problem(token, "metrics, params, tags, attributes or datasets before the dot");
        }
        if (kind != Kind.ATTRIBUTE && !subject.kinds().contains(kind)) {
            throw scanner.failure(token.start(), subject.lacks(kind));
        }
        Token key = scanner.nextKey();
        if (kind == Kind.ATTRIBUTE) {
            return attribute(key, key.kind() != Token.Kind.WORD);
        }
        String name = key.value();
        return at(key.start(), () -> kind == Kind.METRIC ? Fields.metric(name) : new TextField(kind, name));
    }

    private Field attribute(Token token, boolean quoted) {
        if (!quoted) {
            // MLflow's "Run name" stands without quotes too.
            Token second = scanner.peek();
            Field twoWords =
                    second.kind() == Token.Kind.WORD ? subject.attribute(token.value() + " " + second.value()) : null;
            if (twoWords != null) {
                scanner.next();
                return twoWords;
            }
        }
        Field attribute = subject.attribute(token.value());
        if (attribute == null) {
            throw scanner.failure(token.start(), subject.lacksAttribute(token.value()));
        }
        return attribute;
    }

    private static @Nullable Kind kind(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "metric", "metrics" -> Kind.METRIC;
            case "param", "params", "parameter", "parameters" -> Kind.PARAM;
            case "tag", "tags" -> Kind.TAG;
            case "attribute", "attributes", "attr", "run" -> Kind.ATTRIBUTE;
            case "dataset", "datasets" -> Kind.DATASET;
            default -> null;
        };
    }

    /** When something stands right at the end of a key, it was most likely meant to be of the key. */
    private String quoteHint(Token token) {
        boolean hint = token.kind() != Token.Kind.END
                && token.kind() != Token.Kind.OPERATOR
                && token.start() > 0
                && Scanner.isKeyPart(scanner.codePointBefore(token.start()));
        return hint
                ? " (a key with other characters than letters, digits, _ and . needs quotes: metrics.\"val/loss\")"
                : "";
    }

    private boolean takeWord(String word) {
        boolean found = isWord(scanner.peek(), word);
        if (found) {
            scanner.next();
        }
        return found;
    }

    private static boolean isWord(Token token, String word) {
        return token.kind() == Token.Kind.WORD && token.value().equalsIgnoreCase(word);
    }

    /** What a limit refuses is said with the position. */
    private <T> T at(int position, Supplier<T> made) {
        try {
            return made.get();
        } catch (InvalidInputException e) {
            throw scanner.failure(position, String.valueOf(e.getMessage()));
        }
    }
}
