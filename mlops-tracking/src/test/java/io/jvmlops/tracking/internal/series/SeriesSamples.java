package io.jvmlops.tracking.internal.series;

import io.jvmlops.api.tracking.MetricPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Series of many shapes, each from a seed. */
final class SeriesSamples {
    static final int STEP_SHAPES = 8;
    static final int STAMP_SHAPES = 4;
    static final int VALUE_SHAPES = 13;

    private SeriesSamples() {}

    /** Points in any order; equal seeds give equal points. */
    static PointColumns points(long seed, int n) {
        Random random = new Random(seed);
        return points(
                random, n, random.nextInt(STEP_SHAPES), random.nextInt(STAMP_SHAPES), random.nextInt(VALUE_SHAPES));
    }

    static PointColumns points(Random random, int n, int stepShape, int stampShape, int valueShape) {
        PointColumns points = new PointColumns();
        long start = random.nextInt(2_000) - 1_000L;
        long at = 1_700_000_000_000L;
        for (int i = 0; i < n; i++) {
            at += 1 + random.nextInt(5);
            points.addBits(
                    step(random, stepShape, start, i),
                    stamp(random, stampShape, at, i),
                    Double.doubleToRawLongBits(value(random, valueShape, i)));
        }
        return points;
    }

    private static long step(Random random, int shape, long start, int i) {
        return switch (shape) {
            case 0 -> start + i;
            case 1 -> start + i * 100L;
            case 2 -> start + i / 3;
            case 3 -> random.nextInt(64) - 32;
            case 4 -> random.nextLong();
            case 5 -> random.nextLong() >> random.nextInt(64);
            case 6 -> i < 20 ? i : i * 1_000_000_000_000L;
            default -> 0;
        };
    }

    private static long stamp(Random random, int shape, long at, int i) {
        return switch (shape) {
            case 0 -> at;
            case 1 -> at + (i / 100) * 60_000L;
            case 2 -> random.nextLong();
            default -> 7;
        };
    }

    static double value(Random random, int shape, int i) {
        double noise = Math.exp(0.1 * random.nextGaussian()) / Math.sqrt(i + 1.0);
        return switch (shape) {
            case 0 -> noise;
            case 1 -> (float) noise;
            case 2 -> Math.round(noise * 10_000) / 1e4;
            case 3 -> (float) (Math.round(noise * 1_000) / 1e3);
            case 4 -> i;
            case 5 -> 0.25;
            case 6 -> random.nextInt(10) == 0 ? Double.NaN : Math.round(noise * 100) / 1e2;
            case 7 -> Double.longBitsToDouble(random.nextLong());
            case 8 -> random.nextGaussian();
            case 9 -> (float) random.nextGaussian();
            case 10 -> random.nextBoolean() ? -0.0 : 0.0;
            case 11 -> Double.longBitsToDouble(0x7FF0000000000000L | (long) (random.nextInt(5) - 2) << 50 | i % 3);
            default -> random.nextInt(3) - 1;
        };
    }

    /** The points as objects in the order of the series, sorted by other means than the columns' own. */
    static List<MetricPoint> sorted(PointColumns points) {
        List<MetricPoint> sorted = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            sorted.add(points.markAt(i).toPoint("m"));
        }
        sorted.sort(MetricPoint.BY_STEP);
        return sorted;
    }

    static List<Mark> marks(PointColumns points) {
        List<Mark> marks = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            marks.add(points.markAt(i));
        }
        return marks;
    }
}
