/** Artifacts as files of a local folder, the embedded default. */
@NullMarked
package io.jvmlops.tracking.files;

import org.jspecify.annotations.NullMarked;
