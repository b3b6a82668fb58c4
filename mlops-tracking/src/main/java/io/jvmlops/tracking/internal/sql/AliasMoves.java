package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.registry.AliasChange;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Moves aliases and tells of their moves, within a transaction.
 *
 * <p>The moves of an alias are a chain: {@code previous} of a move is the one whose version the alias goes back to next. Of a
 * move to somewhere, that is the move before it; of a rollback to where some move had led, what was previous to that one.
 */
final class AliasMoves {
    private static final String SELECT =
            "SELECT c.sequence, c.kind, m.name, c.alias, c.from_version, c.to_version, c.who, c.at, c.why"
                    + " FROM alias_change c JOIN model m ON m.id = c.model ";

    /** How many versions a message lists. */
    private static final int SHOWN = 20;

    private final Session session;
    private final ModelRef.Alias ref;
    private final String who;
    private final String why;
    private final long now;

    /** @param now milliseconds since the epoch */
    AliasMoves(Session session, ModelRef.Alias ref, String who, String why, long now) {
        this.session = session;
        this.ref = ref;
        this.who = who;
        this.why = why;
        this.now = now;
    }

    /** @param model its row, locked; null if there is none */
    AliasChange set(@Nullable Long model, @Nullable Integer expected, @Nullable Integer to) throws SQLException {
        if (to != null && (model == null || !isVersion(model, to))) {
            throw new NotFoundException("alias " + ref + " cannot point at version " + to
                    + ": there is none; the model " + (model == null ? "is not registered" : "has " + versions(model)));
        }
        requireAt(model, expected);
        // What is not there is not removed.
        Long previous = newest(Objects.requireNonNull(model));
        if (previous != null && to != null && to.equals(expected)) {
            // Set to where it is, as by a script every night: that leaves as far to go back as before, not farther.
            Move back = previous(previous);
            previous = back == null ? null : back.sequence;
        }
        return add(model, AliasChange.Kind.SET, expected, to, previous);
    }

    /** @param model its row, locked; null if there is none */
    AliasChange rollback(@Nullable Long model, @Nullable Integer expected) throws SQLException {
        requireAt(model, expected);
        Long newest = model == null ? null : newest(model);
        if (model != null && newest != null) {
            for (Move move = previous(newest); move != null; move = previous(move.sequence)) {
                if (move.to != null && !move.to.equals(expected) && isVersion(model, move.to)) {
                    return add(model, AliasChange.Kind.ROLLBACK, expected, move.to, move.previous);
                }
            }
        }
        throw new ConflictException("alias " + ref + " cannot go back: "
                + (newest == null
                        ? "it was never set"
                        : "there is no version before "
                                + (expected == null ? "it was removed" : "version " + expected)
                                + " that it pointed at and that is still registered"));
    }

    private void requireAt(@Nullable Long model, @Nullable Integer expected) throws SQLException {
        Long at = model == null
                ? null
                : session.findLong("SELECT version FROM alias WHERE model = ? AND name = ?", model, ref.alias());
        Integer present = at == null ? null : Integer.valueOf(Math.toIntExact(at));
        if (!Objects.equals(present, expected)) {
            throw new ConflictException("alias " + ref + " was expected at "
                    + (expected == null ? "no version" : "version " + expected) + " and is at "
                    + (present == null ? "none" : "version " + present));
        }
    }

    private boolean isVersion(long model, int version) throws SQLException {
        return session.findLong(
                        "SELECT id FROM model_version WHERE model = ? AND version = ? AND deleted_at IS NULL",
                        model,
                        version)
                != null;
    }

    /** For a message. */
    private String versions(long model) throws SQLException {
        List<Integer> newest = new ArrayList<>();
        try (ResultSet rows = session.query(
                "SELECT version FROM model_version WHERE model = ? AND deleted_at IS NULL ORDER BY version DESC LIMIT ?",
                model,
                SHOWN)) {
            while (rows.next()) {
                newest.add(0, rows.getInt(1));
            }
        }
        return newest.size() < SHOWN ? "versions " + newest : "the newest versions " + newest;
    }

    private @Nullable Long newest(long model) throws SQLException {
        return session.findLong(
                "SELECT max(sequence) FROM alias_change WHERE model = ? AND alias = ?", model, ref.alias());
    }

    private record Move(
            long sequence, @Nullable Integer to, @Nullable Long previous) {}

    /** The move that one leads back to, or null. Always an earlier one: a damaged chain is no circle. */
    private @Nullable Move previous(long sequence) throws SQLException {
        try (ResultSet row = session.query(
                "SELECT p.sequence, p.to_version, p.previous FROM alias_change c"
                        + " JOIN alias_change p ON p.sequence = c.previous AND p.sequence < c.sequence WHERE c.sequence = ?",
                sequence)) {
            if (!row.next()) {
                return null;
            }
            long previous = row.getLong(3);
            return new Move(row.getLong(1), nullableInt(row, 2), previous == 0 ? null : previous);
        }
    }

    private AliasChange add(
            long model, AliasChange.Kind kind, @Nullable Integer from, @Nullable Integer to, @Nullable Long previous)
            throws SQLException {
        if (to == null) {
            session.update("DELETE FROM alias WHERE model = ? AND name = ?", model, ref.alias());
        } else {
            session.update(
                    "INSERT INTO alias (model, name, version) VALUES (?, ?, ?)"
                            + " ON CONFLICT (model, name) DO UPDATE SET version = excluded.version",
                    model,
                    ref.alias(),
                    to);
        }
        // Last, as whoever moves another alias waits from here until this is committed; thereby the order is that of
        // commits.
        long sequence =
                session.requireLong("UPDATE counter SET value = value + 1 WHERE name = 'alias_change' RETURNING value");
        session.update(
                "INSERT INTO alias_change (sequence, model, alias, kind, from_version, to_version, previous, who, at, why)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                sequence,
                model,
                ref.alias(),
                kind.name(),
                from,
                to,
                previous,
                who,
                now,
                why);
        return new AliasChange(sequence, kind, ref.name(), ref.alias(), from, to, who, Instant.ofEpochMilli(now), why);
    }

    /** @param rest of the query, from its WHERE on */
    static List<AliasChange> list(Session session, String rest, Object... arguments) throws SQLException {
        List<AliasChange> moves = new ArrayList<>();
        try (ResultSet rows = session.query(SELECT + rest, arguments)) {
            while (rows.next()) {
                moves.add(new AliasChange(
                        rows.getLong(1),
                        AliasChange.Kind.valueOf(rows.getString(2)),
                        rows.getString(3),
                        rows.getString(4),
                        nullableInt(rows, 5),
                        nullableInt(rows, 6),
                        rows.getString(7),
                        Instant.ofEpochMilli(rows.getLong(8)),
                        rows.getString(9)));
            }
        }
        return moves;
    }

    private static @Nullable Integer nullableInt(ResultSet row, int column) throws SQLException {
        int value = row.getInt(column);
        return row.wasNull() ? null : value;
    }
}
