/** Model folders in MLflow's layout: what {@code MLmodel} says, and which files lie beside it. */
@NullMarked
package io.jvmlops.serving.folder;

import org.jspecify.annotations.NullMarked;
