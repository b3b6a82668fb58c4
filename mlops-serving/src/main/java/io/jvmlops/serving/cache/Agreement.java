package io.jvmlops.serving.cache;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;

/**
 * Whether two answers to the same input are the same. Runtimes sum in another order for another number of rows, so numbers may
 * differ in their last digits: by 1e-4 of the larger (of the largest in the tensor, where sums cancel), 1e-2 for half precision.
 * Labels and whole numbers must be equal.
 */
final class Agreement {
    private static final double RELATIVE = 1e-4;
    private static final double RELATIVE_HALF = 1e-2;
    /** Noise of sums that cancel to nothing. */
    private static final double ABSOLUTE = 1e-6;

    private Agreement() {}

    static boolean of(Tensors one, Tensors other) {
        return of(one, other, false);
    }

    /**
     * As above for rows that were asked in two ways, which tell how large the numbers at each position of a row are: so what is
     * tiny as a whole, or beside other positions, is looked at as closely.
     */
    static boolean ofRows(Tensors one, Tensors other) {
        return of(one, other, true);
    }

    private static boolean of(Tensors one, Tensors other, boolean byPosition) {
        if (one.size() != other.size()) {
            return false;
        }
        for (int i = 0; i < one.size(); i++) {
            int position = other.indexOf(one.nameAt(i));
            if (position < 0 || !of(one.at(i), other.at(position), byPosition)) {
                return false;
            }
        }
        return true;
    }

    private static boolean of(Tensor one, Tensor other, boolean byPosition) {
        if (one.type() != other.type() || !one.shape().equals(other.shape())) {
            return false;
        }
        if (!one.type().isFloating()) {
            return one.equals(other);
        }
        int width = byPosition ? Math.max(1, one.rowSize()) : 1;
        double[] largest = new double[width];
        double all = 0;
        for (int i = 0; i < one.size(); i++) {
            double value = Math.abs(one.doubleAt(i));
            if (value < Double.POSITIVE_INFINITY) {
                largest[i % width] = Math.max(largest[i % width], value);
                all = Math.max(all, value);
            }
        }
        boolean half = one.type() == DataType.FP16 || one.type() == DataType.BF16;
        double relative = half ? RELATIVE_HALF : RELATIVE;
        double absolute = byPosition ? all * ABSOLUTE : ABSOLUTE;
        for (int i = 0; i < one.size(); i++) {
            double tolerance = largest[i % width] * relative + absolute;
            if (!isNear(one.doubleAt(i), other.doubleAt(i), tolerance)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNear(double a, double b, double tolerance) {
        return Double.compare(a, b) == 0 || a == b || Math.abs(a - b) <= tolerance;
    }
}
