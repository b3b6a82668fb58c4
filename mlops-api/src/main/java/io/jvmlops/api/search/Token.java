package io.jvmlops.api.search;

/**
 * A piece of a filter's text.
 *
 * @param value without quotes
 * @param start of its first character, from 0
 * @param end after its last character
 */
record Token(Kind kind, String value, int start, int end) {
    enum Kind {
        WORD,
        NUMBER,
        SINGLE_QUOTED,
        DOUBLE_QUOTED,
        BACKQUOTED,
        OPERATOR,
        OPEN,
        CLOSE,
        COMMA,
        /** What is no token. */
        OTHER,
        END
    }

    boolean isText() {
        return kind == Kind.SINGLE_QUOTED || kind == Kind.DOUBLE_QUOTED;
    }
}
