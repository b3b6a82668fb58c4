package io.jvmlops.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A report as Markdown: a table, then what one must know to read it. */
public final class MarkdownReport {
    private static final List<String> HEADER =
            List.of("measured", "ours", "peer", "ratio", "spread", "target", "met", "unit");

    private MarkdownReport() {}

    public static String render(Report report) {
        StringBuilder text = new StringBuilder();
        List<List<String>> cells = new ArrayList<>();
        cells.add(HEADER);
        for (Row row : report.rows()) {
            cells.add(cells(row));
        }
        int[] widths = new int[HEADER.size()];
        for (List<String> line : cells) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        for (int i = 0; i < cells.size(); i++) {
            line(text, cells.get(i), widths);
            if (i == 0) {
                rule(text, widths);
            }
        }
        text.append('\n');
        for (String note : report.notes()) {
            text.append("- ").append(note).append('\n');
        }
        text.append("- ").append(report.machine()).append('\n');
        text.append(String.format(
                Locale.ROOT,
                "- study `%s`%s, %s, took %d s%n",
                report.study(),
                report.quick() ? " (quick: a smoke test, not a measurement)" : "",
                report.startedAt(),
                report.took().toSeconds()));
        if (report.failure() != null) {
            text.append("- FAILED: ").append(report.failure()).append('\n');
        }
        return text.toString();
    }

    private static List<String> cells(Row row) {
        return List.of(
                // A pipe would end the cell.
                row.what().replace("|", "\\|"),
                Numbers.format(row.oursMedian().orElse(Double.NaN)),
                Numbers.format(row.peerMedian().orElse(Double.NaN)),
                Numbers.format(row.ratio().orElse(Double.NaN)),
                row.spread()
                        .map(spread -> spread.of().name().toLowerCase(Locale.ROOT) + " " + spread)
                        .orElse("–"),
                row.target() == null ? "–" : row.target().toString(),
                row.met().map(met -> met ? "yes" : "NO").orElse("–"),
                row.unit());
    }

    private static void line(StringBuilder text, List<String> cells, int[] widths) {
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - cells.get(i).length());
            text.append("| ")
                    .append(isText(i) ? cells.get(i) + padding : padding + cells.get(i))
                    .append(' ');
        }
        text.append("|\n");
    }

    private static void rule(StringBuilder text, int[] widths) {
        for (int i = 0; i < widths.length; i++) {
            text.append('|').append("-".repeat(widths[i] + 1)).append(isText(i) ? '-' : ':');
        }
        text.append("|\n");
    }

    /** Numbers stand to the right. */
    private static boolean isText(int column) {
        return column == 0 || column == HEADER.size() - 1;
    }
}
