@NullMarked
package io.jvmlops.serving.tribuo;

import org.jspecify.annotations.NullMarked;
