/** What is left of a training that is killed. */
@NullMarked
package io.jvmlops.benchmarks.kill;

import org.jspecify.annotations.NullMarked;
