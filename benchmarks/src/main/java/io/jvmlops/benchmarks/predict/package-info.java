/** One prediction of a small ONNX model: our API beside ONNX Runtime used by hand and DJL. */
@NullMarked
package io.jvmlops.benchmarks.predict;

import org.jspecify.annotations.NullMarked;
