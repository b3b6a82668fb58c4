/** Tribuo models: written as model folders, and loaded from them without trusting what they name. */
@NullMarked
package io.jvmlops.serving.tribuo;

import org.jspecify.annotations.NullMarked;
