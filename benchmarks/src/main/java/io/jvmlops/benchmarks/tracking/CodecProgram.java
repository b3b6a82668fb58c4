package io.jvmlops.benchmarks.tracking;

import io.jvmlops.tracking.internal.series.ChunkCodec;
import io.jvmlops.tracking.internal.series.PointColumns;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Codes one chunk after another, ours and Gorilla's in turns, and checks that what comes back is what went in. */
final class CodecProgram {
    private static final int POINTS = 4096;
    private static final int CHUNKS = 64;

    private CodecProgram() {}

    /** Arguments: which series, rounds. */
    public static void main(String[] args) {
        int rounds = Integer.parseInt(args[1]);
        long[] steps = new long[POINTS];
        long[] stamps = new long[POINTS];
        double[] values = new double[POINTS];
        SplittableRandom random = new SplittableRandom(3);
        long ourBytes = 0;
        long theirBytes = 0;
        double[][] nanos = new double[4][rounds];
        for (int round = 0; round < rounds; round++) {
            for (int chunk = 0; chunk < CHUNKS; chunk++) {
                fill(args[0], random, steps, stamps, values);
                PointColumns points = new PointColumns(POINTS);
                for (int i = 0; i < POINTS; i++) {
                    points.add(steps[i], stamps[i], values[i]);
                }
                long t0 = System.nanoTime();
                byte[] ours = ChunkCodec.encode(points, 0, POINTS);
                long t1 = System.nanoTime();
                byte[] theirs = Gorilla.encode(steps, stamps, values);
                long t2 = System.nanoTime();
                PointColumns back = ChunkCodec.decode(ours);
                long t3 = System.nanoTime();
                long[] backSteps = new long[POINTS];
                long[] backStamps = new long[POINTS];
                double[] backValues = new double[POINTS];
                Gorilla.decode(theirs, backSteps, backStamps, backValues);
                long t4 = System.nanoTime();
                nanos[0][round] += t1 - t0;
                nanos[1][round] += t2 - t1;
                nanos[2][round] += t3 - t2;
                nanos[3][round] += t4 - t3;
                ourBytes += ours.length;
                theirBytes += theirs.length;
                if (back.size() != POINTS
                        || !Arrays.equals(ours, ChunkCodec.encode(back, 0, POINTS))
                        || !Arrays.equals(values, backValues)
                        || !Arrays.equals(steps, backSteps)
                        || !Arrays.equals(stamps, backStamps)) {
                    throw new IllegalStateException("what comes back is not what went in");
                }
            }
        }
        double points = (double) rounds * CHUNKS * POINTS;
        System.out.println("our_bytes " + ourBytes / points);
        System.out.println("their_bytes " + theirBytes / points);
        String[] names = {"our_encode", "their_encode", "our_decode", "their_decode"};
        for (int i = 0; i < names.length; i++) {
            Arrays.sort(nanos[i]);
            System.out.println(names[i] + " " + nanos[i][rounds / 2] / CHUNKS / POINTS);
        }
    }

    private static void fill(String series, SplittableRandom random, long[] steps, long[] stamps, double[] values) {
        long first = random.nextLong(1_000_000);
        long stamp = 1_772_000_000_000L + random.nextLong(1_000_000);
        Curve floats = new Curve(random.nextLong(), Curve.Values.FLOATS);
        Curve doubles = new Curve(random.nextLong(), Curve.Values.DOUBLES);
        for (int i = 0; i < POINTS; i++) {
            steps[i] = first + i;
            stamp += 1 + random.nextInt(5);
            stamps[i] = stamp;
            values[i] = switch (series) {
                case "floats" -> floats.at(steps[i]);
                case "doubles" -> doubles.at(steps[i]);
                case "decimals" -> Math.round(doubles.at(i) * 1e4) / 1e4;
                case "counter" -> steps[i];
                default -> throw new IllegalArgumentException(series);
            };
        }
    }
}
