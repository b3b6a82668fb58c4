package io.jvmlops.benchmarks.study;

import java.util.List;

/** Something worth measuring again and again. Named on the command line; runs once. */
public interface Study {
    /** Lower-case letters, digits and dashes. */
    String name();

    /** What it tells, in one line. */
    String summary();

    /** What it takes besides {@code --quick}; each has a default. */
    default List<StudyOption> options() {
        return List.of();
    }

    /**
     * Measures, and hands each row to the context as soon as it is known: what was handed over is kept should the study
     * fail later. In its quick form it takes well under a minute.
     *
     * @throws UsageException if an option's value is wrong; thrown before anything is measured
     * @throws Exception if it failed: the message says what and why
     */
    void run(StudyContext context) throws Exception;
}
