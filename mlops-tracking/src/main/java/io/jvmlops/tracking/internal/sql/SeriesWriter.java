package io.jvmlops.tracking.internal.sql;

import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.internal.series.ChunkCodec;
import io.jvmlops.tracking.internal.series.Mark;
import io.jvmlops.tracking.internal.series.PointColumns;
import io.jvmlops.tracking.internal.series.Pyramid;
import io.jvmlops.tracking.internal.series.PyramidState;
import io.jvmlops.tracking.internal.series.SeriesMerge;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes series within one write transaction that has locked their runs. What goes wrong in the database is thrown as
 * SQLException or {@link SqlFailure}.
 */
final class SeriesWriter {
    /** A tail of so many points goes into the head: the row is written with every append. */
    static final int TAIL = 128;

    /** A head of so many points is sealed. */
    static final int HEAD = 2_048;

    /** The most points of a chunk. */
    static final int CHUNK = 4_096;

    /** With fewer chunks there are no pages: reading the points is quick, and most series are small. */
    static final int PAGED_CHUNKS = 4;

    /** So many chunks may overlap in one place; what reading the history takes in memory is that of so many. */
    static final int DEPTH = 32;

    /** How many folds one append makes at most, so that nobody waits for long. */
    private static final int FOLDS = 8;

    /** How many points are counted into new pages at once. */
    private static final int COUNTED = 1 << 16;

    private static final Logger LOG = LoggerFactory.getLogger(SeriesWriter.class);

    private final Session session;

    SeriesWriter(Session session) {
        this.session = session;
    }

    /**
     * Adds points to a series; its row is to be written by the caller.
     *
     * @param added in order, one at least; not kept
     */
    void append(SeriesRow row, long run, long key, PointColumns added) throws SQLException {
        PointColumns fresh = row.tail();
        fresh.addAll(added, 0, added.size());
        fresh.sort();
        row.include(added);
        if (fresh.size() < TAIL) {
            row.setTail(fresh);
            return;
        }
        if (row.id() == 0) {
            row.insert(session, run, key);
        }
        PointColumns open = row.head(session);
        open.addAll(fresh, 0, fresh.size());
        open.sort();
        row.setTail(new PointColumns());
        if (open.size() < HEAD) {
            row.setHead(session, open);
        } else {
            row.setHead(session, new PointColumns());
            seal(row, open);
        }
    }

    private void seal(SeriesRow row, PointColumns points) throws SQLException {
        PyramidState state = row.pyramid();
        Mark before = row.sealed;
        for (ChunkRow chunk : insertChunks(row, points)) {
            row.chunks++;
            row.late += before != null && chunk.first().compareTo(before) < 0 ? 1 : 0;
        }
        Mark last = points.markAt(points.size() - 1);
        row.sealedFirst = before == null ? points.stepAt(0) : Math.min(row.sealedFirst, points.stepAt(0));
        row.sealed = before == null || before.compareTo(last) < 0 ? last : before;
        row.sealedPoints += points.size();
        row.change();
        count(row, state, points);
        if (row.late >= lateChunks(row)) {
            fold(row);
        }
    }

    /** How many late chunks are worth a look at all of them. */
    private static long lateChunks(SeriesRow row) {
        return Math.max(16, Math.min(64, row.chunks / 16));
    }

    private List<ChunkRow> insertChunks(SeriesRow row, PointColumns points) throws SQLException {
        int count = (points.size() + CHUNK - 1) / CHUNK;
        List<ChunkRow> chunks = new ArrayList<>(count);
        int from = 0;
        for (int i = 1; i <= count; i++) {
            int to = (int) ((long) points.size() * i / count);
            chunks.add(ChunkRow.insert(session, row.id(), points, from, to));
            from = to;
        }
        return chunks;
    }

    /** Counts sealed points into the pages, or makes them when it is time to. */
    private void count(SeriesRow row, @Nullable PyramidState state, PointColumns points) throws SQLException {
        if (state == null) {
            // Where a chunk is damaged there are none, and looking again is not worth it each time.
            if (row.chunks >= PAGED_CHUNKS && row.sealedPoints >= 2 * row.pageBuilt) {
                makePages(row);
            }
            return;
        }
        try {
            PyramidState counted = Pyramid.update(state, points, new SqlPages(session, row.id()));
            row.setPyramid(counted);
            if (counted.isTooCoarse() && row.sealedPoints >= 4 * row.pageBuilt) {
                makePages(row);
            }
        } catch (StorageException e) {
            LOG.warn("{}: damaged pages are made anew from the points", row.name(), e);
            makePages(row);
        }
    }

    /** Makes the pages anew from the chunks; leaves a series without if a chunk cannot be read. */
    void makePages(SeriesRow row) throws SQLException {
        SqlPages pages = new SqlPages(session, row.id());
        pages.deleteAll();
        row.setPyramid(null);
        row.pageBuilt = 0;
        Mark last = row.sealed;
        if (last == null || row.chunks < PAGED_CHUNKS) {
            return;
        }
        row.pageBuilt = row.sealedPoints;
        try {
            SeriesMerge merge = new SeriesMerge(sources(row, ChunkRow.all(session, row.id())));
            PyramidState state = PyramidState.before(row.sealedPoints, row.sealedFirst, last.step());
            PointColumns batch = new PointColumns(COUNTED);
            while (merge.drainTo(batch, COUNTED) > 0) {
                state = Pyramid.update(state, batch, pages);
                batch.clear();
            }
            row.setPyramid(state);
        } catch (StorageException e) {
            LOG.warn("No pages for a series, so that charts of it take longer", e);
            pages.deleteAll();
        }
    }

