/** One entry point for comparisons with peers and for long studies: the command line and what a study is. */
@NullMarked
package io.jvmlops.benchmarks;

import org.jspecify.annotations.NullMarked;
