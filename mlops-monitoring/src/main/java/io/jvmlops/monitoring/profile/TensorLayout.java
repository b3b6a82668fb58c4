package io.jvmlops.monitoring.profile;

import io.jvmlops.api.data.Column;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.ModelSignature;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where in a model's tensors, of one side, each monitored column lies. Immutable. */
final class TensorLayout {
    /** Positions of a matrix without column names that are watched one by one; a wider one is rather an embedding. */
    static final int MAX_UNNAMED = 1024;

    private final List<Slot> slots;
    private final Map<String, DataType> columns;

    private TensorLayout(List<Slot> slots, Map<String, DataType> columns) {
        this.slots = slots;
        this.columns = columns;
    }

    /**
     * One tensor and its columns.
     *
     * @param first index of its first column
     * @param width number of its columns, 0 if it is not watched
     */
    record Slot(TensorSpec spec, int first, int width) {
        /** A vector of several named positions is one row; any other vector is a batch. */
        boolean isOneRow() {
            return spec.shape().rank() == 0 || spec.shape().rank() == 1 && width > 1;
        }

        boolean accepts(Tensor tensor) {
            if (tensor.type() != spec.type() || !spec.shape().accepts(tensor.shape())) {
                return false;
            }
            int rank = tensor.shape().rank();
            boolean isColumn = rank == 0 || rank == 1 && width == 1;
            return width == 0 || isColumn || tensor.shape().dim(rank - 1) == width;
        }
    }

    static TensorLayout of(List<TensorSpec> specs) {
        List<Slot> slots = new ArrayList<>();
        Map<String, DataType> columns = new LinkedHashMap<>();
        for (TensorSpec spec : specs) {
            List<String> names = names(spec);
            slots.add(new Slot(spec, columns.size(), names.size()));
            for (String name : names) {
                String unique = columns.containsKey(name) ? spec.name() + "." + name : name;
                if (columns.putIfAbsent(unique, spec.type()) != null) {
                    throw new InvalidInputException("signature: two columns are named '" + unique
                            + "', expected names that are unique among inputs and among outputs");
                }
            }
        }
        return new TensorLayout(List.copyOf(slots), columns);
    }

    /** How many columns of a tensor are watched. */
    static int width(TensorSpec spec) {
        List<Column> named = spec.toColumns();
        return named.isEmpty() ? unnamedWidth(spec) : named.size();
    }

    private static int unnamedWidth(TensorSpec spec) {
        long width = spec.shape().rank() == 2 ? spec.shape().dim(1) : 0;
        return width == Shape.DYNAMIC || width > MAX_UNNAMED ? 0 : (int) width;
    }

    private static List<String> names(TensorSpec spec) {
        List<String> named =
                spec.toColumns().stream().map(column -> column.name()).toList();
        if (!named.isEmpty()) {
            return named;
        }
        List<String> positions = new ArrayList<>();
        int width = unnamedWidth(spec);
        for (int i = 0; i < width; i++) {
            positions.add(spec.name() + "[" + i + "]");
        }
        return positions;
    }

    List<Slot> slots() {
        return slots;
    }

    /** The columns' names and types, in order. */
    Map<String, DataType> columns() {
        return columns;
    }

    /**
     * The rows in these tensors, or -1 if they are not of this layout.
     *
     * @param partial whether tensors may be missing
     */
    int rows(Tensors tensors, boolean partial) {
        int rows = -1;
        boolean batched = false;
        for (int i = 0; i < slots.size(); i++) {
            Slot slot = slots.get(i);
            int position = position(tensors, i);
            if (position < 0) {
                if (partial) {
                    continue;
                }
                return -1;
            }
            Tensor tensor = tensors.at(position);
            if (!slot.accepts(tensor)) {
                return -1;
            }
            int own = slot.isOneRow() ? 1 : tensor.rows();
            boolean dynamic = !slot.isOneRow() && slot.spec().shape().dim(0) == Shape.DYNAMIC;
            if (dynamic && batched && own != rows) {
                return -1;
            }
            if (dynamic && !batched || rows < 0) {
                rows = own;
            }
            batched |= dynamic;
        }
        return Math.max(rows, 0);
    }

    /** Where the tensor of a slot is among these, or -1. */
    int position(Tensors tensors, int slot) {
        String name = slots.get(slot).spec().name();
        return slot < tensors.size() && tensors.nameAt(slot).equals(name) ? slot : tensors.indexOf(name);
    }

    /**
     * The rows in these tensors.
     *
     * @throws InvalidInputException that lists what does not fit
     */
    int requireRows(String subject, Tensors tensors) {
        int rows = rows(tensors, false);
        if (rows < 0) {
            List<TensorSpec> specs = slots.stream().map(Slot::spec).toList();
            new ModelSignature(specs, List.of()).checkInputs(subject, tensors);
            throw new InvalidInputException(subject + ": " + tensors
                    + " has a last axis of another extent than the names of its columns in " + specs);
        }
        return rows;
    }
}
