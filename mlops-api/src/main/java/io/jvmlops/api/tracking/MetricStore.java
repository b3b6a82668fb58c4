package io.jvmlops.api.tracking;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Keeps metrics as series. Synchronous: buffering and grouping happen above it, in one place for all stores.
 *
 * <p>Implementations are safe for use by several threads and pass {@code MetricStoreContract} of mlops-test. Every
 * method may throw {@link StorageException}, and {@link ClosedException} after {@link #close}.
 */
public interface MetricStore extends AutoCloseable {
    /**
     * Appends the points of all batches or none; durable when it returns. Equal points are kept as often as they come.
     * Several batches may be of one run. The batches are not kept: their columns may be used again afterwards.
     *
     * @throws NotFoundException if there is no run of a batch's id
     */
    void append(List<MetricBatch> batches);

    /**
     * All points of one metric, in the order of {@link MetricPoint#BY_STEP}; empty if there are none. Points that are
     * appended while it is read may or may not be among them. The caller closes the stream.
     */
    Stream<MetricPoint> history(String runId, String key);

    /** The latest point of each metric of a run, by key; empty if there are none. */
    Map<String, MetricPoint> latest(String runId);

    /** Releases what the store holds. Closing twice is harmless. */
    @Override
    void close();
}
