package io.jvmlops.spring;

import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalysisReporter;

/** Keeps what Spring Boot reports of an application that does not start; found through {@code spring.factories}. */
public final class FailureReports implements FailureAnalysisReporter {
    private static volatile FailureAnalysis last;

    @Override
    public void report(FailureAnalysis analysis) {
        last = analysis;
    }

    static void forget() {
        last = null;
    }

    static FailureAnalysis last() {
        return last;
    }
}
