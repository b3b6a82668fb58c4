package io.jvmlops.benchmarks.cache;

/** One way to look up the answer to a row that is known. Thread-safe. */
interface Hits extends AutoCloseable {
    /** Asks for a row: what is timed. */
    Object ask(int row);

    /** The number in what {@link #ask} returned; not timed. */
    float number(Object answer);

    /** How many answers are kept: all rows', or something else was measured. */
    long entries();

    @Override
    void close();
}
