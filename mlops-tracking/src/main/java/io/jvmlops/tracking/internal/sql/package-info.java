/** The stores over JDBC, and what they need of a database. Internal: not for hosts, may change at any time. */
@NullMarked
package io.jvmlops.tracking.internal.sql;

import org.jspecify.annotations.NullMarked;
