/** Where things come from, and what came from them: a graph of data, runs, files, model versions and moves of aliases. */
@NullMarked
package io.jvmlops.api.lineage;

import org.jspecify.annotations.NullMarked;
