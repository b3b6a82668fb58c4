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
 * @param bytes how many bytes the pages of all levels have together
 * @param firstStep the least step of the points
 * @param lastStep the greatest step of the points
 */
public record PyramidState(int base, long points, long bytes, long firstStep, long lastStep) {
    /** From one stored level to the next. */
    static final int STRIDE = 3;

    /** How many points a block of the base is to hold at least, as dense as the first ones are. */
    private static final int POINTS_PER_BLOCK = 256;

    /** How many times more than that are too many. */
    private static final int DENSE = 4;

    /** The pages may take a byte for so many points, a twentieth or so of what the points take. */
    private static final int POINTS_PER_BYTE = 5;

    /** What the pages may always take. */
    private static final int SMALL_BYTES = 1 << 10;

    /** Level 58 has 64 blocks: no level above it is ever needed, so none is beyond {@link StepBlocks#MAX_LEVEL}. */
    private static final int HIGHEST_NEEDED = 58;

    /** The state before anything is counted in: the points, which are in order, choose the base. */
    static PyramidState before(PointColumns points) {
        long firstStep = points.stepAt(0);
        long lastStep = points.stepAt(points.size() - 1);
        return before(points.size(), firstStep, lastStep);
    }

    /** The state before anything is counted in, of a series of which it is known how much is to come. */
    public static PyramidState before(long points, long firstStep, long lastStep) {
        double span = span(firstStep, lastStep);
        int base = 0;
        while (base < HIGHEST_NEEDED && points * Math.scalb(1.0, base) < POINTS_PER_BLOCK * span) {
            base++;
        }
        return new PyramidState(base, 0, 0, firstStep, lastStep);
    }

    /** Whether the blocks of the base hold so many points that finer ones would be worth their room. */
    public boolean isTooCoarse() {
        return base > 0
                && points > DENSE * POINTS_PER_BLOCK * Math.max(1, Math.scalb(span(firstStep, lastStep), -base));
    }

    /** Unsigned, as a double: the span of all steps has 65 bits. */
    private static double span(long firstStep, long lastStep) {
        return 1 + unsigned(lastStep - firstStep);
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

    /** Whether the pages take more room than they are worth, as they do when the points lie scattered. */
    boolean isTooLarge() {
        return base < HIGHEST_NEEDED && bytes > Math.max(SMALL_BYTES, points / POINTS_PER_BYTE);
    }

    PyramidState with(PointColumns more) {
        return new PyramidState(
                base,
                points + more.size(),
                bytes,
                Math.min(firstStep, more.stepAt(0)),
                Math.max(lastStep, more.stepAt(more.size() - 1)));
    }

    PyramidState with(int newBase, long moreBytes) {
        return new PyramidState(newBase, points, bytes + moreBytes, firstStep, lastStep);
    }
}
