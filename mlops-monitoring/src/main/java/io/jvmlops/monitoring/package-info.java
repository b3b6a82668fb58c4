/** Watching a model's data: a reference, a monitor that profiles what is predicted, and the policy that judges. */
@NullMarked
package io.jvmlops.monitoring;

import org.jspecify.annotations.NullMarked;
