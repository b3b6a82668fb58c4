/** Contract suites of the interfaces around predicting. */
@NullMarked
package io.jvmlops.test.predict;

import org.jspecify.annotations.NullMarked;
