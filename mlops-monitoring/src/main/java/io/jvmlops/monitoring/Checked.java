package io.jvmlops.monitoring;

import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftScore;
import io.jvmlops.api.monitoring.Finding.Check;
import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Sketch;
import io.jvmlops.monitoring.statistic.MissingRate;
import io.jvmlops.monitoring.statistic.NewLevels;
import io.jvmlops.monitoring.statistic.OutOfRange;
import org.jspecify.annotations.Nullable;

/**
 * What a check of a column found, before its p-value is corrected.
 *
 * @param size the effect, in its unit
 * @param limit from which effect on it matters
 * @param gap why nothing could be compared; null if it was
 */
record Checked(
        Check check,
        String test,
        DriftScore score,
        String effect,
        double size,
        double limit,
        @Nullable String gap) {
    private static final MissingRate MISSING = new MissingRate();

    double p() {
        return score.pValue();
    }

    static Checked missing(ColumnProfile reference, ColumnProfile current, double limit) {
        DriftScore score = MISSING.compare(reference, current);
        return new Checked(Check.MISSING, MISSING.name(), score, MISSING.name(), score.effect(), limit, null);
    }

    /** Null if the check is not one for this kind of column. */
    static @Nullable Checked of(Check check, ColumnProfile reference, ColumnProfile current, double limit) {
        DriftScore score = DriftScore.nothing(0, 0);
        if (reference instanceof NumericProfile before && current instanceof NumericProfile now) {
            score = check == Check.RANGE ? OutOfRange.of(before, now) : score;
        } else if (reference instanceof CategoricalProfile before && current instanceof CategoricalProfile now) {
            score = switch (check) {
                case NEW_LEVELS -> NewLevels.of(before, now);
                case LOST_LEVELS -> NewLevels.lost(before, now);
                default -> score;
            };
        }
        if (!score.hasPValue()) {
            return null;
        }
        return new Checked(
                check, check == Check.RANGE ? "exceedance" : "chernoff", score, "share", score.effect(), limit, null);
    }

    /** The share of the reference's values that differ from the only one that comes now; 0 if there are several now. */
    static double othersBefore(ColumnProfile reference, ColumnProfile current) {
        if (reference instanceof NumericProfile before && current instanceof NumericProfile now) {
            return othersBefore(before, now);
        }
        return othersBefore((CategoricalProfile) reference, (CategoricalProfile) current);
    }

    private static double othersBefore(CategoricalProfile reference, CategoricalProfile current) {
        int only = -1;
        for (int i = 0; i < current.levels().size(); i++) {
            if (current.count(i) == current.present()) {
                only = i;
            }
        }
        if (only >= 0) {
            return 1 - (double) reference.count(only) / reference.present();
        }
        boolean newOne = current.other() == current.present()
                && current.unseen().levels().size() == 1
                && current.unseen().isComplete();
        if (!newOne) {
            return 0;
        }
        String name = current.unseen().levels().get(0).name();
        long same = reference.unseen().levels().stream()
                .filter(level -> level.name().equals(name))
                .mapToLong(level -> level.count())
                .sum();
        return 1 - (double) same / reference.present();
    }

    /** A lower bound where the reference's bin holds other values too. */
    private static double othersBefore(NumericProfile reference, NumericProfile current) {
        if (current.moments().count() != current.present()
                || current.moments().min() != current.moments().max()
                || reference.moments().min() == reference.moments().max()
                        && reference.moments().count() > 0) {
            return 0;
        }
        double value = current.moments().min();
        long same = 0;
        if (reference.distribution() instanceof Sketch sketch) {
            for (int i = 0; i < sketch.size(); i++) {
                same += sketch.key(i) == Sketch.key(value, sketch.shift()) ? sketch.count(i) : 0;
            }
        } else {
            Histogram histogram = reference.distribution().histogram();
            int bin = 0;
            while (bin < histogram.size() - 1 && histogram.edge(bin) < value) {
                bin++;
            }
            same = histogram.bin(bin);
        }
        return 1 - (double) same / reference.present();
    }
}
