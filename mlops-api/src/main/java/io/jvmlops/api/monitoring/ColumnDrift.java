package io.jvmlops.api.monitoring;

/**
 * The verdict on one column.
 *
 * @param test the name of the significance test
 * @param testScore its statistic and uncorrected p-value
 * @param correctedP corrected over all columns of the report (Benjamini-Hochberg); NaN if there was nothing to test
 * @param effect the name of the effect size
 * @param effectSize how far apart, in the effect's unit
 * @param referenceCount values in the reference, missing ones left out
 * @param currentCount values now, missing ones left out
 * @param why one sentence for a person
 */
public record ColumnDrift(
        String column,
        Kind kind,
        Verdict verdict,
        String test,
        DriftScore testScore,
        double correctedP,
        String effect,
        double effectSize,
        long referenceCount,
        long currentCount,
        String why) {
    /** Which side of the model the column is on. */
    public enum Kind {
        INPUT,
        OUTPUT
    }

    /** What to make of it. */
    public enum Verdict {
        /** No evidence of a change that matters. */
        STABLE,
        /** Significant, and large enough to matter. */
        DRIFT,
        /** Too few values to say. */
        INSUFFICIENT_DATA
    }
}
