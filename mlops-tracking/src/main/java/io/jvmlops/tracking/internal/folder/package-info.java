/** Folders that are stored whole: what is in them, and what is known of it from last time. Not for use by hosts. */
@NullMarked
package io.jvmlops.tracking.internal.folder;

import org.jspecify.annotations.NullMarked;
