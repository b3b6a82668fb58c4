package io.jvmlops.monitoring.profile;

import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.ExactSum;
import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.LevelSample;
import io.jvmlops.api.monitoring.LevelSample.Level;
import io.jvmlops.api.monitoring.Moments;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Profile;
import io.jvmlops.monitoring.profile.WindowProfile.Segment;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Takes rows out of a profile as if each had been taken with a chance of {@code 2^-by}: every count becomes a binomial number of
 * itself, column by column. Mean and variance stay as they were, as estimates; ranges, which cannot be thinned, too.
 */
final class Thinning {
    private Thinning() {}

    static Segment of(Segment segment, int by) {
        return by == 0 ? segment : new Segment(of(segment.inputs(), by), of(segment.outputs(), by));
    }

    private static Profile of(Profile profile, int by) {
        // The seed depends on names and counts alone: the same window always gives the same sample.
        long seed = Distinct.mix(profile.rows() * 31 + by);
        Coins rows = new Coins(seed);
        Map<String, ColumnProfile> columns = new LinkedHashMap<>();
        profile.columns().forEach((name, column) -> {
            Coins own = new Coins(seed ^ Distinct.hash(name));
            columns.put(
                    name,
                    column instanceof NumericProfile numeric
                            ? of(numeric, by, own)
                            : of((CategoricalProfile) column, by, own));
        });
        return new Profile(binomial(profile.rows(), by, rows), columns);
    }

    private static NumericProfile of(NumericProfile column, int by, Coins random) {
        Histogram histogram = column.distribution().histogram();
        long[] bins = histogram.bins();
        long negative = binomial(column.negativeInfinities(), by, random);
        long positive = binomial(column.positiveInfinities(), by, random);
        bins[0] -= column.negativeInfinities();
        bins[bins.length - 1] -= column.positiveInfinities();
        long finite = 0;
        for (int i = 0; i < bins.length; i++) {
            bins[i] = binomial(bins[i], by, random);
            finite += bins[i];
        }
        bins[0] += negative;
        bins[bins.length - 1] += positive;
        long nan = binomial(column.nan(), by, random);
        return new NumericProfile(
                column.column(),
                nan + binomial(column.missing() - column.nan(), by, random),
                nan,
                negative,
                positive,
                of(column.moments(), finite),
                new Histogram(histogram.edges(), bins),
                column.distinctCount());
    }

    /** The same mean and mean square, to 64 bits and more, of another number of values. */
    private static Moments of(Moments moments, long count) {
        return count == 0
                ? Moments.NONE
                : new Moments(
                        count,
                        moments.min(),
                        moments.max(),
                        share(moments.sum(), count, moments.count()),
                        share(moments.squares(), count, moments.count()));
    }

    private static ExactSum share(ExactSum sum, long part, long of) {
        int finer = 2 * Long.SIZE;
        BigInteger share = sum.unscaled()
                .shiftLeft(finer)
                .multiply(BigInteger.valueOf(part))
                .divide(BigInteger.valueOf(of));
        return new ExactSum(share, sum.exponent() - finer);
    }

    private static CategoricalProfile of(CategoricalProfile column, int by, Coins random) {
        long[] counts = column.counts();
        for (int i = 0; i < counts.length; i++) {
            counts[i] = binomial(counts[i], by, random);
        }
        LevelSample unseen = column.unseen();
        List<Level> levels = new ArrayList<>();
        long rows = binomial(unseen.rows() - unseen.sampledRows(), by, random);
        for (Level level : unseen.levels()) {
            long count = binomial(level.count(), by, random);
            if (count > 0) {
                levels.add(new Level(level.name(), level.hash(), count));
                rows += count;
            }
        }
        return new CategoricalProfile(
                column.column(),
                binomial(column.missing(), by, random),
                column.levels(),
                counts,
                new LevelSample(unseen.limit(), rows, levels),
                column.bound(),
                binomial(column.outside(), by, random));
    }

    /** How many of so many are left. */
    private static long binomial(long count, int by, Coins random) {
        long left = count;
        for (int i = 0; i < by && left > 0; i++) {
            left = half(left, random);
        }
        return left;
    }

    /** A binomial number of one half: coins up to 2^16, where the normal law is within 0.1 % of every probability. */
    private static long half(long count, Coins random) {
        if (count > 1 << 16) {
            double drawn = count * 0.5 + Math.sqrt((double) count) * 0.5 * random.nextGaussian();
            return Math.max(0, Math.min(count, Math.round(drawn)));
        }
        long heads = 0;
        for (long coins = count; coins > 0; coins -= Long.SIZE) {
            long flips = random.nextLong();
            heads += Long.bitCount(coins >= Long.SIZE ? flips : flips >>> Long.SIZE - coins);
        }
        return heads;
    }

    /** SplitMix64 (Steele et al. 2014), here because the platform may change its own: the same numbers on every JDK. */
    private static final class Coins {
        private long state;

        Coins(long seed) {
            state = seed;
        }

        long nextLong() {
            state += 0x9e3779b97f4a7c15L;
            return Distinct.mix(state);
        }

        /** By Box and Muller (1958). */
        double nextGaussian() {
            double radius = Math.sqrt(-2 * StrictMath.log(((nextLong() >>> 11) + 1) * 0x1p-53));
            return radius * StrictMath.cos(2 * Math.PI * ((nextLong() >>> 11) * 0x1p-53));
        }
    }
}
