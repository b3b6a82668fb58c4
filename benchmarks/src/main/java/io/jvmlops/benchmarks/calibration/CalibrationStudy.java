package io.jvmlops.benchmarks.calibration;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.ColumnDrift;
import io.jvmlops.api.monitoring.ColumnDrift.Verdict;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.DriftReport;
import io.jvmlops.api.monitoring.Finding.Check;
import io.jvmlops.api.monitoring.Profile;
import io.jvmlops.benchmarks.report.Row;
import io.jvmlops.benchmarks.report.Target;
import io.jvmlops.benchmarks.study.Progress;
import io.jvmlops.benchmarks.study.Study;
import io.jvmlops.benchmarks.study.StudyContext;
import io.jvmlops.benchmarks.study.StudyOption;
import io.jvmlops.monitoring.DriftPolicy;
import io.jvmlops.monitoring.profile.ReferenceProfile;
import io.jvmlops.monitoring.profile.WindowProfiler;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Whether verdicts are calibrated: false alarms on clean columns and clean data sets, and what is found of a shift. */
public final class CalibrationStudy implements Study {
    private static final DriftPolicy POLICY = DriftPolicy.ofDefaults();
    private static final int[] REFERENCE_ROWS = {500, 5000, 100_000};
    private static final int[] CURRENT_ROWS = {50, 1000, 100_000};

    /** A kind of column. Levels by rank to the power of -1, or all alike; numbers of few values are levels in order. */
    @SuppressWarnings("ImmutableEnumChecker") // Its arrays are never written.
    private enum Kind {
        NUMBERS("normal numbers, 20 bins", 0, false),
        INTEGERS("integers of 5 values", 5, false),
        LEVELS_2("2 levels", 2, false),
        LEVELS_5("5 levels", 5, false),
        LEVELS_50("50 levels", 50, false),
        LEVELS_500("500 levels", 500, false),
        LEVELS_5000("5,000 levels", 5000, false),
        LEVELS_5000_ALIKE("5,000 levels, all alike", 5000, true);

        private final String words;
        private final int levels;
        private final double[] shares;
        private final String[] names;

        Kind(String words, int levels, boolean alike) {
            this.words = words;
            this.levels = levels;
            shares = Draws.zipf(levels, alike ? 0 : 1);
            names = Columns.names(levels);
        }

        /** Reference and current profile of an unchanged column; the last two rows of counts. */
        Drawn draw(Draws draws, String name, int n, int m) {
            if (this == NUMBERS) {
                long[][] counts = draws.normal(n, m, 20, 0);
                return new Drawn(Columns.numeric(name, counts[0]), Columns.numeric(name, counts[1]), counts);
            }
            long[][] counts = {draws.counts(shares, n), draws.counts(shares, m)};
            if (this == INTEGERS) {
                return new Drawn(
                        Columns.numeric(name, padded(counts[0])), Columns.numeric(name, padded(counts[1])), counts);
            }
            ColumnProfile[] columns = Columns.levels(
                    name, names, counts[0], counts[1], draws.random().nextLong());
            return new Drawn(columns[0], columns[1], counts);
        }

        private static long[] padded(long[] counts) {
            long[] padded = new long[counts.length + 2];
            System.arraycopy(counts, 0, padded, 1, counts.length);
            return padded;
        }

        boolean evidently(Draws draws, Drawn drawn, int n, int m) {
            return this == NUMBERS
                    ? EvidentlyRules.numeric(normal(draws, n), normal(draws, m))
                    : EvidentlyRules.levels(drawn.counts()[0], drawn.counts()[1]);
        }

        private static double[] normal(Draws draws, int rows) {
            double[] values = new double[rows];
            Arrays.setAll(values, i -> draws.random().nextGaussian());
            return values;
        }
    }

    /** Two profiles, and the counts that they are of. */
    private static final class Drawn {
        private final ColumnProfile reference;
        private final ColumnProfile current;
        private final long[][] counts;

        Drawn(ColumnProfile reference, ColumnProfile current, long[][] counts) {
            this.reference = reference;
            this.current = current;
            this.counts = counts;
        }

        ColumnProfile reference() {
            return reference;
        }

        ColumnProfile current() {
            return current;
        }

        long[][] counts() {
            return counts;
        }
    }

    @Override
    public String name() {
        return "calibration";
    }

    @Override
    public String summary() {
        return "false alarms of drift verdicts on unchanged columns and data sets, and what they find";
    }

    @Override
    public List<StudyOption> options() {
        return List.of(
                new StudyOption("replicates", "data sets a cell", "4000", "60"),
                StudyOption.of("threads", "threads that simulate", "2"));
    }

