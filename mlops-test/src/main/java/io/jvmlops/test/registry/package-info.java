/** The contract suite of model registries, and one in memory that passes it. */
@NullMarked
package io.jvmlops.test.registry;

import org.jspecify.annotations.NullMarked;
