package io.jvmlops.tracking.internal.sql;

import java.sql.SQLException;

/** Carries what a database threw through code that knows nothing of databases, and never leaves this package. */
final class SqlFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final SQLException failure;

    SqlFailure(SQLException failure) {
        super(failure);
        this.failure = failure;
    }

    /** The work with such failures taken out of their wrapping, so that the database can tell what they are. */
    static <T> SqlDatabase.Work<T> unwrapped(SqlDatabase.Work<T> work) {
        return session -> {
            try {
                return work.run(session);
            } catch (SqlFailure e) {
                throw e.failure;
            }
        };
    }
}
