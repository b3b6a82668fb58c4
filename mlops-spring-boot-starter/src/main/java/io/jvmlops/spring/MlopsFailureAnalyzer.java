package io.jvmlops.spring;

import io.jvmlops.api.error.MlopsException;
import io.jvmlops.api.error.NotFoundException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says why the application did not start in the words of our exception, which name the remedy, without a stack trace. */
final class MlopsFailureAnalyzer extends AbstractFailureAnalyzer<MlopsException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, MlopsException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), action(cause), cause);
    }

    private static @Nullable String action(MlopsException cause) {
        if (cause instanceof NotFoundException) {
            return "Register the model and set its alias before the application starts,"
                    + " or make the bean that asks for its predictor @Lazy.";
        }
        return cause.retryable() ? "Start again: what stood in the way may have gone by itself." : null;
    }
}
