/**
 * The conventions of other drift libraries, by name, so that a team that migrates sees the numbers it knows, with their
 * faults, while it learns to read ours.
 */
@NullMarked
package io.jvmlops.monitoring.convention;

import org.jspecify.annotations.NullMarked;
