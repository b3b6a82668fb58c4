package io.jvmlops.monitoring.statistic;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The data sets of {@code src/test/python/golden.py}, made by the same arithmetic, and what other libraries answer. */
public final class GoldenData {
    /** Reference and current values by name. */
    public static final Map<String, double[][]> NUMERIC = new LinkedHashMap<>();

    /** Counts of levels by name. */
    public static final Map<String, long[][]> LEVELS = new LinkedHashMap<>();

    static {
        numeric("uniform", steps(200, 4321), steps(150, 7919));
        numeric("shifted", triangle(400, 1234), map(triangle(300, 777), v -> v + 0.25));
        numeric("wider", map(triangle(500, 1234), v -> v - 1), map(triangle(500, 777), v -> (v - 1) * 1.5));
        numeric("same", triangle(300, 1234), triangle(300, 1234));
        numeric(
                "tied",
                map(triangle(300, 1234), v -> Math.floor(v * 5)),
                map(triangle(200, 777), v -> Math.floor(v * 6)));
        numeric("binary", map(steps(120, 4321), v -> Math.floor(v * 2)), map(steps(90, 777), v -> Math.floor(v * 1.5)));
        numeric("small", new double[] {38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0}, new double[] {
            39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3
        });
        double[] outlier = Arrays.copyOf(triangle(1000, 777), 1001);
        outlier[1000] = 1e6;
        numeric("outlier", triangle(1001, 1234), outlier);
        double[] q = IntStream.rangeClosed(1, 1000).mapToDouble(i -> i / 1000.0).toArray();
        numeric("squares", q, map(q, v -> v * v));
        numeric("large", map(triangle(3000, 1234), v -> v * 1e6), map(triangle(2000, 777), v -> v * 1.02e6));
        numeric(
                "far",
                map(triangle(400, 1234), v -> 1.7e9 + Math.floor(v * 1e5)),
                map(triangle(350, 777), v -> 1.7e9 + Math.floor(v * 1.2e5)));
        numeric("steep", map(steps(600, 1234), v -> Math.pow(v, 4)), map(steps(500, 777), v -> Math.pow(v, 3)));
        numeric("disjoint", steps(100, 4321), map(steps(80, 777), v -> v + 2));
        numeric("sparse", map(steps(64, 4321), v -> Math.floor(v * 64)), map(steps(64, 777), v -> Math.floor(v * 64)));
        numeric("big", triangle(10000, 1234), map(triangle(2500, 777), v -> v * 1.1 - 0.1));
        LEVELS.put("six", new long[][] {{16, 18, 16, 14, 12, 12}, {16, 16, 16, 16, 16, 8}});
        LEVELS.put("moved", new long[][] {{500, 300, 200}, {150, 200, 150}});
        LEVELS.put("unseen", new long[][] {{600, 399, 1, 0}, {500, 480, 15, 5}});
        LEVELS.put("lost", new long[][] {{900, 300, 40, 7}, {700, 500, 0, 0}});
        LEVELS.put("two", new long[][] {{30, 60}, {45, 45}});
        LEVELS.put("rare", new long[][] {{4000, 1000, 1, 0}, {3000, 900, 0, 3}});
        LEVELS.put("many", new long[][] {
            IntStream.range(0, 40).mapToLong(i -> i % 7 + 1).toArray(),
            IntStream.range(0, 40).mapToLong(i -> i % 5 + 1).toArray()
        });
        LEVELS.put("one", new long[][] {{50}, {40}});
    }

    private GoldenData() {}

    private static void numeric(String name, double[] reference, double[] current) {
        NUMERIC.put(name, new double[][] {reference, current});
    }

    private static double[] map(double[] values, DoubleUnaryOperator function) {
        return Arrays.stream(values).map(function).toArray();
    }

    private static double[] steps(int n, long multiplier) {
        return IntStream.rangeClosed(1, n)
                .mapToDouble(i -> i * multiplier % 10007 / 10007.0)
                .toArray();
    }

    private static double[] triangle(int n, long multiplier) {
        double[] a = steps(n, multiplier);
        double[] b = steps(n, multiplier * 3 + 1);
        return IntStream.range(0, n).mapToDouble(i -> a[i] + b[i]).toArray();
    }

    /** Levels aa, ab, ..., each as often as it says, in order. */
    public static String[] levels(long[] counts) {
        return IntStream.range(0, counts.length)
                .boxed()
                .flatMap(i -> Stream.generate(() -> "" + (char) ('a' + i / 26) + (char) ('a' + i % 26))
                        .limit(counts[i]))
                .toArray(String[]::new);
    }

    /** The order in which rows are taken so that chunks of them differ a little. */
    public static int[] spread(int n) {
        int by = n * 38 / 100 + 1;
        while (gcd(by, n) != 1) {
            by++;
        }
        int step = by;
        return IntStream.range(0, n).map(i -> (int) ((long) i * step % n)).toArray();
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    /** Rows of a file of answers, without its header. */
    public static List<String[]> answers(String file) {
        try (InputStream in = Objects.requireNonNull(GoldenData.class.getResourceAsStream("/golden/" + file), file)) {
            List<String[]> rows = new ArrayList<>();
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n", -1)) {
                if (!line.isEmpty()) {
                    rows.add(line.split(",", -1));
                }
            }
            return rows.subList(1, rows.size());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
