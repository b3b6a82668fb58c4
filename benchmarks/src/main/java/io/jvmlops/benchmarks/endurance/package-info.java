/** What happens to a process in which models come and go under load: whether it lives, answers right and stays its size. */
@NullMarked
package io.jvmlops.benchmarks.endurance;

import org.jspecify.annotations.NullMarked;
