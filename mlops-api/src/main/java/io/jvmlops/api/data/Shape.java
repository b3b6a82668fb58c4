package io.jvmlops.api.data;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The extent of a tensor along each axis. In a signature an axis may be {@link #DYNAMIC}, in a tensor none is. Rank 0
 * is a scalar. Immutable.
 */
public final class Shape {
    /** The extent of an axis that is not known before the data is there, as the batch usually is. */
    public static final long DYNAMIC = -1;

    /**
     * The last shape of each hash. Of what a model is asked nearly all shapes are the same few: one object for all of them is
     * one that a look-up finds in the processor's caches. A race loses an entry, nothing else.
     */
    private static final @Nullable Shape[] LAST = new Shape[64];

    private final long[] dims;

    private Shape(long[] dims) {
        this.dims = dims;
    }

    /**
     * @param dims extents, each 0 or more, or {@link #DYNAMIC}
     * @throws IllegalArgumentException if an extent is less than -1
     */
    public static Shape of(long... dims) {
        long hash = dims.length;
        for (long dim : dims) {
            if (dim < DYNAMIC) {
                throw new IllegalArgumentException("extent " + dim + " in shape " + Arrays.toString(dims)
                        + ": expected 0 or more, or -1 for a dynamic axis");
            }
            hash = 31 * hash + dim;
        }
        int slot = (int) hash & LAST.length - 1;
        @Nullable Shape last = LAST[slot];
        if (last != null && Arrays.equals(last.dims, dims)) {
            return last;
        }
        Shape made = new Shape(dims.clone());
        LAST[slot] = made;
        return made;
    }

    public int rank() {
        return dims.length;
    }

    public long dim(int axis) {
        return dims[axis];
    }

    /** A copy of the extents. */
    public long[] dims() {
        return dims.clone();
    }

    /** Whether no axis is dynamic. */
    public boolean isStatic() {
        for (long dim : dims) {
            if (dim == DYNAMIC) {
                return false;
            }
        }
        return true;
    }

    /**
     * The number of elements.
     *
     * @throws IllegalStateException if an axis is dynamic
     * @throws ArithmeticException if the product does not fit a {@code long}
     */
    public long elements() {
        long product = 1;
        for (long dim : dims) {
            if (dim == DYNAMIC) {
                throw new IllegalStateException("shape " + this + " has a dynamic axis, so no number of elements");
            }
            product = Math.multiplyExact(product, dim);
        }
        return product;
    }

    /** Whether a tensor of the given shape fits here: same rank, and equal extents wherever this one is not dynamic. */
    public boolean accepts(Shape actual) {
        if (actual.dims.length != dims.length) {
            return false;
        }
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] != DYNAMIC && dims[i] != actual.dims[i]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Shape that && Arrays.equals(dims, that.dims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dims);
    }

    /** Like {@code [-1, 4]}. */
    @Override
    public String toString() {
        return Arrays.toString(dims);
    }
}
