package io.jvmlops.api.monitoring;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** An estimate of how many distinct values there were, with the sketch that it is of. Immutable. */
public final class DistinctCount {
    private final double estimate;
    private final byte[] sketch;

    /**
     * @param estimate of the sketch, 0 or more
     * @param sketch whatever its maker needs to add two of them
     */
    public DistinctCount(double estimate, byte[] sketch) {
        this.estimate = estimate;
        this.sketch = sketch.clone();
    }

    public double estimate() {
        return estimate;
    }

    /** A copy. */
    public byte[] sketch() {
        return sketch.clone();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DistinctCount that && Arrays.equals(sketch, that.sketch);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sketch);
    }

    @Override
    public String toString() {
        return "about " + Math.round(estimate);
    }
}
