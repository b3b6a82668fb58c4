/** What a study is and what it is given while it runs: options, progress, a place for its rows. */
@NullMarked
package io.jvmlops.benchmarks.study;

import org.jspecify.annotations.NullMarked;
