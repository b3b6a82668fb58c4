package io.jvmlops.tracking.internal.sql;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Where the chunks of a series overlap. */
final class Overlap {
    private Overlap() {}

    /**
     * Those that a reader has open at once where it has the most open, in any order. A chunk that begins where another
     * ends does not overlap it.
     */
    static List<ChunkRow> deepest(List<ChunkRow> chunks) {
        List<ChunkRow> byFirst = new ArrayList<>(chunks);
        byFirst.sort(ChunkRow.BY_FIRST);
        PriorityQueue<ChunkRow> open = new PriorityQueue<>(Comparator.comparing(ChunkRow::last));
        List<ChunkRow> deepest = List.of();
        for (ChunkRow chunk : byFirst) {
            while (!open.isEmpty() && open.peek().last().compareTo(chunk.first()) <= 0) {
                open.remove();
            }
            open.add(chunk);
            if (open.size() > deepest.size()) {
                deepest = new ArrayList<>(open);
            }
        }
        return deepest;
    }
}
