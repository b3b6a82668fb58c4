package io.jvmlops.tracking.internal.series;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Reads one series from sources that are each in order but may overlap. A source is opened when its turn has come and
 * let go at its end, so there are never more points in memory than those of the sources that overlap in one place. Not
 * safe for use by several threads.
 */
public final class SeriesMerge {
    /** A sorted part of a series: a sealed chunk, or the head. */
    public interface Source {
        /** The least point. */
        Mark first();

        /** The greatest point. */
        Mark last();

        /** The points, in order; called at most once. What it throws goes to whoever reads. */
        PointColumns open();
    }

    private static final class Cursor {
        private final PointColumns points;
        private int at;

        Cursor(PointColumns points) {
            this.points = points;
        }
    }

    private final List<Source> waiting;
    private int nextWaiting;
    private final PriorityQueue<Cursor> open = new PriorityQueue<>((a, b) -> a.points.compareTo(a.at, b.points, b.at));

    /** All points of the sources, which may come in any order. */
    public SeriesMerge(List<? extends Source> sources) {
        waiting = new ArrayList<>(sources);
        waiting.sort(Comparator.comparing(Source::first));
    }

    /**
     * The points after a place: those greater than {@code after}, and those equal to it but for as many as have been
     * seen. So a reader goes on where it was when the sources have been cut anew.
     */
    public static SeriesMerge after(Mark after, long seen, List<? extends Source> sources) {
        List<Source> rest = new ArrayList<>();
        for (Source source : sources) {
            if (source.last().compareTo(after) >= 0) {
                rest.add(source);
            }
        }
        SeriesMerge merge = new SeriesMerge(rest);
        merge.skipThrough(after, seen);
        return merge;
    }

    /** Drops points less than the mark, then up to {@code equal} that equal it. */
    private void skipThrough(Mark mark, long equal) {
        while (nextWaiting < waiting.size() && waiting.get(nextWaiting).first().compareTo(mark) < 0) {
            PointColumns points = waiting.get(nextWaiting++).open();
            Cursor cursor = new Cursor(points);
            cursor.at = lowerBound(points, mark);
            push(cursor);
        }
        long left = equal;
        for (Cursor cursor = least(); left > 0 && cursor != null; cursor = least()) {
            if (cursor.points.compareTo(cursor.at, mark) != 0) {
                return;
            }
            advance(cursor, 1);
            left--;
        }
    }

    private static int lowerBound(PointColumns points, Mark mark) {
        int low = 0;
        int high = points.size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (points.compareTo(middle, mark) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /**
     * Appends the next points, in the order of {@link Mark}, at most {@code limit}.
     *
     * @return how many; zero when all have been read
     * @throws IllegalArgumentException if the limit is less than one
     */
    public int drainTo(PointColumns into, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a limit of " + limit + " points; expected at least 1");
        }
        int drained = 0;
        while (drained < limit) {
            Cursor cursor = least();
            if (cursor == null) {
                break;
            }
            int from = cursor.at;
            int to = Math.min(cursor.points.size, from + (limit - drained));
            to = leading(cursor, from, to);
            into.addAll(cursor.points, from, to);
            advance(cursor, to - from);
            drained += to - from;
        }
        return drained;
    }

    /** Up to where the points of the least cursor come before those of all other sources; one at least. */
    private int leading(Cursor cursor, int from, int to) {
        open.remove(cursor);
        Cursor rival = open.peek();
        int end = from + 1;
        Mark unopened = nextWaiting < waiting.size() ? waiting.get(nextWaiting).first() : null;
        if (rival == null && (unopened == null || cursor.points.compareTo(to - 1, unopened) <= 0)) {
            end = to;
        } else {
            while (end < to
                    && (rival == null || cursor.points.compareTo(end, rival.points, rival.at) <= 0)
                    && (unopened == null || cursor.points.compareTo(end, unopened) <= 0)) {
                end++;
            }
        }
        open.add(cursor);
        return end;
    }

    /** The source with the least point, all those opened that may have it; null at the end. */
    private @Nullable Cursor least() {
        while (nextWaiting < waiting.size()) {
            Cursor cursor = open.peek();
            // Of equal points it does not matter whose comes first, so equal ones open nothing.
            if (cursor != null
                    && cursor.points.compareTo(
                                    cursor.at, waiting.get(nextWaiting).first())
                            <= 0) {
                return cursor;
            }
            push(new Cursor(waiting.get(nextWaiting++).open()));
        }
        return open.peek();
    }

    private void push(Cursor cursor) {
        if (cursor.at < cursor.points.size) {
            open.add(cursor);
        }
    }

    private void advance(Cursor cursor, int count) {
        open.remove(cursor);
        cursor.at += count;
        push(cursor);
    }
}
