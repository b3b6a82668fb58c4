package io.jvmlops.api.monitoring;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The verdict on one column.
 *
 * @param findings all that was checked, the one that the verdict is about first
 * @param referenceCount values in the reference, missing ones left out
 * @param currentCount values now, missing ones left out
 * @param choice why the column's values were tested as they were: its type, numbers of values and levels; or why they were not
 */
public record ColumnDrift(
        String column,
        Kind kind,
        Verdict verdict,
        List<Finding> findings,
        long referenceCount,
        long currentCount,
        String choice) {
    /** Alarms first, then the more significant. */
    private static final Comparator<Finding> ORDER = Comparator.comparing((Finding f) -> !f.alarm())
            .thenComparing(f -> Double.isNaN(f.correctedP()) ? 2 : f.correctedP())
            .thenComparing(Finding::check);

    public ColumnDrift {
        findings = findings.stream().sorted(ORDER).toList();
    }

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

    /** The finding that the verdict is about; empty if nothing could be checked. */
    public Optional<Finding> leading() {
        return findings.stream().findFirst();
    }

    public Optional<Finding> finding(Finding.Check check) {
        return findings.stream().filter(f -> f.check() == check).findFirst();
    }

    /** Effect size of the values' distribution; NaN where it could not be compared. */
    public double effectSize() {
        return finding(Finding.Check.VALUES).map(Finding::effectSize).orElse(Double.NaN);
    }

    /** What the verdict is about, for a person; names levels and values of the data, so it is not for logs. */
    public String why() {
        return verdict == Verdict.INSUFFICIENT_DATA
                ? choice
                : leading().map(Finding::why).orElse(choice);
    }
}