    private List<SeriesMerge.Source> sources(SeriesRow row, List<ChunkRow> chunks) {
        List<SeriesMerge.Source> sources = new ArrayList<>(chunks.size());
        for (ChunkRow chunk : chunks) {
            sources.add(new ChunkSource(session, row.name(), chunk));
        }
        return sources;
    }

    private record ChunkSource(Session session, SeriesName name, ChunkRow chunk) implements SeriesMerge.Source {
        @Override
        public Mark first() {
            return chunk.first();
        }

        @Override
        public Mark last() {
            return chunk.last();
        }

        @Override
        public PointColumns open() {
            try {
                return chunk.points(session, name);
            } catch (SQLException e) {
                throw new SqlFailure(e);
            }
        }
    }

    /**
     * Where too many chunks overlap, makes as many of them that do not. A place at a time, and a few places at most: what
     * is left is found by the next chunk that comes late.
     */
    private void fold(SeriesRow row) throws SQLException {
        List<ChunkRow> chunks = new ArrayList<>(ChunkRow.all(session, row.id()));
        for (int i = 0; i < FOLDS; i++) {
            List<ChunkRow> deepest = Overlap.deepest(chunks);
            if (deepest.size() <= DEPTH) {
                row.late = 0;
                return;
            }
            deepest = deepest.subList(0, Math.min(deepest.size(), 2 * DEPTH));
            PointColumns points = new PointColumns(deepest.size() * CHUNK);
            try {
                SeriesMerge merge = new SeriesMerge(sources(row, deepest));
                while (merge.drainTo(points, ChunkCodec.MAX_POINTS) > 0) {
                    // All of them at once; few enough for that.
                }
            } catch (StorageException e) {
                LOG.warn("Overlapping chunks of a series are left as they are", e);
                row.late = 0;
                return;
            }
            for (ChunkRow chunk : deepest) {
                chunk.delete(session);
            }
            chunks.removeAll(deepest);
            row.chunks -= deepest.size();
            List<ChunkRow> folded = insertChunks(row, points);
            chunks.addAll(folded);
            row.chunks += folded.size();
            row.version++;
        }
    }

    /**
     * Drops points stamped up to a moment, inclusive, from a series, as many as are in so many chunks, and writes the row.
     *
     * @return how many points were dropped
     * @throws StorageException if what is to be cut cannot be read; nothing of the series has been changed then
     */
    long expire(SeriesRow row, long lastGone, int atMost) throws SQLException {
        long before = row.points;
        PointColumns tail = row.tail();
        PointColumns head = row.head(session);
        List<ChunkRow> old = ChunkRow.stampedThrough(session, row.id(), lastGone, atMost + 1);
        boolean done = old.size() <= atMost;
        old = old.subList(0, Math.min(old.size(), atMost));
        for (ChunkRow chunk : old) {
            if (chunk.maxAt() > lastGone) {
                // Twice, as the points of all at once might be many.
                chunk.points(session, row.name());
            }
        }
        for (ChunkRow chunk : old) {
            row.chunks--;
            row.sealedPoints -= chunk.points();
            if (chunk.maxAt() > lastGone) {
                PointColumns points = chunk.points(session, row.name());
                int removed = points.removeThrough(lastGone);
                if (removed != chunk.points()) {
                    ChunkRow.insert(session, row.id(), points, 0, points.size());
                    row.chunks++;
                    row.sealedPoints += points.size();
                }
            }
            chunk.delete(session);
        }
        if (done) {
            if (tail.removeThrough(lastGone) > 0) {
                row.setTail(tail);
            }
            if (head.removeThrough(lastGone) > 0) {
                row.setHead(session, head);
            }
        }
        row.change();
        row.points = row.sealedPoints + head.size() + tail.size();
        row.firstStep = Long.MAX_VALUE;
        row.lastStep = Long.MIN_VALUE;
        row.minAt = Long.MAX_VALUE;
        row.includeSteps(head);
        row.includeSteps(tail);
        if (!old.isEmpty()) {
            row.version++;
        }
        includeChunks(row);
        if (!old.isEmpty()) {
            if (done) {
                makePages(row);
            } else {
                new SqlPages(session, row.id()).deleteAll();
                row.setPyramid(null);
                row.pageBuilt = 0;
            }
        }
        row.update(session);
        return before - row.points;
    }

    private void includeChunks(SeriesRow row) throws SQLException {
        row.sealed = null;
        row.sealedFirst = 0;
        for (ChunkRow chunk : ChunkRow.all(session, row.id())) {
            Mark before = row.sealed;
            row.sealedFirst = before == null
                    ? chunk.first().step()
                    : Math.min(row.sealedFirst, chunk.first().step());
            row.sealed = before == null || before.compareTo(chunk.last()) < 0 ? chunk.last() : before;
            row.firstStep = Math.min(row.firstStep, chunk.first().step());
            row.lastStep = Math.max(row.lastStep, chunk.last().step());
            row.minAt = Math.min(row.minAt, chunk.minAt());
        }
    }
}
