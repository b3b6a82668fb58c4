package io.jvmlops.monitoring.profile;

import io.jvmlops.api.data.Column;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.RecordCodec;
import io.jvmlops.api.data.Schema;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Profile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Profiles rows of any origin: values, records, tensors; {@link CsvProfiler} for files. Memory does not grow with the rows.
 *
 * <p>Not thread-safe: give each thread or shard one of its own, over the same schema (and the same reference), and put the
 * profiles together by {@link Profiles#merge}; the result is the same, bit by bit, whatever the shards.
 */
public final class TableProfiler {
    private static final int BATCH = 256;

    private final Schema schema;
    private final ColumnCounter[] counters;

    /** Numbers of a column that wait to be counted as a block; null for levels. */
    private final double[] @Nullable [] waiting;

    /** How many wait in each column. */
    private final int[] waits;

    private final Object[] checked;
    private long rows;

    private TableProfiler(Schema schema, Map<String, ColumnProfile> reference) {
        this.schema = schema;
        counters = new ColumnCounter[schema.size()];
        waiting = new double[schema.size()][];
        waits = new int[schema.size()];
        checked = new Object[schema.size()];
        for (int i = 0; i < counters.length; i++) {
            Column column = schema.columns().get(i);
            boolean numeric = !isLevels(column.type());
            ColumnProfile over = reference.get(column.name());
            counters[i] = (over != null && over instanceof NumericProfile == numeric
                            ? ColumnPlan.like(over)
                            : ColumnPlan.of(column.name(), column.type()))
                    .newCounter();
            if (numeric) {
                waiting[i] = new double[BATCH];
            }
        }
    }

    private static boolean isLevels(DataType type) {
        return type == DataType.BYTES || type == DataType.BOOL;
    }

    /**
     * Without a reference: numbers as sketches, levels as a sample. {@link Profiles#asReference} makes a profile of it that others
     * are counted over.
     */
    public static TableProfiler of(Schema schema) {
        return new TableProfiler(schema, Map.of());
    }

    /** Over the edges and levels of a reference, with its columns. */
    public static TableProfiler like(Profile reference) {
        List<Column> columns = new ArrayList<>();
        reference.columns().forEach((name, column) -> columns.add(new Column(name, type(column), true, List.of())));
        return new TableProfiler(new Schema(columns), reference.columns());
    }

    /**
     * Over the edges and levels of a reference, as far as it has the schema's columns, of the same kind. Other columns are
     * profiled without; a comparison tells of them.
     */
    public static TableProfiler like(Profile reference, Schema schema) {
        return new TableProfiler(schema, reference.columns());
    }

    /** What a reference says about a column's type. */
    static DataType type(ColumnProfile column) {
        if (column instanceof NumericProfile) {
            return DataType.FP64;
        }
        CategoricalProfile levels = (CategoricalProfile) column;
        return levels.unseen().limit() == 0 && levels.levels().equals(LevelCounter.BOOLEANS)
                ? DataType.BOOL
                : DataType.BYTES;
    }

    public Schema schema() {
        return schema;
    }

    /**
     * Adds a row.
     *
     * @param row a value per column, in the schema's order: null is missing, in any column; a {@link Number} or {@link Boolean} in
     *     numeric columns; a {@link CharSequence}, {@link Enum} or {@link Boolean} in string columns; a {@link Boolean} in those of
     *     booleans
     * @throws InvalidInputException that lists what does not fit; nothing of the row is added
     */
    public TableProfiler add(@Nullable Object... row) {
        if (row.length != counters.length) {
            throw new InvalidInputException(
                    "row " + rows + ": " + row.length + " values, expected " + counters.length + ", one a column");
        }
        List<String> mismatches = null;
        for (int i = 0; i < row.length; i++) {
            Object value = row[i];
            Object fit = value == null ? MISSING : fit(schema.columns().get(i).type(), value);
            if (fit == null) {
                mismatches = mismatches == null ? new ArrayList<>() : mismatches;
                mismatches.add(
                        describe(i) + ", found a value of " + row[i].getClass().getName());
            } else {
                checked[i] = fit;
            }
        }
        if (mismatches != null) {
            throw new InvalidInputException("row " + rows, mismatches);
        }
        for (int i = 0; i < row.length; i++) {
            if (checked[i] == MISSING) {
                counters[i].addMissing(1);
            } else if (checked[i] instanceof String level) {
                ((LevelCounter) counters[i]).add(level);
            } else {
                number(i, ((Number) checked[i]).doubleValue());
            }
        }
        rows++;
        return this;
    }

    private static final Object MISSING = new Object();

    private String describe(int column) {
        Column of = schema.columns().get(column);
        return "column '" + of.name() + "': expected "
                + (of.type() == DataType.BYTES ? "text" : of.type() == DataType.BOOL ? "a boolean" : "a number");
    }

    /** As it is counted; null if it does not fit. */
    private static @Nullable Object fit(DataType type, Object value) {
        if (type == DataType.BOOL) {
            return value instanceof Boolean flag ? LevelCounter.BOOLEANS.get(flag ? 1 : 0) : null;
        }
        if (type == DataType.BYTES) {
            return value instanceof CharSequence || value instanceof Boolean
                    ? value.toString()
                    : value instanceof Enum<?> constant ? constant.name() : null;
        }
        return value instanceof Number ? value : value instanceof Boolean flag ? (flag ? 1.0 : 0.0) : null;
    }

    /** For readers that know a column's type. */
    void missing(int column) {
        counters[column].addMissing(1);
    }

    /** For readers that know a column's type. */
    void level(int column, String level) {
        ((LevelCounter) counters[column]).add(level);
    }

    /** For readers that know a column's type. */
    void number(int column, double value) {
        double[] batch = waiting[column];
        if (batch != null) {
            batch[waits[column]++] = value;
            if (waits[column] == BATCH) {
                count(column, batch);
            }
        }
    }

    /** For readers that have given a value for each column. */
    void endRow() {
        rows++;
    }

    private void count(int column, double[] batch) {
        Block block = Block.take();
        block.count(batch, waits[column], 1, counters, column);
        block.giveBack();
        waits[column] = 0;
    }

    /**
     * Adds records.
     *
     * @param codec of a record type with the schema's columns, in any order
     * @throws InvalidInputException as {@link RecordCodec#encode} and {@link #add(Tensors)}; nothing is added
     */
    public <R extends Record> TableProfiler addAll(RecordCodec<R> codec, List<? extends R> records) {
        return add(codec.encode(records));
    }

    /**
     * Adds rows from tensors: vectors and matrices of one column by their names, other matrices as {@code name_0}, {@code name_1}
     * and so on.
     *
     * @throws InvalidInputException if columns are missing, of another kind, or of different lengths; nothing is added
     */
    public TableProfiler add(Tensors tensors) {
        Map<String, Vector> vectors = new LinkedHashMap<>();
        for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = tensors.at(i);
            String name = tensors.nameAt(i);
            int width =
                    tensor.shape().rank() == 2 ? Math.toIntExact(tensor.shape().dim(1)) : 1;
            for (int j = 0; j < width; j++) {
                vectors.put(width == 1 ? name : name + "_" + j, new Vector(tensor, j, width));
            }
        }
        List<String> mismatches = new ArrayList<>();
        Vector[] ordered = new Vector[counters.length];
        int length = -1;
        for (int i = 0; i < ordered.length; i++) {
            Column column = schema.columns().get(i);
            Vector vector = vectors.get(column.name());
            if (vector == null) {
                mismatches.add(describe(i) + ", found none");
                continue;
            }
            DataType type = vector.tensor.type();
            boolean levels = isLevels(column.type());
            if (vector.tensor.shape().rank() > 2 || (levels ? type != column.type() : type == DataType.BYTES)) {
                mismatches.add(describe(i) + " a row, found " + vector.tensor);
            }
            int own = vector.tensor.rows();
            if (length >= 0 && own != length) {
                mismatches.add("column '" + column.name() + "': " + own + " rows, expected " + length);
            }
            length = own;
            ordered[i] = vector;
        }
        if (!mismatches.isEmpty()) {
            throw new InvalidInputException("rows of tensors " + tensors.names(), mismatches);
        }
        for (int i = 0; i < ordered.length; i++) {
            Tensor tensor = ordered[i].tensor;
            if (waiting[i] == null) {
                counters[i].add(tensor, ordered[i].first, ordered[i].stride);
            } else {
                for (int at = ordered[i].first; at < tensor.size(); at += ordered[i].stride) {
                    number(i, tensor.doubleAt(at));
                }
            }
        }
        rows += Math.max(0, length);
        return this;
    }

    private record Vector(Tensor tensor, int first, int stride) {}

    /** All that was added so far; more may be added afterwards. */
    public Profile profile() {
        Map<String, ColumnProfile> columns = new LinkedHashMap<>();
        for (int i = 0; i < counters.length; i++) {
            double[] batch = waiting[i];
            if (batch != null && waits[i] > 0) {
                count(i, batch);
            }
            columns.put(schema.columns().get(i).name(), counters[i].profile());
        }
        return new Profile(rows, columns);
    }
}
