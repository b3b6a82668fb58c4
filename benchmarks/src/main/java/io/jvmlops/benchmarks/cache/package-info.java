/** The prediction cache beside what people put around a model instead, and beside no cache at all. */
@NullMarked
package io.jvmlops.benchmarks.cache;

import org.jspecify.annotations.NullMarked;
