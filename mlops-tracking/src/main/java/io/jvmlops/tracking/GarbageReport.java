package io.jvmlops.tracking;

import java.time.Instant;
import java.util.List;

/**
 * What a {@link GarbageCollection} has done, or would do.
 *
 * @param isPreview whether it only would
 * @param limit what was stored or renewed then or later was left alone, by the artifact store's clock
 * @param collected how many artifacts nothing referred to, and which are deleted
 * @param collectedBytes their size
 * @param kept how many artifacts there are still
 * @param keptBytes their size
 * @param recent how many of those kept nothing refers to, but are too new, and may be about to be referred to
 * @param recentBytes their size
 * @param failed how many could not be deleted; they are among those kept, and the next collection tries again
 * @param failures why, of the first few
 * @param purgedRuns how many runs were removed for good
 * @param purgedExperiments how many experiments were removed for good
 */
public record GarbageReport(
        boolean isPreview,
        Instant limit,
        long collected,
        long collectedBytes,
        long kept,
        long keptBytes,
        long recent,
        long recentBytes,
        long failed,
        List<String> failures,
        long purgedRuns,
        long purgedExperiments) {
    public GarbageReport {
        failures = List.copyOf(failures);
    }

    /** For people. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(isPreview ? "would collect " : "collected ")
                .append(artifacts(collected, collectedBytes))
                .append(" of before ")
                .append(limit)
                .append(isPreview ? ", keep " : ", kept ")
                .append(artifacts(kept, keptBytes));
        if (recent > 0) {
            text.append(", of which ").append(artifacts(recent, recentBytes)).append(" are unused, but too new");
        }
        if (purgedRuns + purgedExperiments > 0) {
            text.append(isPreview ? "; would purge " : "; purged ")
                    .append(purgedRuns)
                    .append(" runs and ")
                    .append(purgedExperiments)
                    .append(" experiments");
        }
        if (failed > 0) {
            text.append("; ").append(failed).append(" could not be deleted: ").append(String.join("; ", failures));
        }
        return text.toString();
    }

    private static String artifacts(long count, long bytes) {
        return count + " artifacts (" + bytes + " bytes)";
    }
}
