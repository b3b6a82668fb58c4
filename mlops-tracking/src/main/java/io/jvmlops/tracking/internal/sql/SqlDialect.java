package io.jvmlops.tracking.internal.sql;

import java.sql.SQLException;

/** Where the databases differ. Everything else is the SQL that they share. */
public interface SqlDialect {
    /** A definition of a table or index, with the words {@code {id} {int} {blob} {text} {keyed}} replaced. */
    default String define(String template) {
        return template.replace("{id}", identity())
                .replace("{int}", integer())
                .replace("{blob}", blob())
                .replace("{text}", text())
                .replace("{keyed}", keyed());
    }

    /** The type of a key that the database hands out. */
    String identity();

    /**
     * A key of a new row, as an expression that stands in VALUES. What had a key before is not mistaken for it, as long as
     * who removes a row of the table says so by {@link #retire}.
     */
    String newIdentity(String table);

    /** Sees to it that a key that is removed is not handed out again. */
    void retire(Session session, String table, long id) throws SQLException;

    /** A type of 64 bits. */
    String integer();

    String blob();

    /** A text that is compared by its UTF-8 bytes. */
    String text();

    /** What follows the columns of a table that is read by its key only. */
    String keyed();

    /** Milliseconds since the epoch, by the database's clock at this moment, as an expression. */
    String now();

    /** What a query ends with whose rows nobody else may change before the transaction ends. */
    String forUpdate();

    /** What a query ends with whose rows others may read so too, and nobody change before the transaction ends. */
    String forShare();

    /** As {@link #forUpdate}, but the rows that somebody else is changing are left out. */
    String forUpdateOfUnlocked();

    /** A digest's bytes as lower-case hexadecimal text, as an expression. */
    String hex(String column);

    /** The first characters of a text, as an expression that an index can be made of. */
    default String prefix(String column, int characters) {
        return "substr(" + column + ", 1, " + characters + ")";
    }

    /**
     * Whether a text fits a pattern, given as an argument as by {@link #likePattern}: {@code %} is any text, {@code _} one
     * character, nothing escapes them.
     *
     * @param ignoreCase A to Z are a to z, and no other letters are the same
     */
    String like(String expression, boolean ignoreCase, boolean negated);

    String likePattern(String pattern, boolean ignoreCase);

    /**
     * Whether the database knows how much there is of everything, and finds the cheapest way by itself. Else queries are
     * written in the order in which they are to be run, with {@link #using} and {@link #join}.
     */
    boolean plansByItself();

    /** Follows a table in FROM: which index to read it by. */
    String using(String index);

    /** Joins a table that is looked into for each row of the one before. */
    String join();

    /** The version of the schema that is there; 0 if there is none. */
    int schemaVersion(Session session) throws SQLException;

    /** Writes the version, within the transaction that made it so. */
    void setSchemaVersion(Session session, int version) throws SQLException;
}
