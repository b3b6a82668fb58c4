package io.jvmlops.benchmarks.study;

import io.jvmlops.benchmarks.report.Row;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** What a running study is given. Used by the study's own thread only. */
public final class StudyContext {
    private final boolean quick;
    private final Map<String, String> options;
    private final Path workFolder;
    private final PrintStream console;
    private final PrintStream log;
    private final LongSupplier nanoTime;
    private final Consumer<StudyContext> onRow;
    private final List<Row> rows = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private List<String> forkFlags = List.of();

    /**
     * @param options a value for every option of the study
     * @param workFolder empty, and deleted after the run
     * @param console where people read how far it is
     * @param log where details go
     * @param nanoTime as {@link System#nanoTime()}
     * @param onRow called after each row that was handed over
     */
    public StudyContext(
            boolean quick,
            Map<String, String> options,
            Path workFolder,
            PrintStream console,
            PrintStream log,
            LongSupplier nanoTime,
            Consumer<StudyContext> onRow) {
        this.quick = quick;
        this.options = new LinkedHashMap<>(options);
        this.workFolder = workFolder;
        this.console = console;
        this.log = log;
        this.nanoTime = nanoTime;
        this.onRow = onRow;
    }

    /** Whether a smoke test is wanted, not a measurement. */
    public boolean quick() {
        return quick;
    }

    /** The value of an option that the study declares. */
    public String option(String name) {
        String value = options.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the study declares no option '" + name + "'");
        }
        return value;
    }

    /** @throws UsageException if the value is not a whole number from {@code min} to {@code max} */
    public int intOption(String name, int min, int max) {
        return parse(name, option(name), min, max);
    }

    /** @throws UsageException if one of the values, between commas, is not a whole number from {@code min} to {@code max} */
    public List<Integer> intsOption(String name, int min, int max) {
        return words(name).stream().map(word -> parse(name, word, min, max)).toList();
    }

    /** @throws UsageException if the value is not a constant's name in lower case */
    public <E extends Enum<E>> E enumOption(String name, Class<E> type) {
        String value = option(name);
        List<String> allowed = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            allowed.add(constant.name().toLowerCase(Locale.ROOT));
            if (allowed.get(allowed.size() - 1).equals(value)) {
                return constant;
            }
        }
        throw new UsageException("--" + name + " '" + value + "': expected one of " + String.join(",", allowed));
    }

    /** @throws UsageException if one of the values, between commas, is not among those allowed */
    public List<String> choicesOption(String name, List<String> allowed) {
        List<String> words = words(name);
        for (String word : words) {
            if (!allowed.contains(word)) {
                throw new UsageException(
                        "--" + name + " '" + word + "': expected some of " + String.join(",", allowed));
            }
        }
        return words;
    }

    private List<String> words(String name) {
        return List.of(option(name).split(",", -1)).stream()
                .map(String::strip)
                .distinct()
                .toList();
    }

    private static int parse(String name, String word, int min, int max) {
        try {
            int value = Integer.parseInt(word);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Said below, in the user's terms.
        }
        throw new UsageException("--" + name + " '" + word + "': expected a whole number from " + min + " to " + max);
    }

    /** A folder for whatever the study needs; deleted after the run. */
    public Path workFolder() {
        return workFolder;
    }

    /** Where details go that only matter if something is odd. */
    public PrintStream log() {
        return log;
    }

    /** Hands over a row. It is in the result file when this returns. */
    public void row(Row row) {
        rows.add(row);
        onRow.accept(this);
    }

    /** Adds a line that a reader of the rows should know. */
    public void note(String note) {
        notes.add(note);
    }

    /** Says with which flags the JVMs that are measured run. */
    public void forkFlags(List<String> flags) {
        forkFlags = List.copyOf(flags);
    }

    /**
     * Starts to tell how far the study is.
     *
     * @param steps how many times {@link Progress#step} will be called
     * @param expectedSeconds per step, until steps have been measured
     */
    public Progress progress(int steps, double expectedSeconds) {
        return new Progress(console, nanoTime, steps, expectedSeconds);
    }

    public List<Row> rows() {
        return List.copyOf(rows);
    }

    public List<String> notes() {
        return List.copyOf(notes);
    }

    public List<String> forkFlags() {
        return forkFlags;
    }
}
