package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.BucketQuery;
import io.jvmlops.api.tracking.MetricBucket;
import io.jvmlops.api.tracking.StepBlocks;
import io.jvmlops.tracking.internal.series.NodeTable;
import io.jvmlops.tracking.internal.series.Pyramid;
import io.jvmlops.tracking.internal.series.PyramidState;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers questions for buckets within one read transaction. */
final class BucketReader {
    /** How many chunks come from the database at once. */
    private static final int FETCHED = 16;

    private static final Logger LOG = LoggerFactory.getLogger(BucketReader.class);

    private final Session session;

    BucketReader(Session session) {
        this.session = session;
    }

    Map<String, List<MetricBucket>> read(BucketQuery query) throws SQLException {
        List<SeriesRow> series = SqlMetricStore.find(session, query.runIds(), query.key());
        long least = Long.MAX_VALUE;
        long greatest = Long.MIN_VALUE;
        for (SeriesRow row : series) {
            if (row.points > 0) {
                least = Math.min(least, row.firstStep);
                greatest = Math.max(greatest, row.lastStep);
            }
        }
        long lo = query.fromStep() == null ? least : Math.max(least, query.fromStep());
        long hi = query.toStep() == null ? greatest : Math.min(greatest, query.toStep());
        Map<String, List<MetricBucket>> found = new LinkedHashMap<>();
        for (SeriesRow row : series) {
            if (row.points > 0) {
                List<MetricBucket> buckets = List.of();
                if (lo <= hi) {
                    int level = StepBlocks.level(lo, hi, query.maxBuckets());
                    buckets = buckets(row, level, lo, hi).toBuckets(query.key());
                }
                found.put(row.name().runId(), buckets);
            }
        }
        Map<String, List<MetricBucket>> inOrder = new LinkedHashMap<>();
        for (String run : query.runIds()) {
            List<MetricBucket> buckets = found.get(run);
            if (buckets != null) {
                inOrder.put(run, buckets);
            }
        }
        return inOrder;
    }

    private NodeTable buckets(SeriesRow row, int level, long lo, long hi) throws SQLException {
        NodeTable answer = fromPages(row, level, lo, hi);
        answer.addWithin(row.head(session), lo, hi);
        answer.addWithin(row.tail(), lo, hi);
        return answer;
    }

    private NodeTable fromPages(SeriesRow row, int level, long lo, long hi) throws SQLException {
        PyramidState state = row.pyramid();
        if (state != null) {
            try {
                NodeTable answer = new NodeTable(level);
                if (Pyramid.query(state, lo, hi, new SqlPages(session, row.id()), answer)) {
                    return answer;
                }
            } catch (StorageException e) {
                LOG.warn("{}: damaged pages; the points are read instead", row.name(), e);
            }
        }
        return row.chunks == 0 ? new NodeTable(level) : fromChunks(row, level, lo, hi);
    }

    private NodeTable fromChunks(SeriesRow row, int level, long lo, long hi) throws SQLException {
        NodeTable answer = new NodeTable(level);
        PreparedStatement chunks = session.prepare(
                "SELECT id, data FROM metric_chunk WHERE series = ? AND first_step <= ? AND last_step >= ?");
        chunks.setFetchSize(FETCHED);
        chunks.setLong(1, row.id());
        chunks.setLong(2, StepBlocks.lastStep(level, StepBlocks.block(level, hi)));
        chunks.setLong(3, StepBlocks.firstStep(level, StepBlocks.block(level, lo)));
        try (ResultSet chunk = chunks.executeQuery()) {
            while (chunk.next()) {
                answer.addWithin(row.name().decode("chunk " + chunk.getLong(1), chunk.getBytes(2)), lo, hi);
            }
        }
        return answer;
    }
}
