package io.jvmlops.benchmarks.endurance;

/** A model that answers while another is put in its place, each in the way that its users would write it. */
interface Swapper extends AutoCloseable {
    /** Has the version live when it returns, and the one before not any more. */
    void publish(int version) throws Exception;

    /**
     * Asks whatever is live; by any thread.
     *
     * @param row left alone
     */
    float ask(float[] row) throws Exception;

    @Override
    void close();
}
