package io.jvmlops.api.monitoring;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What has moved against the reference, as a value. {@link #toString()} is a table for a log.
 *
 * @param model what the monitor is called
 * @param at when it was made
 * @param referenceRows rows in the reference
 * @param currentRows rows compared with it
 * @param columns inputs first, then outputs
 */
public record DriftReport(String model, Instant at, long referenceRows, long currentRows, List<ColumnDrift> columns) {
    public DriftReport {
        columns = List.copyOf(columns);
    }

    /** Whether any column drifted. */
    public boolean hasDrift() {
        return columns.stream().anyMatch(c -> c.verdict() == ColumnDrift.Verdict.DRIFT);
    }

    /** The names of the columns that drifted, of one kind, in order. */
    public List<String> drifted(ColumnDrift.Kind kind) {
        return columns.stream()
                .filter(c -> c.kind() == kind && c.verdict() == ColumnDrift.Verdict.DRIFT)
                .map(ColumnDrift::column)
                .toList();
    }

    public Optional<ColumnDrift> column(String name) {
        return columns.stream().filter(c -> c.column().equals(name)).findFirst();
    }

    @Override
    public String toString() {
        int width = Math.max(
                6, columns.stream().mapToInt(c -> c.column().length()).max().orElse(0));
        StringBuilder table = new StringBuilder();
        table.append("drift of ")
                .append(model)
                .append(": ")
                .append(currentRows)
                .append(" rows against ")
                .append(referenceRows)
                .append(" of the reference\n");
        String row = "%-" + width + "s  %-6s  %-17s  %-11s  %-14s  %9s  %-10s  %8s%n";
        table.append(String.format(
                Locale.ROOT, row, "column", "kind", "verdict", "check", "test", "p (corr.)", "effect", "size"));
        for (ColumnDrift c : columns) {
            String verdict = c.verdict() == ColumnDrift.Verdict.DRIFT ? "DRIFT" : words(c.verdict());
            Finding finding = c.leading().orElse(null);
            table.append(String.format(
                    Locale.ROOT,
                    row,
                    c.column(),
                    words(c.kind()),
                    verdict,
                    finding == null ? "-" : words(finding.check()),
                    finding == null ? "-" : finding.test(),
                    finding == null ? "-" : format(finding.correctedP()),
                    finding == null ? "-" : finding.effect(),
                    finding == null ? "-" : format(finding.effectSize())));
        }
        return table.toString();
    }

    private static String words(Enum<?> constant) {
        return constant.toString().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String format(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        return value != 0 && Math.abs(value) < 1e-3
                ? String.format(Locale.ROOT, "%.1e", value)
                : String.format(Locale.ROOT, "%.3f", value);
    }
}
