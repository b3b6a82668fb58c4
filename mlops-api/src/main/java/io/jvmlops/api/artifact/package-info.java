/** Bytes named by their content: digests, manifests of folders, and the store that holds them. */
@NullMarked
package io.jvmlops.api.artifact;

import org.jspecify.annotations.NullMarked;
