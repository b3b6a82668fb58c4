package io.jvmlops.api.predict;

/**
 * Told of every prediction, after it was answered. The serving hands events over through a bounded queue and calls each
 * listener from one thread of its own, so that a slow one delays nobody and one that throws is counted and kept away
 * from the caller; events that do not fit the queue are dropped and counted.
 *
 * <p>Implementations pass {@code PredictionListenerContract} of mlops-test.
 */
@FunctionalInterface
public interface PredictionListener {
    void onPrediction(PredictionEvent event);
}
