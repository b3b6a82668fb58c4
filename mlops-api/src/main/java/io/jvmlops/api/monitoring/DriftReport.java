package io.jvmlops.api.monitoring;

import io.jvmlops.api.monitoring.ColumnDrift.Verdict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What has moved against the reference, as a value. {@link #toString()} is a table for a log.
 *
 * @param model what the monitor is called
 * @param at when it was made
 * @param referenceRows rows in the reference
 * @param currentRows rows compared with it; of a sample, the rows of the sample
 * @param sampling {@code 2^-sampling} is the chance that each row had to be compared: 0 if all were
 * @param columns inputs first, then outputs
 */
public record DriftReport(
        String model, Instant at, long referenceRows, long currentRows, int sampling, List<ColumnDrift> columns) {
    private static final String[] HEADER = {
        "column", "kind", "verdict", "check", "test", "p (corr.)", "effect", "size", "limit"
    };

    /** The columns of the table that are numbers, aligned to the right. */
    private static final List<Integer> NUMBERS = List.of(5, 7, 8);

    public DriftReport {
        columns = List.copyOf(columns);
    }

    /** Whether any column drifted. */
    public boolean hasDrift() {
        return columns.stream().anyMatch(c -> c.verdict() == Verdict.DRIFT);
    }

    /** The names of the columns that drifted, of one kind, in order. */
    public List<String> drifted(ColumnDrift.Kind kind) {
        return columns.stream()
                .filter(c -> c.kind() == kind && c.verdict() == Verdict.DRIFT)
                .map(ColumnDrift::column)
                .toList();
    }

    public Optional<ColumnDrift> column(String name) {
        return columns.stream().filter(c -> c.column().equals(name)).findFirst();
    }

    /**
     * A line that sums up, and a table: each column with the finding that its verdict is about, and on a line of its own each
     * further finding that alarms. Names columns, but no levels or values of the data.
     */
    @Override
    public String toString() {
        List<String[]> lines = new ArrayList<>();
        lines.add(HEADER);
        for (ColumnDrift column : columns) {
            List<Finding> alarms =
                    column.findings().stream().filter(Finding::alarm).toList();
            if (alarms.isEmpty()) {
                lines.add(line(column, column.leading().orElse(null)));
            }
            for (Finding alarm : alarms) {
                lines.add(line(column, alarm));
            }
        }
        int[] widths = new int[HEADER.length];
        for (String[] line : lines) {
            for (int i = 0; i < line.length; i++) {
                widths[i] = Math.max(widths[i], line[i].length());
            }
        }
        long drifting =
                columns.stream().filter(c -> c.verdict() == Verdict.DRIFT).count();
        long untested = columns.stream()
                .filter(c -> c.verdict() == Verdict.INSUFFICIENT_DATA)
                .count();
        StringBuilder table = new StringBuilder("drift of ")
                .append(model)
                .append(": ")
                .append(drifting)
                .append(" of ")
                .append(columns.size())
                .append(" columns, ")
                .append(untested)
                .append(" with too few values; ")
                .append(currentRows)
                .append(" rows");
        if (sampling > 0) {
            table.append(" (one in ").append(1L << sampling).append(')');
        }
        table.append(" against ").append(referenceRows).append(" of the reference\n");
        for (String[] line : lines) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < line.length; i++) {
                String padding = " ".repeat(widths[i] - line[i].length());
                row.append(i == 0 ? "" : "  ")
                        .append(NUMBERS.contains(i) ? padding : "")
                        .append(line[i])
                        .append(NUMBERS.contains(i) ? "" : padding);
            }
            table.append(row.toString().stripTrailing()).append('\n');
        }
        return table.toString();
    }

    private static String[] line(ColumnDrift column, @Nullable Finding finding) {
        String verdict = column.verdict() == Verdict.DRIFT ? "DRIFT" : words(column.verdict());
        return finding == null
                ? new String[] {column.column(), words(column.kind()), verdict, "-", "-", "-", "-", "-", "-"}
                : new String[] {
                    column.column(),
                    words(column.kind()),
                    verdict,
                    words(finding.check()),
                    finding.test(),
                    format(finding.correctedP()),
                    finding.effect(),
                    format(finding.effectSize()),
                    format(finding.limit())
                };
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
