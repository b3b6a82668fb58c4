/** What profiling costs: time and heap of a value, memory of tenants, time to a verdict. */
@NullMarked
package io.jvmlops.benchmarks.profile;

import org.jspecify.annotations.NullMarked;
