/** Runs, metrics and models in one SQLite file, the embedded default. Begin with {@link io.jvmlops.tracking.sqlite.SqliteStores}. */
@NullMarked
package io.jvmlops.tracking.sqlite;

import org.jspecify.annotations.NullMarked;
