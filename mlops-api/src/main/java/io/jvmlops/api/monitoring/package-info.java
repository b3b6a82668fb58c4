/** Profiles of data, statistics that compare two of them, and the report that says what moved. */
@NullMarked
package io.jvmlops.api.monitoring;

import org.jspecify.annotations.NullMarked;
