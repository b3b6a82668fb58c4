/**
 * Serving: models loaded from a registry behind handles that follow an alias, typed predictors over them, a prediction
 * cache, listeners and metrics. Start at {@link io.jvmlops.serving.Serving}.
 */
@NullMarked
package io.jvmlops.serving;

import org.jspecify.annotations.NullMarked;
