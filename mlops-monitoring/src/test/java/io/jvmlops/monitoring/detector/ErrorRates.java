package io.jvmlops.monitoring.detector;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * How often the detectors alarm for nothing, and how late for something, by simulation. {@link #main} prints the table of the
 * documents; {@link ErrorRatesTest} asserts a small form of it.
 */
final class ErrorRates {
    private ErrorRates() {}

    /**
     * @param falseAlarms drifts for each 10,000 values of streams without a change
     * @param found share of changes that were told of within {@link #PATIENCE} values
     * @param delay median number of values until then; NaN if fewer than half were
     */
    record Rates(double falseAlarms, double found, double delay) {}

    /** A stream as long as this is stable before it changes. */
    static final int BEFORE = 1000;

    static final int PATIENCE = 2000;

    /** Standard normal, and then by so much more; or errors of a rate, and then of another. */
    private static double value(Streams.Lcg r, boolean numbers, double level) {
        return numbers ? r.normal() + level : r.uniform() < level ? 1 : 0;
    }

    static Rates simulate(
            Supplier<ChangeDetector> maker, boolean numbers, double from, double to, int runs, int stable) {
        double drifts = 0;
        for (int run = 0; run < runs; run++) {
            Streams.Lcg r = new Streams.Lcg(7_000_000L + run);
            ChangeDetector detector = maker.get();
            for (int i = 0; i < stable; i++) {
                detector.update(value(r, numbers, from));
            }
            drifts += detector.drifts();
        }
        int[] delays = new int[runs];
        int found = 0;
        for (int run = 0; run < runs; run++) {
            Streams.Lcg r = new Streams.Lcg(9_000_000L + run);
            ChangeDetector detector = maker.get();
            for (int i = 0; i < BEFORE; i++) {
                detector.update(value(r, numbers, from));
            }
            delays[run] = Integer.MAX_VALUE;
            for (int i = 1; i <= PATIENCE && delays[run] == Integer.MAX_VALUE; i++) {
                if (detector.update(value(r, numbers, to)) == ChangeDetector.State.DRIFT) {
                    delays[run] = i;
                    found++;
                }
            }
        }
        Arrays.sort(delays);
        int median = delays[runs / 2];
        return new Rates(
                drifts / runs / stable * 10_000,
                (double) found / runs,
                median == Integer.MAX_VALUE ? Double.NaN : median);
    }

    /** Prints the table; the argument is the number of runs, 400 for that of the documents. */
    public static void main(String[] args) {
        int runs = args.length == 0 ? 400 : Integer.parseInt(args[0]);
        System.out.println("| detector | false alarms per 10,000 | half a sd: found, delay | 2 sd: found, delay |");
        System.out.println("| --- | ---: | ---: | ---: |");
        for (String name : new String[] {
            "adwin",
            "adwin delta=0.0001",
            "page-hinkley",
            "page-hinkley threshold=200",
            "cusum",
            "cusum minInstances=500 threshold=12",
            "kswin",
            "kswin alpha=0.00001 windowSize=400 statSize=100"
        }) {
            row(name, true, 0, 0.5, 2, runs);
        }
        System.out.println(
                "| detector | false alarms per 10,000 | 0.1 to 0.2: found, delay | 0.1 to 0.5: found, delay |");
        System.out.println("| --- | ---: | ---: | ---: |");
        for (String name : new String[] {
            "hddm-a",
            "hddm-w",
            "hddm-w lambda=0.01",
            "ddm",
            "eddm",
            "stepd",
            "stepd windowSize=100 driftLevel=0.0001",
            "adwin"
        }) {
            row(name, false, 0.1, 0.2, 0.5, runs);
        }
    }

    private static void row(String name, boolean numbers, double from, double little, double much, int runs) {
        Rates small = simulate(() -> Detectors.parse(name), numbers, from, little, runs, 10_000);
        Rates large = simulate(() -> Detectors.parse(name), numbers, from, much, runs, 1);
        System.out.printf(
                Locale.ROOT, "| `%s` | %.2f | %s | %s |%n", name, small.falseAlarms(), text(small), text(large));
    }

    private static String text(Rates rates) {
        return String.format(
                Locale.ROOT,
                "%.0f %%, %s",
                100 * rates.found(),
                Double.isNaN(rates.delay()) ? "–" : Math.round(rates.delay()));
    }
}
