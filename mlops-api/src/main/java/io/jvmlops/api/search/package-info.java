/** Filters, orders and pages that every store understands: parsed from text or built from typed fields. */
@NullMarked
package io.jvmlops.api.search;

import org.jspecify.annotations.NullMarked;
