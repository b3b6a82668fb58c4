/** Helps for tests: a clock that is moved by hand, and below, by concept, the contract suites. */
@NullMarked
package io.jvmlops.test;

import org.jspecify.annotations.NullMarked;
