package io.jvmlops.tracking.internal.sql;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** A piece of SQL with the arguments of its question marks, in the order of which they come. Not thread-safe. */
final class Fragment {
    private final StringBuilder text = new StringBuilder();
    private final List<Object> arguments = new ArrayList<>();

    /** @param sql ours, never a caller's */
    static Fragment of(String sql, Object... arguments) {
        return new Fragment().add(sql, arguments);
    }

    Fragment add(String sql, Object... arguments) {
        text.append(sql);
        this.arguments.addAll(List.of(arguments));
        return this;
    }

    Fragment add(Fragment other) {
        text.append(other.text);
        arguments.addAll(other.arguments);
        return this;
    }

    /** {@code (?, ?, ?)} for these. */
    Fragment addList(Collection<?> values) {
        text.append("(?").append(", ?".repeat(values.size() - 1)).append(')');
        arguments.addAll(values);
        return this;
    }

    boolean isEmpty() {
        return text.length() == 0;
    }

    String text() {
        return text.toString();
    }

    Object[] arguments() {
        return arguments.toArray();
    }

    @Override
    public String toString() {
        return text();
    }
}
