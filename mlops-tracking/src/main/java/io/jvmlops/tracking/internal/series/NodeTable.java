package io.jvmlops.tracking.internal.series;

import io.jvmlops.api.tracking.MetricBucket;
import io.jvmlops.api.tracking.StepBlocks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The nodes of the blocks of one level that are not empty, by block. Not safe for use by several threads. */
public final class NodeTable {
    private final int level;
    private final TreeMap<Long, Node> nodes = new TreeMap<>();

    public NodeTable(int level) {
        this.level = level;
    }

    public int level() {
        return level;
    }

    public int size() {
        return nodes.size();
    }

    /** Counts in points that are in order, of any blocks. */
    public void add(PointColumns points) {
        add(points, 0, points.size);
    }

    /** Counts in those of the points, which are in order, that lie in the blocks that the steps touch. */
    public void addWithin(PointColumns points, long lo, long hi) {
        long firstStep = StepBlocks.firstStep(level, StepBlocks.block(level, lo));
        long lastStep = StepBlocks.lastStep(level, StepBlocks.block(level, hi));
        int to = lastStep == Long.MAX_VALUE ? points.size : points.firstAtOrAfter(lastStep + 1);
        add(points, points.firstAtOrAfter(firstStep), to);
    }

    private void add(PointColumns points, int first, int end) {
        int from = first;
        while (from < end) {
            long block = StepBlocks.block(level, points.steps[from]);
            long lastStep = StepBlocks.lastStep(level, block);
            int to = from + 1;
            while (to < end && points.steps[to] <= lastStep) {
                to++;
            }
            merge(block, Node.of(points, from, to));
            from = to;
        }
    }

    /** Counts in the points of a node of this level. */
    public void merge(long block, Node node) {
        nodes.merge(block, node, Node::merge);
    }

    /** Counts in all nodes of a table of this level or a finer one. */
    public void merge(NodeTable finer) {
        if (finer.level > level) {
            throw new IllegalArgumentException(
                    "nodes of level " + finer.level + " into level " + level + "; expected the same or a finer one");
        }
        finer.nodes
                .values()
                .forEach(node -> merge(StepBlocks.block(level, node.first().step()), node));
    }

    /** A view of the nodes by block, ascending. */
    public NavigableMap<Long, Node> nodes() {
        return Collections.unmodifiableNavigableMap(nodes);
    }

    /** The nodes as what a store answers, ascending. */
    public List<MetricBucket> toBuckets(String key) {
        List<MetricBucket> buckets = new ArrayList<>(nodes.size());
        nodes.forEach((block, node) -> buckets.add(node.toBucket(key, level, block)));
        return buckets;
    }
}
