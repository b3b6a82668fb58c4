package io.jvmlops.benchmarks.study;

/**
 * An option of a study, as {@code --name value}.
 *
 * @param fallback its value in a full run
 * @param quickFallback its value in a quick one
 */
public record StudyOption(String name, String help, String fallback, String quickFallback) {
    public static StudyOption of(String name, String help, String fallback) {
        return new StudyOption(name, help, fallback, fallback);
    }
}
