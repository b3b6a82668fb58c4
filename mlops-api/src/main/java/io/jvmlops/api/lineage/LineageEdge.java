package io.jvmlops.api.lineage;

import java.util.Objects;

/**
 * That a thing depends on another. Read it as a sentence: {@code from} {@link LineageRelation#term} {@code to}.
 *
 * @param from the later one, which came from the other
 * @param to the earlier one
 */
public record LineageEdge(LineageNode from, LineageRelation relation, LineageNode to) {
    public LineageEdge {
        Objects.requireNonNull(from);
        Objects.requireNonNull(relation);
        Objects.requireNonNull(to);
    }

    @Override
    public String toString() {
        return from.id() + " " + relation.term() + " " + to.id();
    }
}