    @Override
    public void run(StudyContext context) throws InterruptedException {
        int trials = context.intOption("replicates", 10, 1_000_000);
        int threads = context.intOption("threads", 1, 64);
        ExecutorService executor = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "calibration");
            thread.setDaemon(true);
            return thread;
        });
        try {
            Replicates replicates = new Replicates(executor, 4 * threads);
            int cells = Kind.values().length * REFERENCE_ROWS.length * CURRENT_ROWS.length;
            Progress progress = context.progress(cells + 3, trials * 0.002);
            double least = 100;
            for (Kind kind : Kind.values()) {
                for (int n : REFERENCE_ROWS) {
                    for (int m : CURRENT_ROWS) {
                        String sizes = kind.words + ", " + n + " and " + m + " rows";
                        progress.step(sizes);
                        double rejected = cell(context, replicates, trials, kind, n, m, sizes);
                        // Where most levels come once there are too few different outcomes.
                        if (2 * (n + m) >= kind.levels) {
                            least = Math.min(least, rejected);
                        }
                    }
                }
            }
            context.row(Row.measured(
                            "least share of p <= 0.05 over cells with half a row a level and more", "%", List.of(least))
                    .withTarget(Target.oursAtLeast(3)));
            progress.step("200 clean columns");
            clean(context, replicates, trials);
            progress.step("one column of 200 shifted");
            shifted(context, replicates, trials);
            progress.step("rows of tensors");
            tensors(context, replicates, trials);
        } finally {
            executor.shutdownNow();
        }
        context.note("Shares of " + trials + " data sets without any change, in brackets with Wilson's 95 % interval;"
                + " the peer is Evidently 0.7.21's default rule for the column, re-stated.");
    }

    private static double cell(
            StudyContext context, Replicates replicates, int trials, Kind kind, int n, int m, String sizes)
            throws InterruptedException {
        // Sorting rows is slow: of these Evidently's rule sees fewer.
        int peers = kind == Kind.NUMBERS ? Math.min(trials, Math.max(10, 80_000_000 / (n + m))) : trials;
        int[] yes = replicates.count(sizes, trials, 3, draws -> {
            Drawn drawn = kind.draw(draws, "x", n, m);
            DriftReport report = POLICY.compare("m", Instant.EPOCH, table(drawn.reference()), table(drawn.current()));
            ColumnDrift column = report.columns().get(0);
            double p = column.finding(Check.VALUES).orElseThrow().score().pValue();
            return new boolean[] {
                p <= 0.05, column.verdict() == Verdict.DRIFT, kind != Kind.NUMBERS && kind.evidently(draws, drawn, n, m)
            };
        });
        if (kind == Kind.NUMBERS) {
            yes[2] = replicates
                    .count(sizes, peers, 1, draws ->
                            new boolean[] {kind.evidently(draws, new Drawn(table(0), table(0), new long[0][]), n, m)})[
                    0];
        }
        context.row(Row.measured(
                        "p <= 0.05: " + sizes + " (" + Replicates.interval(yes[0], trials) + ")",
                        "%",
                        List.of(percent(yes[0], trials)))
                .withTarget(Target.oursAtMost(7)));
        context.row(Row.compared(
                        "verdict: " + sizes + " (" + Replicates.interval(yes[1], trials) + "; peer "
                                + Replicates.interval(yes[2], peers) + ")",
                        "%",
                        List.of(percent(yes[1], trials)),
                        List.of(percent(yes[2], peers)))
                .withTarget(Target.oursAtMost(5)));
        return percent(yes[0], trials);
    }

    private static ColumnProfile table(int rows) {
        return Columns.numeric("x", new long[] {rows, rows});
    }

    private static Profile table(ColumnProfile column) {
        return new Profile(column.count(), Map.of(column.column(), column));
    }

    private static double percent(int yes, int trials) {
        return 100.0 * yes / trials;
    }

    /** Half numbers, an eighth each of integers, 2, 5 and 50 levels. */
    private static Kind kindOf(int column) {
        Kind[] others = {Kind.INTEGERS, Kind.LEVELS_2, Kind.LEVELS_5, Kind.LEVELS_50};
        return column % 2 == 0 ? Kind.NUMBERS : others[column / 2 % others.length];
    }

    private static void clean(StudyContext context, Replicates replicates, int trials) throws InterruptedException {
        for (int[] rows : new int[][] {{500, 50}, {2000, 2000}, {100_000, 1000}}) {
            int n = rows[0];
            int m = rows[1];
            int[] yes = replicates.count("clean" + n + " " + m, trials, 2, draws -> {
                Map<String, ColumnProfile> reference = new LinkedHashMap<>();
                Map<String, ColumnProfile> current = new LinkedHashMap<>();
                boolean peer = false;
                for (int c = 0; c < 200; c++) {
                    Kind kind = kindOf(c);
                    Drawn drawn = kind.draw(draws, "c" + c, n, m);
                    reference.put("c" + c, drawn.reference());
                    current.put("c" + c, drawn.current());
                    peer |= kind != Kind.NUMBERS && EvidentlyRules.levels(drawn.counts()[0], drawn.counts()[1]);
                }
                DriftReport report =
                        POLICY.compare("m", Instant.EPOCH, new Profile(n, reference), new Profile(m, current));
                return new boolean[] {report.hasDrift(), peer};
            });
            context.row(Row.compared(
                            "any alarm in 200 clean columns (peer: in the 100 not continuous), " + n + " and " + m
                                    + " rows (" + Replicates.interval(yes[0], trials) + "; peer "
                                    + Replicates.interval(yes[1], trials) + ")",
                            "%",
                            List.of(percent(yes[0], trials)),
                            List.of(percent(yes[1], trials)))
                    .withTarget(Target.oursAtMost(6)));
        }
    }

    private static void shifted(StudyContext context, Replicates replicates, int trials) throws InterruptedException {
        int n = 2000;
        int[] yes = replicates.count("shifted", trials, 2, draws -> {
            Map<String, ColumnProfile> reference = new LinkedHashMap<>();
            Map<String, ColumnProfile> current = new LinkedHashMap<>();
            for (int c = 0; c < 200; c++) {
                Drawn drawn = kindOf(c).draw(draws, "c" + c, n, n);
                if (c == 0) {
                    long[][] counts = draws.normal(n, n, 20, 0.5);
                    drawn = new Drawn(Columns.numeric("c0", counts[0]), Columns.numeric("c0", counts[1]), counts);
                }
                reference.put("c" + c, drawn.reference());
                current.put("c" + c, drawn.current());
            }
            DriftReport report = POLICY.compare("m", Instant.EPOCH, new Profile(n, reference), new Profile(n, current));
            List<String> drifted = report.drifted(ColumnDrift.Kind.INPUT);
            return new boolean[] {drifted.contains("c0"), drifted.size() > 1};
        });
        context.row(Row.measured(
                        "found: one column of 200 shifted by half a standard deviation, 2000 and 2000 rows ("
                                + Replicates.interval(yes[0], trials) + ")",
                        "%",
                        List.of(percent(yes[0], trials)))
                .withTarget(Target.oursAtLeast(95)));
        context.row(Row.measured(
                "another column named beside it (" + Replicates.interval(yes[1], trials) + ")",
                "%",
                List.of(percent(yes[1], trials))));
    }

    /** Rows as a model is asked with, profiled as a monitor does. */
    private static void tensors(StudyContext context, Replicates replicates, int trials) throws InterruptedException {
        ModelSignature signature = new ModelSignature(
                List.of(
                        TensorSpec.of("x", DataType.FP64, -1, 4)
                                .withColumns(List.of("normal", "exponential", "integers", "holes")),
                        TensorSpec.of("colour", DataType.BYTES, -1),
                        TensorSpec.of("tail", DataType.BYTES, -1),
                        TensorSpec.of("flag", DataType.BOOL, -1)),
                List.of());
        int[] yes = replicates.count("tensors", trials, 2, draws -> {
            SplittableRandom random = draws.random();
            ReferenceProfile reference =
                    ReferenceProfile.builder(signature).add(rows(random, 1000)).build();
            WindowProfiler window = reference.profiler();
            window.add(rows(random, 300), null, 0);
            DriftReport report = POLICY.compare("m", Instant.EPOCH, reference, window.profile());
            return new boolean[] {
                report.hasDrift(),
                report.columns()
                                .get(0)
                                .finding(Check.VALUES)
                                .orElseThrow()
                                .score()
                                .pValue()
                        <= 0.05
            };
        });
        context.row(Row.measured(
                        "rows of tensors: any alarm in 7 clean columns, 1000 and 300 rows ("
                                + Replicates.interval(yes[0], trials) + ")",
                        "%",
                        List.of(percent(yes[0], trials)))
                .withTarget(Target.oursAtMost(6)));
        context.row(Row.measured(
                        "rows of tensors: p <= 0.05 of a normal column (" + Replicates.interval(yes[1], trials) + ")",
                        "%",
                        List.of(percent(yes[1], trials)))
                .withTarget(Target.oursAtMost(7)));
    }

    private static Tensors rows(SplittableRandom random, int rows) {
        double[] x = new double[4 * rows];
        String[] colour = new String[rows];
        String[] tail = new String[rows];
        boolean[] flag = new boolean[rows];
        for (int i = 0; i < rows; i++) {
            x[4 * i] = random.nextGaussian();
            x[4 * i + 1] = random.nextExponential();
            x[4 * i + 2] = random.nextInt(5);
            x[4 * i + 3] = random.nextInt(10) == 0 ? Double.NaN : random.nextGaussian();
            colour[i] = "colour" + Math.min(random.nextInt(8), random.nextInt(8));
            tail[i] = "level" + (int) Math.min(1e9, 1 / random.nextDouble());
            flag[i] = random.nextInt(10) == 0;
        }
        return Tensors.builder()
                .put("x", Tensor.transfer(x, rows, 4))
                .put("colour", Tensor.transfer(colour, rows))
                .put("tail", Tensor.transfer(tail, rows))
                .put("flag", Tensor.transfer(flag, rows))
                .build();
    }
}
