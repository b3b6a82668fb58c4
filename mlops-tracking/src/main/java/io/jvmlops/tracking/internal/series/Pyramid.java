package io.jvmlops.tracking.internal.series;

import io.jvmlops.api.tracking.StepBlocks;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Sums of a series at several levels of blocks, on pages of {@value PageCodec#BLOCKS} nodes, so that a question about
 * millions of points reads a few pages. Has no state of its own: {@link PyramidState} and the pages are what there is.
 */
public final class Pyramid {
    /**
     * Which pages answer a question.
     *
     * @param level the stored level to read
     * @param firstPage the first page of that level
     * @param lastPage the last page of that level, inclusive
     */
    public record Plan(int level, long firstPage, long lastPage) {}

    private Pyramid() {}

    /**
     * Counts points in.
     *
     * @param state as the last update returned it; null if there was none
     * @param points in order, one at least; no matter whether before, between or after those already counted in
     * @return the state to remember with the pages
     */
    public static PyramidState update(@Nullable PyramidState state, PointColumns points, PageStore pages) {
        if (points.isEmpty()) {
            throw new IllegalArgumentException("no points to count in; expected one at least");
        }
        PyramidState before = state == null ? PyramidState.before(points) : state;
        List<Integer> known = before.levels();
        PyramidState after = before.with(points);
        NodeTable added = new NodeTable(before.base());
        added.add(points);
        long bytes = mergeInto(pages, added);
        for (int level : after.levels()) {
            if (level == after.base()) {
                continue;
            }
            if (known.contains(level)) {
                NodeTable coarser = new NodeTable(level);
                coarser.merge(added);
                bytes += mergeInto(pages, coarser);
                added = coarser;
            } else {
                // The level below had few enough blocks until now, so this reads little.
                bytes += build(pages, level - PyramidState.STRIDE, level, after);
            }
        }
        return coarsened(after.with(after.base(), bytes), pages);
    }

    /** Drops the finest level for as long as the pages take too much room. */
    private static PyramidState coarsened(PyramidState state, PageStore pages) {
        PyramidState current = state;
        while (current.isTooLarge()) {
            int base = current.base();
            int next = base + PyramidState.STRIDE;
            long bytes = 0;
            if (!current.levels().contains(next)) {
                bytes += build(pages, base, next, current);
            }
            bytes -= pages.deleteLevel(base);
            current = current.with(next, bytes);
        }
        return current;
    }

    private static long build(PageStore pages, int from, int to, PyramidState state) {
        NodeTable table = new NodeTable(to);
        forEachNodeTable(pages, from, state, table::merge);
        return mergeInto(pages, table);
    }

    private static void forEachNodeTable(PageStore pages, int level, PyramidState state, TableConsumer consumer) {
        pages.forEach(
                level,
                PageCodec.page(StepBlocks.block(level, state.firstStep())),
                PageCodec.page(StepBlocks.block(level, state.lastStep())),
                (page, bytes) -> consumer.accept(PageCodec.decode(level, page, bytes)));
    }

    private interface TableConsumer {
        void accept(NodeTable table);
    }

    /** Merges nodes into the stored ones of their level and says by how many bytes the pages grew. */
    private static long mergeInto(PageStore pages, NodeTable added) {
        Map<Long, SortedMap<Long, Node>> byPage = new TreeMap<>();
        added.nodes()
                .forEach((block, node) -> byPage.computeIfAbsent(PageCodec.page(block), page -> new TreeMap<>())
                        .put(block, node));
        long grown = 0;
        int level = added.level();
        for (Map.Entry<Long, SortedMap<Long, Node>> entry : byPage.entrySet()) {
            long page = entry.getKey();
            SortedMap<Long, Node> nodes = entry.getValue();
            byte[] stored = pages.read(level, page);
            if (stored != null) {
                NodeTable merged = PageCodec.decode(level, page, stored);
                nodes.forEach(merged::merge);
                nodes = merged.nodes();
                grown -= stored.length;
            }
            byte[] bytes = PageCodec.encode(level, page, nodes);
            pages.write(level, page, bytes);
            grown += bytes.length;
        }
        return grown;
    }

    /**
     * Which pages answer a question about the blocks of a level that the steps from {@code lo} to {@code hi}, both
     * inclusive, touch; null if no stored level is fine enough, so that the points themselves are to be read, or if
     * none of the points counted in is in those blocks.
     */
    public static @Nullable Plan plan(PyramidState state, int level, long lo, long hi) {
        if (level < state.base() || !touches(state, level, lo, hi)) {
            return null;
        }
        int stored = state.base();
        for (int candidate : state.levels()) {
            stored = candidate <= level ? candidate : stored;
        }
        long from = Math.max(state.firstStep(), StepBlocks.firstStep(level, StepBlocks.block(level, lo)));
        long to = Math.min(state.lastStep(), StepBlocks.lastStep(level, StepBlocks.block(level, hi)));
        return new Plan(
                stored, PageCodec.page(StepBlocks.block(stored, from)), PageCodec.page(StepBlocks.block(stored, to)));
    }

    private static boolean touches(PyramidState state, int level, long lo, long hi) {
        return StepBlocks.block(level, lo) <= StepBlocks.block(level, state.lastStep())
                && StepBlocks.block(level, hi) >= StepBlocks.block(level, state.firstStep());
    }

    /** Counts the nodes of a page that a plan named into the answer, those within the steps asked for. */
    public static void collect(Plan plan, long page, byte[] bytes, long lo, long hi, NodeTable answer) {
        int level = answer.level();
        long first = StepBlocks.block(level, lo);
        long last = StepBlocks.block(level, hi);
        PageCodec.decode(plan.level(), page, bytes).nodes().values().forEach(node -> {
            long block = StepBlocks.block(level, node.first().step());
            if (block >= first && block <= last) {
                answer.merge(block, node);
            }
        });
    }

    /**
     * Counts what the pages know of the blocks that the steps from {@code lo} to {@code hi} touch into the answer.
     *
     * @return false if the points themselves are to be read, as no stored level is fine enough; nothing is counted then
     */
    public static boolean query(PyramidState state, long lo, long hi, PageStore pages, NodeTable answer) {
        if (answer.level() < state.base()) {
            return false;
        }
        Plan plan = plan(state, answer.level(), lo, hi);
        if (plan != null) {
            pages.forEach(
                    plan.level(),
                    plan.firstPage(),
                    plan.lastPage(),
                    (page, bytes) -> collect(plan, page, bytes, lo, hi, answer));
        }
        return true;
    }
}
