package io.jvmlops.api.predict;

import java.util.OptionalDouble;

/**
 * Told of predictions, after they were answered. The serving hands them over through a bounded queue and calls each
 * listener from one thread of its own, so that a slow one delays nobody and one that throws is counted and kept away
 * from the caller; what does not fit the queue is lost to the listener and counted.
 *
 * <p>Implementations pass {@code PredictionListenerContract} of mlops-test.
 */
@FunctionalInterface
public interface PredictionListener {
    void onPrediction(PredictionEvent event);

    /**
     * The share of one processor that the thread which calls this listener may use, above 0 and at most 1: 0.05 is 50 ms in a
     * second. If telling it of every row takes more, it is told of a uniform random sample of the rows, which {@link
     * PredictionEvent#sampling} describes, and of all again once that fits. Empty, which is the default, for all rows, however
     * long they take. Asked once, when the serving is built.
     */
    default OptionalDouble cpuBudget() {
        return OptionalDouble.empty();
    }
}
