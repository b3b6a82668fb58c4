/** The stores over PostgreSQL. */
@NullMarked
package io.jvmlops.tracking.postgres;

import org.jspecify.annotations.NullMarked;
