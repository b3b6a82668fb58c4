/** Asking a loaded model, typed; and watching what was asked and answered. */
@NullMarked
package io.jvmlops.api.predict;

import org.jspecify.annotations.NullMarked;
