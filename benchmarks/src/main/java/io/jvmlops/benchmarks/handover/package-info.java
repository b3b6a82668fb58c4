@NullMarked
package io.jvmlops.benchmarks.handover;

import org.jspecify.annotations.NullMarked;
