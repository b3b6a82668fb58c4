package io.jvmlops.serving;

import java.util.concurrent.TimeUnit;

/**
 * Keeps a listener's thread within its share of one processor, by saying how large a sample of the rows it is told of. Knows no
 * clock: it is told of time. Used by one thread.
 *
 * <p>What may be spent grows with time, up to a second's share ({@link #PERIOD}), so that a short burst is told in full. Once all
 * is spent, the sample is cut by as much as the listener took too much of late; after a second in which twice as much would have
 * fit well, it is doubled again. A listener that has spent a second's share in advance, in one long call, has to rest.
 */
final class CpuBudget {
    static final int MAX_SAMPLING = 20;
    static final long PERIOD = TimeUnit.SECONDS.toNanos(1);

    /** Shorter spans say little of what a listener takes. */
    private static final long SHORTEST = TimeUnit.MILLISECONDS.toNanos(10);

    /** So often it is looked whether too much is taken. */
    private static final long WINDOW = TimeUnit.MILLISECONDS.toNanos(100);

    /** The part of the share that is aimed at when the sample is cut; the rest pays back what was taken too much. */
    private static final double AIM = 0.75;

    /** The part of the share that twice the rows may take for the sample to be doubled. */
    private static final double CALM = 0.9;

    /** The sample is cut, too, if the queue is filled to this part: better few rows of all than all of some. */
    private static final double FILLING = 0.5;

    /** The most that one look cuts: 2^-5 of what it was. */
    private static final int MAX_STEP = 5;

    private final double share;
    private final double most;
    private double left;
    private int sampling;

    private long wall;
    private long cpu;
    /** Where the window began. */
    private long windowWall;

    private long windowCpu;
    /** Since when the sampling has been what it is, or a second was not calm. */
    private long calmWall;

    private long calmCpu;

    /**
     * @param share of one processor, above 0
     * @param wall nanoseconds, from anywhere
     * @param cpu processor time in nanoseconds, from anywhere
     */
    CpuBudget(double share, long wall, long cpu) {
        this.share = share;
        this.most = share * PERIOD;
        this.left = most;
        this.wall = wall;
        this.cpu = cpu;
        this.windowWall = wall;
        this.windowCpu = cpu;
        this.calmWall = wall;
        this.calmCpu = cpu;
    }

    int sampling() {
        return sampling;
    }

    /**
     * Looks at what was spent.
     *
     * @param nowWall as of now, and
     * @param nowCpu likewise
     * @param fill how full the queue is, from 0 to 1
     * @return the sampling from now on
     */
    int spent(long nowWall, long nowCpu, double fill) {
        left = Math.min(most, left + share * (nowWall - wall) - (nowCpu - cpu));
        wall = nowWall;
        cpu = nowCpu;
        boolean pressed = left < 0 || fill > FILLING;
        long span = wall - windowWall;
        if (span >= WINDOW || pressed && span >= SHORTEST) {
            double taken = (cpu - windowCpu) / (double) span / share;
            windowWall = wall;
            windowCpu = cpu;
            if (left < 0 && taken > AIM) {
                change(sampling + steps(taken / AIM));
            } else if (fill > FILLING) {
                change(sampling + 1);
            }
        }
        if (wall - calmWall >= PERIOD) {
            double taken = (cpu - calmCpu) / (double) (wall - calmWall) / share;
            boolean calm = left > 0 && fill < FILLING / 2 && 2 * taken <= CALM;
            change(sampling - (calm ? 1 : 0));
        }
        return sampling;
    }

    /** How many halvings bring it down to 1 or less, from above 1. */
    private static int steps(double times) {
        int steps = 1;
        while (steps < MAX_STEP && Math.scalb(1.0, steps) < times) {
            steps++;
        }
        return steps;
    }

    private void change(int to) {
        sampling = Math.max(0, Math.min(MAX_SAMPLING, to));
        calmWall = wall;
        calmCpu = cpu;
    }

    /** For how many nanoseconds from the last look on nothing may be told; mostly none. */
    long rest() {
        return left >= -most ? 0 : (long) ((-most - left) / share);
    }
}
