package io.jvmlops.api.search;

import io.jvmlops.api.error.InvalidInputException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Cuts a text into tokens as they are asked for, and says where something is wrong. */
final class Scanner {
    /** How much of the text a message shows on each side of the position, in characters. */
    private static final int SHOWN = 40;

    private static final List<String> OPERATORS = List.of("!=", "<=", ">=", "<>", "==", "=", "<", ">");

    private final String what;
    private final String text;
    private int position;
    private @Nullable Token ahead;

    Scanner(String what, String text) {
        this.what = what;
        this.text = text;
    }

    void requireLength(int most) {
        if (text.length() > most) {
            throw failure(most, text.length() + " characters; expected at most " + most);
        }
    }

    Token peek() {
        if (ahead == null) {
            ahead = scan();
        }
        return ahead;
    }

    Token next() {
        Token token = peek();
        ahead = null;
        return token;
    }

    /** Whether a dot stands right after the last token that was scanned. */
    boolean dotFollows() {
        return position < text.length() && text.charAt(position) == '.';
    }

    /** The key after a kind: skips the dot; takes quotes, or all that can be of a bare key. */
    Token nextKey() {
        position++;
        int start = position;
        char mark = start < text.length() ? text.charAt(start) : ' ';
        if (mark == '"' || mark == '`') {
            return quoted(mark == '"' ? Token.Kind.DOUBLE_QUOTED : Token.Kind.BACKQUOTED, mark);
        }
        while (position < text.length() && (isKeyPart(text.codePointAt(position)) || text.charAt(position) == '.')) {
            position += Character.charCount(text.codePointAt(position));
        }
        if (position == start) {
            throw problem(scan(), "a key right after the dot");
        }
        return token(Token.Kind.WORD, start);
    }

    int codePointBefore(int index) {
        return text.codePointBefore(index);
    }

    static boolean isKeyPart(int c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    private Token scan() {
        while (position < text.length() && isBlank(text.charAt(position))) {
            position++;
        }
        int start = position;
        if (start == text.length()) {
            return new Token(Token.Kind.END, "", start, start);
        }
        int c = text.codePointAt(start);
        return switch (c) {
            case '\'' -> quoted(Token.Kind.SINGLE_QUOTED, '\'');
            case '"' -> quoted(Token.Kind.DOUBLE_QUOTED, '"');
            case '`' -> quoted(Token.Kind.BACKQUOTED, '`');
            case '(' -> single(Token.Kind.OPEN);
            case ')' -> single(Token.Kind.CLOSE);
            case ',' -> single(Token.Kind.COMMA);
            default -> longer(start, c);
        };
    }

    private Token longer(int start, int c) {
        for (String operator : OPERATORS) {
            if (text.startsWith(operator, start)) {
                position += operator.length();
                return token(Token.Kind.OPERATOR, start);
            }
        }
        boolean signed = c == '-' || c == '+';
        int first = signed ? codePointAt(start + 1) : c;
        if (isDigit(first) || first == '.' && isDigit(codePointAt(start + (signed ? 2 : 1)))) {
            return number(start, signed ? start + 1 : start);
        }
        position += Character.charCount(c);
        if (!isKeyPart(first)) {
            return token(Token.Kind.OTHER, start);
        }
        takeKeyParts();
        return token(Token.Kind.WORD, start);
    }

    /** Digits, with a point and an exponent; with letters right behind, it is none. */
    private Token number(int start, int unsigned) {
        position = unsigned;
        takeDigits();
        if (codePointAt(position) == '.') {
            position++;
            takeDigits();
        }
        int e = codePointAt(position);
        if (e == 'e' || e == 'E') {
            int sign = codePointAt(position + 1);
            int digits = position + (sign == '-' || sign == '+' ? 2 : 1);
            if (isDigit(codePointAt(digits))) {
                position = digits;
                takeDigits();
            }
        }
        int end = position;
        while (isKeyPart(codePointAt(position)) || codePointAt(position) == '.') {
            position += Character.charCount(codePointAt(position));
        }
        return token(position == end ? Token.Kind.NUMBER : Token.Kind.OTHER, start);
    }

    private void takeDigits() {
        while (isDigit(codePointAt(position))) {
            position++;
        }
    }

    private void takeKeyParts() {
        while (isKeyPart(codePointAt(position))) {
            position += Character.charCount(codePointAt(position));
        }
    }

    private Token quoted(Token.Kind kind, char mark) {
        int start = position;
        StringBuilder value = new StringBuilder();
        int from = start + 1;
        while (true) {
            int close = text.indexOf(mark, from);
            if (close < 0) {
                throw failure(
                        start, "found " + mark + " that nothing closes, expected another " + mark + " after the text");
            }
            value.append(text, from, close);
            from = close + 1;
            if (codePointAt(from) != mark) {
                position = from;
                return new Token(kind, value.toString(), start, from);
            }
            value.append(mark);
            from++;
        }
    }

    private Token single(Token.Kind kind) {
        position++;
        return token(kind, position - 1);
    }

    private Token token(Token.Kind kind, int start) {
        return new Token(kind, text.substring(start, position), start, position);
    }

    /** -1 past the end. */
    private int codePointAt(int index) {
        return index < text.length() ? text.codePointAt(index) : -1;
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isBlank(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    InvalidInputException problem(Token found, String expected) {
        String piece = found.kind() == Token.Kind.END
                ? "the end"
                : Texts.clip(shown(text.substring(found.start(), found.end())));
        return failure(found.start(), "found " + piece + ", expected " + expected);
    }

    /**
     * @param at from 0, at most the length of the text
     */
    InvalidInputException failure(int at, String problem) {
        int from = Math.max(0, at - SHOWN);
        int to = Math.min(text.length(), at + SHOWN);
        // Never through the middle of a character
        from += from > 0 && Character.isLowSurrogate(text.charAt(from)) ? 1 : 0;
        to += to < text.length() && Character.isLowSurrogate(text.charAt(to)) ? 1 : 0;
        String head = (from > 0 ? "..." : "") + shown(text.substring(from, at));
        String tail = shown(text.substring(at, to)) + (to < text.length() ? "..." : "");
        return new InvalidInputException(what + ", position " + (at + 1) + ": " + problem + "\n  " + head + tail
                + "\n  " + " ".repeat(head.codePointCount(0, head.length())) + "^");
    }

    /** Each character that would move the caret, or is only half of one, becomes one that stands in its place. */
    private static String shown(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints().forEach(c -> {
            int type = Character.getType(c);
            boolean moves = type == Character.CONTROL
                    || type == Character.FORMAT
                    || type == Character.SURROGATE
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR;
            out.appendCodePoint(moves ? (Character.isWhitespace(c) ? ' ' : 0xFFFD) : c);
        });
        return out.toString();
    }
}
