package io.jvmlops.api.lineage;

import io.jvmlops.api.lineage.Lineage.Cut;
import io.jvmlops.api.lineage.Lineage.Direction;
import io.jvmlops.api.lineage.Lineage.Entry;
import io.jvmlops.api.lineage.Lineage.State;
import io.jvmlops.api.metadata.Keys;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A lineage as two trees of text. Without recursion: a chain may be as long as there are nodes. */
final class LineageText {
    private static final int DIGITS = 12;
    /** Deeper lines say how deep they are, rather than making the text as wide as it is long. */
    private static final int MAX_INDENT = 32;

    private final Lineage lineage;
    private final Map<LineageNode, Entry> entries = new HashMap<>();
    private final Map<LineageNode, List<LineageEdge>> up = new HashMap<>();
    private final Map<LineageNode, List<LineageEdge>> down = new HashMap<>();
    private final Map<LineageNode, List<Cut>> cuts = new HashMap<>();
    private final StringBuilder text = new StringBuilder();

    /** A line to come. */
    private record Line(int depth, LineageEdge edge) {}

    LineageText(Lineage lineage) {
        this.lineage = lineage;
        lineage.cuts()
                .forEach(cut -> cuts.computeIfAbsent(cut.node(), node -> new ArrayList<>())
                        .add(cut));
        lineage.entries().forEach(entry -> entries.put(entry.node(), entry));
        for (LineageEdge edge : lineage.edges()) {
            up.computeIfAbsent(edge.from(), node -> new ArrayList<>()).add(edge);
            down.computeIfAbsent(edge.to(), node -> new ArrayList<>()).add(edge);
        }
        line(0, lineage.root(), "");
        tree(Direction.UPSTREAM, "came from", up);
        tree(Direction.DOWNSTREAM, "what came from it", down);
    }

    private void tree(Direction direction, String title, Map<LineageNode, List<LineageEdge>> edges) {
        text.append(title).append(":\n");
        Set<LineageNode> unfolded = new HashSet<>();
        Deque<Line> lines = new ArrayDeque<>();
        unfold(direction, lineage.root(), 1, edges, unfolded, lines);
        if (lines.isEmpty()) {
            text.append("  nothing that is known\n");
        }
        while (!lines.isEmpty()) {
            Line line = lines.pop();
            LineageNode node = direction == Direction.UPSTREAM ? line.edge.to() : line.edge.from();
            boolean again = unfolded.contains(node);
            line(line.depth, node, line.edge.relation().term() + (direction == Direction.UPSTREAM ? " " : " by "));
            if (!again) {
                unfold(direction, node, line.depth + 1, edges, unfolded, lines);
            }
        }
    }

    private void unfold(
            Direction direction,
            LineageNode node,
            int depth,
            Map<LineageNode, List<LineageEdge>> edges,
            Set<LineageNode> unfolded,
            Deque<Line> lines) {
        unfolded.add(node);
        cuts.getOrDefault(node, List.of()).stream()
                .filter(cut -> cut.direction() == direction)
                .forEach(cut -> indent(depth)
                        .append("... more, not followed: limit of ")
                        .append(cut.limit().label())
                        .append('\n'));
        List<LineageEdge> of = edges.getOrDefault(node, List.of());
        for (int i = of.size() - 1; i >= 0; i--) {
            lines.push(new Line(depth, of.get(i)));
        }
    }

    private void line(int depth, LineageNode node, String before) {
        Entry entry = entries.get(node);
        indent(depth).append(before).append(name(node));
        if (entry != null) {
            if (entry.state() != State.PRESENT) {
                text.append(" [").append(entry.state().label()).append(']');
            }
            entry.facts()
                    .forEach((name, value) ->
                            text.append("  ").append(name).append('=').append(Keys.clipped(value)));
        }
        text.append('\n');
    }

    private StringBuilder indent(int depth) {
        return depth <= MAX_INDENT
                ? text.append("  ".repeat(depth))
                : text.append("  ".repeat(MAX_INDENT)).append('(').append(depth).append(") ");
    }

    /** With digests that a person can compare. */
    private static String name(LineageNode node) {
        return node.id().replaceAll("([0-9a-f]{" + DIGITS + "})[0-9a-f]{" + (64 - DIGITS) + "}", "$1");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
