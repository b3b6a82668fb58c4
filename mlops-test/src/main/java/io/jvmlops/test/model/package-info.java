/**
 * Contract suites of what loads, runs, wraps, verifies and exports models. Extend one, say how to make what is under test,
 * and JUnit runs the suite.
 */
@NullMarked
package io.jvmlops.test.model;

import org.jspecify.annotations.NullMarked;
