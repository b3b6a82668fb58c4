/** The contract suite of dataset stores, and one in memory that passes it. */
@NullMarked
package io.jvmlops.test.dataset;

import org.jspecify.annotations.NullMarked;
