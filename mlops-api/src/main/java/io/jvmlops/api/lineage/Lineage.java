package io.jvmlops.api.lineage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;

/**
 * What a thing came from, and what came from it, as far as it was followed.
 *
 * @param entries the root first, then in the order in which they were found; each node once
 * @param edges between nodes that are there, each once
 * @param cuts where it goes on beyond what was followed; empty if this is all there is
 */
public record Lineage(LineageNode root, List<Entry> entries, List<LineageEdge> edges, List<Cut> cuts) {
    /** @throws IllegalArgumentException if an edge or a cut is about a node that is not there */
    public Lineage {
        entries = List.copyOf(entries);
        edges = List.copyOf(edges);
        cuts = List.copyOf(cuts);
        Set<LineageNode> nodes = new HashSet<>();
        for (Entry entry : entries) {
            if (!nodes.add(entry.node())) {
                throw new IllegalArgumentException(entry.node() + " is there twice");
            }
        }
        if (entries.isEmpty() || !entries.get(0).node().equals(root)) {
            throw new IllegalArgumentException("the first node is not the root " + root);
        }
        for (LineageEdge edge : edges) {
            if (!nodes.contains(edge.from()) || !nodes.contains(edge.to())) {
                throw new IllegalArgumentException("a node of " + edge + " is not there");
            }
        }
        for (Cut cut : cuts) {
            if (!nodes.contains(cut.node())) {
                throw new IllegalArgumentException("the node of " + cut + " is not there");
            }
        }
    }

    /**
     * A node and what is known of it.
     *
     * @param facts for people, by name: {@code name}, {@code status}, {@code created_by}, {@code why}
     */
    public record Entry(LineageNode node, State state, Map<String, String> facts) {
        public Entry {
            facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
        }
    }

    /** Whether a thing is still there. */
    public enum State {
        /** Its store has it. */
        PRESENT,
        /** It was there: it is hidden, overwritten, or gone, and something that stays says that it was. */
        DELETED,
        /** No store has it, or ever said that it had. */
        UNKNOWN;

        /** In lower case. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Which way. */
    public enum Direction {
        /** What it came from. */
        UPSTREAM,
        /** What came from it. */
        DOWNSTREAM;

        /** In lower case. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Why something was not followed. */
    public enum Limit {
        /** It is as many steps from the root as were asked for. */
        DEPTH,
        /** There are as many nodes as were asked for. */
        NODES;

        /** In lower case. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** That a node has more neighbours in a direction than are there. */
    public record Cut(LineageNode node, Direction direction, Limit limit) {}

    /** Whether this is all there is: nothing was cut off. */
    public boolean isComplete() {
        return cuts.isEmpty();
    }

    /** The nodes, the root first. */
    public List<LineageNode> nodes() {
        return entries.stream().map(Entry::node).toList();
    }

    /** @throws NoSuchElementException if the node is not there */
    public Entry entry(LineageNode node) {
        return entries.stream()
                .filter(entry -> entry.node().equals(node))
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException(node.id() + " is not in the lineage of " + root.id()));
    }

    /** The nodes of one kind, in order. */
    public <N extends LineageNode> List<N> nodes(Class<N> kind) {
        return entries.stream()
                .map(Entry::node)
                .filter(kind::isInstance)
                .map(kind::cast)
                .toList();
    }

    /** What the root came from: all nodes upstream of it, the nearest first. */
    public List<LineageNode> upstream() {
        return reachable(Direction.UPSTREAM);
    }

    /** What came from the root: all nodes downstream of it, the nearest first. */
    public List<LineageNode> downstream() {
        return reachable(Direction.DOWNSTREAM);
    }

    private List<LineageNode> reachable(Direction direction) {
        Set<LineageNode> seen = new HashSet<>(Set.of(root));
        Deque<LineageNode> next = new ArrayDeque<>(List.of(root));
        List<LineageNode> found = new ArrayList<>();
        Map<LineageNode, List<LineageNode>> neighbours = neighbours(direction);
        while (!next.isEmpty()) {
            for (LineageNode neighbour : neighbours.getOrDefault(next.remove(), List.of())) {
                if (seen.add(neighbour)) {
                    found.add(neighbour);
                    next.add(neighbour);
                }
            }
        }
        return found;
    }

    private Map<LineageNode, List<LineageNode>> neighbours(Direction direction) {
        Map<LineageNode, List<LineageNode>> neighbours = new LinkedHashMap<>();
        for (LineageEdge edge : edges) {
            boolean bothWays = edge.relation() == LineageRelation.ALTERNATE_OF;
            if (direction == Direction.UPSTREAM || bothWays) {
                neighbours
                        .computeIfAbsent(edge.from(), node -> new ArrayList<>())
                        .add(edge.to());
            }
            if (direction == Direction.DOWNSTREAM || bothWays) {
                neighbours.computeIfAbsent(edge.to(), node -> new ArrayList<>()).add(edge.from());
            }
        }
        return neighbours;
    }

    /**
     * For a log: the root, then what it came from and what came from it as two trees, a line per edge, each node unfolded once;
     * what was cut off is said.
     */
    public String toText() {
        return new LineageText(this).toString();
    }
}
