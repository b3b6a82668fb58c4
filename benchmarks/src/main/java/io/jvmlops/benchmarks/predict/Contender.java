package io.jvmlops.benchmarks.predict;

/** One way to ask the model for a fixed batch of rows. Used by one thread. */
interface Contender extends AutoCloseable {
    /** Predicts the batch: what is timed. From the caller's floats in the heap to answers in the heap. */
    Object predict() throws Exception;

    /** What {@link #predict} returned, as floats one row after the other: for comparing, not timed. */
    float[] flatten(Object answer) throws Exception;

    @Override
    void close();
}
