package io.jvmlops.serving;

import java.util.concurrent.TimeUnit;

/**
 * Keeps a listener's thread within its share of one processor, by saying how large a sample of the rows it is told of. Knows no
 * clock: it is told of time. Used by one thread.
 *
 * <p>What may be spent grows with time, up to a quarter of a second's share ({@link #SAVED}), so that a short burst is told in
 * full. Once all is spent, the sample is cut by as much as the listener took too much of late; after a second in which twice as
 * much would have fit well, it is doubled again. What the thread takes besides telling, to wake up and look, does not grow with the
 * sample, and is not taken to. A listener that has spent as much in advance, in one long call, has to rest.
 */
final class CpuBudget {
    static final int MAX_SAMPLING = 20;
    /** What is left over may be spent within this. */
    static final long SAVED = TimeUnit.MILLISECONDS.toNanos(250);

    /** So long it must have been calm before the sample is doubled. */
    private static final long PERIOD = TimeUnit.SECONDS.toNanos(1);

    /** The part of the budget that is given out: so that what was saved, spent at once, is still within it over some seconds. */
    private static final double GIVEN = 0.9;

    /** Shorter spans say little of what a listener takes. */
    private static final long SHORTEST = TimeUnit.MILLISECONDS.toNanos(10);

    /** So often it is looked whether too much is taken. */
    private static final long WINDOW = TimeUnit.MILLISECONDS.toNanos(100);

    /** The part of the share that is aimed at when the sample is cut; the rest pays back what was taken too much. */
    private static final double AIM = 0.75;

    /** A smaller part of the share than this is not worth a smaller sample. */
    private static final double LEAST = 0.1;

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
    private long telling;
    /** Where the window began. */
    private long windowWall;

    private long windowCpu;
    private long windowTelling;
    /** Since when the sampling has been what it is, or a second was not calm. */
    private long calmWall;

    private long calmCpu;
    private long calmTelling;

    /**
     * @param budget share of one processor, above 0
     * @param wall nanoseconds, from anywhere
     * @param cpu processor time in nanoseconds, from anywhere
     */
    CpuBudget(double budget, long wall, long cpu) {
        this.share = GIVEN * budget;
        this.most = share * SAVED;
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
     * @param nowTelling the part of the processor time, since this was made, in which the listener was told
     * @param fill how full the queue is, from 0 to 1
     * @return the sampling from now on
     */
    int spent(long nowWall, long nowCpu, long nowTelling, double fill) {
        left = Math.min(most, left + share * (nowWall - wall) - (nowCpu - cpu));
        wall = nowWall;
        cpu = nowCpu;
        telling = nowTelling;
        boolean pressed = left < 0 || fill > FILLING;
        long span = wall - windowWall;
        if (span >= WINDOW || pressed && span >= SHORTEST) {
            double room = share * span;
            double told = telling - windowTelling;
            double besides = cpu - windowCpu - told;
            windowWall = wall;
            windowCpu = cpu;
            windowTelling = telling;
            if (left < 0 && besides + told > AIM * room && told > LEAST * room) {
                change(sampling + steps(told / Math.max(AIM * room - besides, LEAST * room)));
            } else if (fill > FILLING) {
                change(sampling + 1);
            }
        }
        if (wall - calmWall >= PERIOD) {
            double room = share * (wall - calmWall);
            double told = telling - calmTelling;
            double besides = cpu - calmCpu - told;
            boolean calm = left > 0 && fill < FILLING / 2 && besides + 2 * told <= CALM * room;
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
        calmTelling = telling;
    }

    /** For how many nanoseconds from the last look on nothing may be told; mostly none. */
    long rest() {
        return left >= -most ? 0 : (long) ((-most - left) / share);
    }
}
