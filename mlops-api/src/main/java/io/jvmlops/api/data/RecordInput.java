package io.jvmlops.api.data;

import io.jvmlops.api.error.InvalidInputException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How the components of a record make one input of a model: one method handle that writes a row. */
final class RecordInput {
    /** The largest array that all JVMs can make. */
    private static final long MAX_ELEMENTS = Integer.MAX_VALUE - 8;

    /**
     * One component in a row of the input.
     *
     * @param at where it begins
     * @param width of an array how many elements there are, or -1 for the whole row; else 1
     */
    record Part(RecordField field, int at, int width) {}

    private final TensorSpec input;
    private final List<Part> parts;
    /** Elements in a row; -1 where an array has as many as it has. */
    private final int width;
    /** The product of the extents that are known, the leading one aside. */
    private final int known;

    /**
     * From (record, array, position, width) to nothing. One handle for all components, since the JIT compiles one handle
     * into straight code, and calls many one by one.
     */
    private final MethodHandle writer;

    private RecordInput(TensorSpec input, List<Part> parts, int width, int known, MethodHandle writer) {
        this.input = input;
        this.parts = parts;
        this.width = width;
        this.known = known;
        this.writer = writer;
    }

    /** Null after adding to the mismatches. */
    static @Nullable RecordInput of(TensorSpec input, List<Part> parts, List<String> mismatches) {
        long known = 1;
        int dynamic = 0;
        for (int axis = 1; axis < input.shape().rank(); axis++) {
            long dim = input.shape().dim(axis);
            dynamic += dim == Shape.DYNAMIC ? 1 : 0;
            known = dim == Shape.DYNAMIC ? known : Math.multiplyExact(known, dim);
        }
        if (dynamic > 1 || known > MAX_ELEMENTS) {
            mismatches.add("input " + input + " has "
                    + (dynamic > 1 ? "several axes of free extent" : known + " elements a row")
                    + ", which an array does not tell; use Tensors for it");
            return null;
        }
        List<MethodHandle> writers = new ArrayList<>();
        for (Part part : parts) {
            MethodHandle writer = part.field.writer(input, mismatches);
            if (writer != null) {
                writers.add(part.width < 0 ? writer : RecordField.part(writer, part.at, part.width));
            }
        }
        if (writers.isEmpty()) {
            return null;
        }
        return new RecordInput(
                input,
                parts,
                dynamic == 1 ? -1 : (int) known,
                (int) known,
                RecordField.all(writers)
                        .asType(MethodType.methodType(void.class, Object.class, Object.class, int.class, int.class)));
    }

    String name() {
        return input.name();
    }

    Tensor tensor(List<? extends Record> rows) throws Throwable {
        int elements = width < 0 ? width(rows) : width;
        long size = (long) rows.size() * elements;
        if (size > MAX_ELEMENTS) {
            throw new InvalidInputException("input " + input + ": " + rows.size() + " rows have " + size
                    + " elements, more than fit in a tensor; send fewer at a time");
        }
        Object data = Conversions.allocate(input.type(), (int) size);
        write(rows, data, elements);
        return Tensor.transfer(input.type(), data, Shape.of(shape(rows.size(), elements)));
    }

    /** Elements in a row; -1 where that is not known before there are rows. */
    int width() {
        return width;
    }

    DataType type() {
        return input.type();
    }

    /** @param data an array of the input's elements, with room for the rows */
    void write(List<? extends Record> rows, Object data, int elements) throws Throwable {
        int left = rows.size();
        int at = 0;
        for (Record row : rows) {
            Objects.requireNonNull(row, "a row to predict is null");
            writer.invokeExact((Object) row, data, at, elements);
            at += elements;
            left--;
        }
        if (left != 0) {
            throw new ConcurrentModificationException("rows were added or removed while they were read");
        }
    }

    private long[] shape(int rows, int elements) {
        int rank = input.shape().rank();
        long[] shape = new long[rank];
        shape[0] = rows;
        for (int axis = 1; axis < rank; axis++) {
            long dim = input.shape().dim(axis);
            shape[axis] = dim == Shape.DYNAMIC ? elements / Math.max(1, known) : dim;
        }
        return shape;
    }

    /** The length of the first array there is. */
    private int width(List<? extends Record> rows) {
        for (Record row : rows) {
            int length = row == null ? -1 : parts.get(0).field.length(row);
            if (length >= 0) {
                if (known == 0 ? length > 0 : length % known != 0) {
                    throw new InvalidInputException("input " + input + ": an array of " + length
                            + " elements does not fill it; expected a multiple of " + known);
                }
                return length;
            }
        }
        return 0;
    }

    /** As {@link RecordField#explain}. */
    @Nullable
    Throwable explain(Record record, int row, List<? extends Record> rows, List<String> mismatches) {
        Throwable cause = null;
        for (Part part : parts) {
            int expected = part.width >= 0 ? part.width : width >= 0 ? width : width(rows);
            Throwable thrown = part.field.explain(record, row, expected, input, mismatches);
            cause = cause == null ? thrown : cause;
        }
        return cause;
    }
}
