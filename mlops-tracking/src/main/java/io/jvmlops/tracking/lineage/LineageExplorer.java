package io.jvmlops.tracking.lineage;

import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.lineage.Lineage;
import io.jvmlops.api.lineage.Lineage.Cut;
import io.jvmlops.api.lineage.Lineage.Direction;
import io.jvmlops.api.lineage.Lineage.Entry;
import io.jvmlops.api.lineage.Lineage.Limit;
import io.jvmlops.api.lineage.LineageEdge;
import io.jvmlops.api.lineage.LineageNode;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.tracking.TrackingStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows what came from what, through the stores of a tracking: {@code tracking.lineage().of(LineageNode.of(version))}.
 *
 * <table>
 * <caption>What is known</caption>
 * <tr><th>of<th>it came from<th>from it came
 * <tr><td>a dataset version<td>the artifact or run that its source names as {@code runs:/<id>/<path>}
 *     <td>the runs that read it, the model versions that were trained on it
 * <tr><td>a run<td>the dataset versions it read, the run it is part of
 *     <td>its artifacts, the model versions it registered, the runs that are part of it
 * <tr><td>an artifact<td>its run<td>the model version it belongs to, the dataset versions with its content
 * <tr><td>a model version<td>its run, the dataset versions it was trained on, its files among the run's artifacts
 *     <td>the moves that pointed an alias at it, or away from it
 * <tr><td>an alias's move<td>the model version it pointed at<td>nothing
 * </table>
 *
 * <p>Dataset versions of the same content and other names are linked as alternates. What was deleted is there as long as
 * something refers to it: a deleted run, a model version that an alias once pointed at.
 *
 * <p>It asks the interfaces only, one question per node and more, so a graph is not of one moment: what is written meanwhile may be in it or
 * not. A value, safe for use by several threads if the stores are; does not close them. Every method may throw {@link
 * StorageException}.
 */
public final class LineageExplorer {
    public static final int DEFAULT_MAX_DEPTH = 16;
    public static final int DEFAULT_MAX_NODES = 1_000;
    /** The most nodes that may be asked for. */
    public static final int MAX_NODES = 100_000;

    private final TrackingStore store;
    private final ModelRegistry registry;
    private final @Nullable DatasetStore datasets;
    private final int maxDepth;
    private final int maxNodes;

    private LineageExplorer(
            TrackingStore store, ModelRegistry registry, @Nullable DatasetStore datasets, int maxDepth, int maxNodes) {
        this.store = Objects.requireNonNull(store);
        this.registry = Objects.requireNonNull(registry);
        this.datasets = datasets;
        this.maxDepth = maxDepth;
        this.maxNodes = maxNodes;
    }

    /** @param datasets tells which dataset versions are stored; null if there is none */
    public static LineageExplorer of(TrackingStore store, ModelRegistry registry, @Nullable DatasetStore datasets) {
        return new LineageExplorer(store, registry, datasets, DEFAULT_MAX_DEPTH, DEFAULT_MAX_NODES);
    }

    /**
     * The same, that goes so many steps in either direction.
     *
     * @param depth 0 or more; {@value #DEFAULT_MAX_DEPTH} unless said
     */
    public LineageExplorer withMaxDepth(int depth) {
        if (depth < 0) {
            throw new IllegalArgumentException("depth " + depth + ": expected 0 or more");
        }
        return new LineageExplorer(store, registry, datasets, depth, maxNodes);
    }

    /**
     * The same, that finds so many nodes at most, the root among them.
     *
     * @param nodes 1 to {@value #MAX_NODES}; {@value #DEFAULT_MAX_NODES} unless said
     */
    public LineageExplorer withMaxNodes(int nodes) {
        if (nodes < 1 || nodes > MAX_NODES) {
            throw new IllegalArgumentException(nodes + " nodes: expected 1 to " + MAX_NODES);
        }
        return new LineageExplorer(store, registry, datasets, maxDepth, nodes);
    }

    /**
     * What a thing came from, and then what came from it, until a limit is reached; {@link Lineage#cuts} says where. A thing that
     * no store knows is there alone, as {@link Lineage.State#UNKNOWN}.
     */
    public Lineage of(LineageNode root) {
        return explore(root, Direction.UPSTREAM, Direction.DOWNSTREAM);
    }

    /** What a thing came from. */
    public Lineage upstream(LineageNode root) {
        return explore(root, Direction.UPSTREAM);
    }

    /** What came from a thing. */
    public Lineage downstream(LineageNode root) {
        return explore(root, Direction.DOWNSTREAM);
    }

    private Lineage explore(LineageNode root, Direction... directions) {
        Walk walk = new Walk(new LineageSource(store, registry, datasets, maxNodes), root);
        for (Direction direction : directions) {
            walk.follow(direction);
        }
        return walk.lineage();
    }

    /** One graph in the making. */
    private final class Walk {
        private final LineageSource source;
        private final LineageNode root;
        private final Map<LineageNode, Entry> entries = new LinkedHashMap<>();
        private final Set<LineageEdge> edges = new LinkedHashSet<>();
        private final Set<Cut> cuts = new LinkedHashSet<>();

        private record Step(LineageNode node, int depth) {}

        Walk(LineageSource source, LineageNode root) {
            this.source = source;
            this.root = root;
            entries.put(root, source.entry(root));
        }

        void follow(Direction direction) {
            Set<LineageNode> seen = new HashSet<>(Set.of(root));
            Deque<Step> steps = new ArrayDeque<>(List.of(new Step(root, 0)));
            while (!steps.isEmpty()) {
                Step step = steps.remove();
                LineageSource.Neighbours neighbours = source.neighbours(step.node, direction);
                if (neighbours.more()) {
                    cuts.add(new Cut(step.node, direction, Limit.NODES));
                }
                for (LineageEdge edge : neighbours.edges()) {
                    LineageNode other = edge.from().equals(step.node) ? edge.to() : edge.from();
                    boolean known = entries.containsKey(other);
                    if (step.depth == maxDepth && !seen.contains(other)) {
                        cuts.add(new Cut(step.node, direction, Limit.DEPTH));
                    } else if (!known && entries.size() == maxNodes) {
                        cuts.add(new Cut(step.node, direction, Limit.NODES));
                    } else {
                        if (!known) {
                            entries.put(other, source.entry(other));
                        }
                        edges.add(edge);
                        if (seen.add(other)) {
                            steps.add(new Step(other, step.depth + 1));
                        }
                    }
                }
            }
        }

        Lineage lineage() {
            return new Lineage(root, new ArrayList<>(entries.values()), List.copyOf(edges), List.copyOf(cuts));
        }
    }
}
