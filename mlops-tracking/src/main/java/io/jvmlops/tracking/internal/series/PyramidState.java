package io.jvmlops.tracking.internal.series;

import io.jvmlops.api.tracking.StepBlocks;
import java.util.ArrayList;
import java.util.List;

/**
 * What is to be remembered of a pyramid beside its pages. It follows from it which levels are stored: the base, and
 * every third above it until the points touch few enough blocks.
 *
 * @param base the finest level stored
 * @param points how many points have been counted in
 * @param nodes how many nodes the base has
 * @param firstStep the least step of the points
 * @param lastStep the greatest step of the points
 */
public record PyramidState(int base, long points, long nodes, long firstStep, long lastStep) {
    /** From one stored level to the next. */
    static final int STRIDE = 3;

    /** Below this many points to a node a level is not worth its room. */
    private static final int FEW_POINTS = 128;

    /** Level 58 has 64 blocks: no level above it is ever needed, so none is beyond {@link StepBlocks#MAX_LEVEL}. */
    private static final int HIGHEST_NEEDED = 58;

    /** The state before anything is counted in: the points, which are in order, choose the base. */
    static PyramidState before(PointColumns points) {
        long firstStep = points.stepAt(0);
        long lastStep = points.stepAt(points.size() - 1);
        // Unsigned, as a double: the span of all steps has 65 bits.
        double span = 1 + unsigned(lastStep - firstStep);
        int base = 0;
        while (base < HIGHEST_NEEDED && points.size() * Math.scalb(1.0, base) < 2 * FEW_POINTS * span) {
            base++;
        }
        return new PyramidState(base, 0, 0, firstStep, lastStep);
    }

    private static double unsigned(long value) {
        return value >= 0 ? value : (value >>> 1) * 2.0;
    }

    /** Which levels are stored, the finest first. */
    public List<Integer> levels() {
        List<Integer> levels = new ArrayList<>();
        int level = base;
        levels.add(level);
        while (Long.compareUnsigned(StepBlocks.blocksBetween(level, firstStep, lastStep), PageCodec.BLOCKS) >= 0) {
            level += STRIDE;
            levels.add(level);
        }
        return levels;
    }

    boolean isTooFine() {
        return base < HIGHEST_NEEDED && nodes > PageCodec.BLOCKS && nodes > points / FEW_POINTS;
    }

    PyramidState with(PointColumns more, long newNodes) {
        return new PyramidState(
                base,
                points + more.size(),
                nodes + newNodes,
                Math.min(firstStep, more.stepAt(0)),
                Math.max(lastStep, more.stepAt(more.size() - 1)));
    }

    PyramidState raised(int newBase, long newNodes) {
        return new PyramidState(newBase, points, newNodes, firstStep, lastStep);
    }
}
