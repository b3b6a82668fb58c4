/** One model's whole life on the Iris data. */
@NullMarked
package io.jvmlops.samples.iris;

import org.jspecify.annotations.NullMarked;
