@NullMarked
package io.jvmlops.serving.folder;

import org.jspecify.annotations.NullMarked;
