/** Loads ONNX models with ONNX Runtime. */
@NullMarked
package io.jvmlops.serving.onnx;

import org.jspecify.annotations.NullMarked;
