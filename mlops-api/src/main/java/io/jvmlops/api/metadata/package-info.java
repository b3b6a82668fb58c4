/** What people say about things: names, tags, descriptions, and their limits. */
@NullMarked
package io.jvmlops.api.metadata;

import org.jspecify.annotations.NullMarked;
