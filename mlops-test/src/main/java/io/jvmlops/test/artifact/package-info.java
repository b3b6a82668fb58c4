/** The contract suite of artifact stores, and one in memory that passes it. */
@NullMarked
package io.jvmlops.test.artifact;

import org.jspecify.annotations.NullMarked;
