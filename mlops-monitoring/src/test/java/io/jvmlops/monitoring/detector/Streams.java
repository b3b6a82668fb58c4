package io.jvmlops.monitoring.detector;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;

/** The streams of {@code src/test/python/detector_goldens.py}, number by number. */
final class Streams {
    private Streams() {}

    /** Knuth's MMIX generator. */
    static final class Lcg {
        private long state;

        Lcg(long seed) {
            state = seed;
        }

        double uniform() {
            state = state * 6364136223846793005L + 1442695040888963407L;
            return (state >>> 11) * 0x1p-53;
        }

        double normal() {
            double total = 0;
            for (int i = 0; i < 12; i++) {
                total += uniform();
            }
            return total - 6;
        }
    }

    private static double[] stream(int length, IntToDoubleFunction value) {
        double[] values = new double[length];
        for (int i = 0; i < length; i++) {
            values[i] = value.applyAsDouble(i);
        }
        return values;
    }

    private static double[] coins(long seed, int length, IntToDoubleFunction rate) {
        Lcg r = new Lcg(seed);
        return stream(length, i -> r.uniform() < rate.applyAsDouble(i) ? 1 : 0);
    }

    static Map<String, double[]> all() {
        Map<String, double[]> all = new LinkedHashMap<>();
        Lcg r1 = new Lcg(1);
        all.put("uniform, stable", stream(6000, i -> r1.uniform()));
        Lcg r2 = new Lcg(2);
        all.put("uniform, up a half", stream(3000, i -> r2.uniform() + (i >= 1500 ? 0.5 : 0)));
        Lcg r3 = new Lcg(3);
        all.put("normal, up 1", stream(4000, i -> r3.normal() + (i >= 2000 ? 1 : 0)));
        Lcg r4 = new Lcg(4);
        all.put("normal, up a quarter", stream(6000, i -> r4.normal() + (i >= 2000 ? 0.25 : 0)));
        Lcg r5 = new Lcg(5);
        all.put("normal, down 2", stream(2000, i -> r5.normal() - (i >= 1000 ? 2 : 0)));
        Lcg r6 = new Lcg(6);
        all.put("normal, three times as wide", stream(3000, i -> r6.normal() * (i >= 1000 ? 3 : 1)));
        Lcg r7 = new Lcg(7);
        all.put("uniform on a ramp", stream(3000, i -> r7.uniform() + i * 0.001));
        Lcg r8 = new Lcg(8);
        double[] levels = {0, 3, 1, 5, -2};
        all.put("normal, five levels", stream(3500, i -> r8.normal() + levels[i / 700]));
        Lcg r9 = new Lcg(9);
        all.put("normal, millions", stream(2400, i -> 1000000.0 * (r9.normal() + (i >= 1200 ? 2 : 0))));
        Lcg r10 = new Lcg(10);
        all.put("normal, millionths", stream(2400, i -> 0.000001 * (r10.normal() + (i >= 1200 ? 2 : 0))));
        Lcg r11 = new Lcg(11);
        all.put("normal, one outlier", stream(3000, i -> i == 1000 ? 1e9 : r11.normal()));
        all.put("golden row 67", stream(2000, i -> i % 2 + (i >= 1000 ? 3 : 0)));
        all.put("sawtooth", stream(4000, i -> i % 100 / 10.0));
        all.put("constant", stream(3000, i -> 7.25));
        all.put("constant, one step", stream(2000, i -> i >= 1000 ? 1 : 0));

        all.put("rate 0.3", coins(21, 8000, i -> 0.3));
        all.put("rate 0.05 to 0.2", coins(22, 4000, i -> i >= 2000 ? 0.2 : 0.05));
        all.put("rate 0.2 to 0.4", coins(23, 4000, i -> i >= 2000 ? 0.4 : 0.2));
        all.put("rate 0.5 to 0.3", coins(24, 4000, i -> i >= 2000 ? 0.3 : 0.5));
        all.put("rate 0.01 to 0.05", coins(25, 8000, i -> i >= 4000 ? 0.05 : 0.01));
        all.put("rate 0.1 rising to 0.6", coins(26, 5000, i -> 0.1 + i * 0.0001));
        all.put("rate 0.4 to 0.1 to 0.4", coins(27, 6000, i -> i >= 2000 && i < 4000 ? 0.1 : 0.4));
        all.put("every other", stream(2000, i -> i % 2));
        all.put("every tenth, then every third", stream(3000, i -> i % (i < 1500 ? 10 : 3) == 0 ? 1 : 0));
        all.put("none, then every fifth", stream(2000, i -> i >= 1000 && i % 5 == 0 ? 1 : 0));
        all.put("all", stream(1000, i -> 1));

        Lcg r31 = new Lcg(31);
        all.put("loss, up a half", stream(2000, i -> 0.3 * r31.uniform() + (i >= 1000 ? 0.5 : 0)));
        Lcg r32 = new Lcg(32);
        all.put("loss, down a quarter", stream(3000, i -> 0.5 * r32.uniform() + (i >= 1500 ? 0 : 0.25)));
        return all;
    }
}
