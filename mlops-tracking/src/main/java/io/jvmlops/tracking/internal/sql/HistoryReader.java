package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.tracking.MetricPoint;
import io.jvmlops.tracking.internal.series.Mark;
import io.jvmlops.tracking.internal.series.PointColumns;
import io.jvmlops.tracking.internal.series.SeriesMerge;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * Reads one series in order, with no transaction open in between: lists its chunks, then fetches a few at a time when
 * their turn comes. If chunks have gone away meanwhile, it lists them again and goes on after the last point. Used by
 * one thread at a time.
 */
final class HistoryReader implements Iterator<MetricPoint> {
    /** Points read at once. */
    private static final int BATCH = 1_024;

    /** Chunks fetched in one transaction. */
    private static final int FETCHED = 8;

    private final SqlMetricStore store;
    private final SeriesName name;
    private final PointColumns batch = new PointColumns(BATCH);
    private int nextInBatch;
    private long series;
    private long version;
    private SeriesMerge merge = new SeriesMerge(List.of());
    private List<ChunkRow> chunks = List.of();
    private final Map<Long, byte[]> fetched = new LinkedHashMap<>();

    /** The last point given, and how many equal to it were. */
    private @Nullable Mark last;

    private long equalSeen;

    HistoryReader(SqlMetricStore store, SeriesName name) {
        this.store = store;
        this.name = name;
        list();
    }

    /** The chunks have changed since they were listed. */
    private static final class Stale extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stale() {
            super(null, null, false, false);
        }
    }

    @Override
    public boolean hasNext() {
        while (nextInBatch == batch.size()) {
            batch.clear();
            nextInBatch = 0;
            boolean stale = false;
            try {
                if (merge.drainTo(batch, BATCH) == 0) {
                    return false;
                }
            } catch (Stale e) {
                stale = true;
            }
            remember();
            if (stale) {
                list();
            }
        }
        return true;
    }

    @Override
    public MetricPoint next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the history of " + name + " has no more points");
        }
        int point = nextInBatch++;
        return new MetricPoint(name.key(), batch.stepAt(point), batch.timestampMillisAt(point), batch.valueAt(point));
    }

    /** Counts the points of the batch as given. */
    private void remember() {
        int size = batch.size();
        if (size == 0) {
            return;
        }
        Mark end = batch.markAt(size - 1);
        int equal = 1;
        while (equal < size && batch.markAt(size - 1 - equal).equals(end)) {
            equal++;
        }
        equalSeen = equal == size && end.equals(last) ? equalSeen + equal : equal;
        last = end;
    }

    private void list() {
        while (true) {
            try {
                merge = listed();
                return;
            } catch (Stale e) {
                // While it was finding its place; once more.
            }
        }
    }

    private SeriesMerge listed() {
        Mark after = last;
        List<PointColumns> open = new ArrayList<>();
        fetched.clear();
        chunks = store.read("history of " + name, session -> {
            open.clear();
            SeriesRow row = SqlMetricStore.find(session, name);
            if (row == null) {
                return List.of();
            }
            series = row.id();
            version = row.version;
            open.add(row.head(session));
            open.add(row.tail());
            List<ChunkRow> found = new ArrayList<>(
                    after == null ? ChunkRow.all(session, row.id()) : ChunkRow.from(session, row.id(), after.step()));
            found.sort(ChunkRow.BY_FIRST);
            return found;
        });
        List<SeriesMerge.Source> sources = new ArrayList<>();
        for (PointColumns points : open) {
            if (!points.isEmpty()) {
                sources.add(new Open(points));
            }
        }
        for (int i = 0; i < chunks.size(); i++) {
            sources.add(new Sealed(i));
        }
        return after == null ? new SeriesMerge(sources) : SeriesMerge.after(after, equalSeen, sources);
    }

    /** The data of a chunk, and with it that of those after it. */
    private byte[] fetch(int position) {
        ChunkRow wanted = chunks.get(position);
        byte[] data = fetched.remove(wanted.id());
        if (data != null) {
            return data;
        }
        List<Long> ids = new ArrayList<>();
        for (int i = position; i < chunks.size() && ids.size() < FETCHED; i++) {
            ids.add(chunks.get(i).id());
        }
        while (ids.size() < FETCHED) {
            ids.add(wanted.id());
        }
        fetched.clear();
        boolean current = store.read("history of " + name, session -> {
            // By the run too: when that is purged, another one's series may get the id.
            Long found = session.findLong(
                    "SELECT s.version FROM metric_series s JOIN run r ON r.id = s.run WHERE s.id = ? AND r.uid = ?",
                    series,
                    name.runId());
            if (found == null || found != version) {
                return false;
            }
            try (ResultSet row =
                    session.query("SELECT id, data FROM metric_chunk WHERE id" + RunRows.among(ids), ids.toArray())) {
                while (row.next()) {
                    fetched.put(row.getLong(1), row.getBytes(2));
                }
            }
            return true;
        });
        if (!current) {
            throw new Stale();
        }
        data = fetched.remove(wanted.id());
        if (data == null) {
            throw name.damaged("chunk " + wanted.id() + " is not there", null);
        }
        return data;
    }

    private final class Sealed implements SeriesMerge.Source {
        private final int position;

        Sealed(int position) {
            this.position = position;
        }

        @Override
        public Mark first() {
            return chunks.get(position).first();
        }

        @Override
        public Mark last() {
            return chunks.get(position).last();
        }

        @Override
        public PointColumns open() {
            return name.decode("chunk " + chunks.get(position).id(), fetch(position));
        }
    }

    /** Points that were not sealed when the chunks were listed. */
    private record Open(PointColumns open) implements SeriesMerge.Source {
        @Override
        public Mark first() {
            return open.markAt(0);
        }

        @Override
        public Mark last() {
            return open.markAt(open.size() - 1);
        }
    }
}
