/** JMH benchmarks in forks of their own that take turns, so that the machine's noise hits all alike. */
@NullMarked
package io.jvmlops.benchmarks.forks;

import org.jspecify.annotations.NullMarked;
