package io.jvmlops.api.data;

import java.util.List;

/**
 * What a model expects, or gives, under one name.
 *
 * @param shape with {@link Shape#DYNAMIC} where the extent is free, as the leading (batch) axis usually is
 * @param columns the names of the positions along the last axis, in order; empty where they have none. A tensor of shape
 *     {@code [-1]} or {@code [-1, 1]} without columns is itself one column, named like the tensor.
 */
public record TensorSpec(String name, DataType type, Shape shape, List<String> columns) {
    public TensorSpec {
        // As literals are: a caller's name is then this very object, and each call compares them.
        name = name.intern();
        columns = List.copyOf(columns);
        if (!columns.isEmpty()) {
            long last = shape.rank() == 0 ? 1 : shape.dim(shape.rank() - 1);
            if (last != columns.size() && last != Shape.DYNAMIC) {
                throw new IllegalArgumentException("tensor '" + name + "' of shape " + shape + " has " + columns.size()
                        + " column names, expected " + last);
            }
        }
    }

    public static TensorSpec of(String name, DataType type, long... shape) {
        return new TensorSpec(name, type, Shape.of(shape), List.of());
    }

    /** The same tensor with names for the positions along its last axis. */
    public TensorSpec withColumns(List<String> names) {
        return new TensorSpec(name, type, shape, names);
    }

    /**
     * The values in one row: the product of all extents but the leading one; -1 if one of those is dynamic, 1 for a
     * scalar or vector.
     */
    public long width() {
        long width = 1;
        for (int axis = 1; axis < shape.rank(); axis++) {
            if (shape.dim(axis) == Shape.DYNAMIC) {
                return Shape.DYNAMIC;
            }
            width = Math.multiplyExact(width, shape.dim(axis));
        }
        return width;
    }

    /** One {@link Column} per value of a row; empty if the values have no names. */
    public List<Column> toColumns() {
        if (!columns.isEmpty()) {
            return columns.stream().map(c -> Column.of(c, type)).toList();
        }
        return width() == 1 ? List.of(Column.of(name, type)) : List.of();
    }

    /** Like {@code x: FP32[-1, 4]}. */
    @Override
    public String toString() {
        return name + ": " + type + shape;
    }
}
