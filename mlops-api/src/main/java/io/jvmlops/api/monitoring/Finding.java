package io.jvmlops.api.monitoring;

/**
 * One thing that was checked of a column.
 *
 * @param check what was looked at
 * @param alarm whether it is significant and large enough to matter
 * @param test the name of the significance test
 * @param score of the test: its statistic and uncorrected p-value
 * @param correctedP over all checks of the report (Benjamini-Hochberg); 0 for what is certain; NaN if there was nothing to test
 * @param effect the name of the effect size
 * @param effectSize how large the change is, in the effect's unit
 * @param limit from which effect size on it matters
 * @param why one sentence for a person; names levels of the data, so it is not for logs
 */
public record Finding(
        Check check,
        boolean alarm,
        String test,
        DriftScore score,
        double correctedP,
        String effect,
        double effectSize,
        double limit,
        String why) {
    /** What is checked of a column. */
    public enum Check {
        /** How the values that are there are distributed. */
        VALUES,
        /** The share of values that are missing. */
        MISSING,
        /** Levels that the reference does not have. */
        NEW_LEVELS,
        /** Levels of the reference that no longer come. */
        LOST_LEVELS,
        /** Values below the least, or above the greatest, of the reference. */
        RANGE,
        /** One single value where the reference has several. */
        CONSTANT,
        /** Whether the column is there at all, in both, and of one kind. */
        COLUMN
    }

    /** All but the sentence, so that what is logged names no levels of the data. */
    @Override
    public String toString() {
        return check + (alarm ? " alarms" : "") + ": " + test + " " + score + ", corrected p " + correctedP + "; "
                + effect + " " + effectSize + ", limit " + limit;
    }
}
