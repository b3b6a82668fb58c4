package io.jvmlops.benchmarks.tracking;

import java.util.SplittableRandom;

/** A noisy loss curve: 1 / sqrt(step), times log-normal noise of a tenth. */
final class Curve {
    /** How its values began. */
    enum Values {
        FLOATS,
        DOUBLES
    }

    private final SplittableRandom noise;
    private final Values values;

    Curve(long seed, Values values) {
        this.noise = new SplittableRandom(seed);
        this.values = values;
    }

    double at(long step) {
        // The sum of twelve uniform numbers is close to normal, and cheap enough not to be what is measured.
        double sum = -6;
        for (int i = 0; i < 12; i++) {
            sum += noise.nextDouble();
        }
        double value = Math.exp(0.1 * sum) / Math.sqrt(1.0 + step);
        return values == Values.FLOATS ? (float) value : value;
    }

    /** The first values, made before anything is timed. */
    static double[] first(int count, long seed, Values values) {
        Curve curve = new Curve(seed, values);
        double[] all = new double[count];
        for (int i = 0; i < count; i++) {
            all[i] = curve.at(i);
        }
        return all;
    }
}
