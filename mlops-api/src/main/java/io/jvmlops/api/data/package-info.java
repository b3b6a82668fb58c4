/** The currency: tensors, the columns they are made of, and records as typed rows. */
@NullMarked
package io.jvmlops.api.data;

import org.jspecify.annotations.NullMarked;
