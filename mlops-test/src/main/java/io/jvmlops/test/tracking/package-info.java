/** The contract suites of the stores of runs and metrics, and stores in memory that pass them. */
@NullMarked
package io.jvmlops.test.tracking;

import org.jspecify.annotations.NullMarked;
