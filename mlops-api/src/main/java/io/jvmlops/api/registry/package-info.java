/** Named models, their versions, and the aliases that say which one is live. */
@NullMarked
package io.jvmlops.api.registry;

import org.jspecify.annotations.NullMarked;
