package io.jvmlops.api.tracking;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import java.time.Instant;
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
     * <p>A batch with an {@link MetricBatch#origin} whose sequence is not greater than that of the last one stored from
     * that writer for that run is a repeat, and is ignored.
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

    /**
     * The points of one metric as few buckets, ascending, by run in the order of the query; see {@link BucketQuery} for
     * which buckets there are. A run of which there is no point in the history is not in the map; one of which none is
     * between the steps asked for has no buckets. All runs are seen at one moment.
     */
    Map<String, List<MetricBucket>> buckets(BucketQuery query);

    /**
     * Drops the points of all runs that are stamped before an instant from the histories. The latest point of each metric
     * stays what {@link #latest} gives, and what runs are searched by, even if it is not part of the history any more.
     *
     * <p>Large stores do it in pieces: others read and write meanwhile, and if it fails midway, doing it again goes on
     * where it was.
     *
     * @return how many points were dropped
     */
    long expire(Instant before);

    /** Releases what the store holds. Closing twice is harmless. */
    @Override
    void close();
}
