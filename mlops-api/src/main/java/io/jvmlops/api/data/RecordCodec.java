package io.jvmlops.api.data;

import io.jvmlops.api.data.Conversions.UnfitException;
import io.jvmlops.api.error.InvalidInputException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A record type as a row of data: its components are the columns, by name and type. Compiled once to method handles;
 * immutable and thread-safe.
 *
 * <table>
 * <caption>Component types</caption>
 * <tr><th>component<th>column
 * <tr><td>{@code double}, {@code float}<td>FP64, FP32
 * <tr><td>{@code long}, {@code int}, {@code short}, {@code byte}<td>INT64, INT32, INT16, INT8
 * <tr><td>{@code boolean}<td>BOOL
 * <tr><td>the same boxed<td>the same
 * <tr><td>{@code String}<td>BYTES
 * <tr><td>an enum<td>BYTES, its constants' names as categories; {@link Feature} renames one
 * <tr><td>{@code double[]} to {@code byte[]}, {@code boolean[]}, {@code String[]}<td>a vector: several values a row
 * </table>
 *
 * <p>A component may be null if it is annotated with something named {@code Nullable} that can be seen at run time, as
 * JSpecify's can, or if its {@link Feature} names a stand-in. A null in any other is refused where it is found, with the
 * component and the row.
 *
 * @param <R> the record type
 */
public final class RecordCodec<R extends Record> {
    private final Class<R> type;
    private final Schema schema;
    private final List<RecordField> fields;
    private final MethodHandle constructor;
    /** Made when it is first asked for; made twice, it is the same. */
    private volatile @Nullable Encoder<R> own;

    private RecordCodec(Class<R> type, Schema schema, List<RecordField> fields, MethodHandle constructor) {
        this.type = type;
        this.schema = schema;
        this.fields = fields;
        this.constructor = constructor;
    }

    /**
     * Compiles a record type. A type that is not public is reached by reflection, which works unless its module is closed
     * to this one; pass a {@link MethodHandles.Lookup} then.
     *
     * @throws InvalidInputException if a component's type is not in the table above (all are listed), or the type cannot
     *     be reached
     */
    public static <R extends Record> RecordCodec<R> of(Class<R> type) {
        return of(type, MethodHandles.lookup());
    }

    /**
     * Compiles a record type that the lookup can reach: {@code MethodHandles.lookup()} where the record is visible.
     *
     * @throws InvalidInputException as {@link #of(Class)}
     */
    public static <R extends Record> RecordCodec<R> of(Class<R> type, MethodHandles.Lookup lookup) {
        RecordComponent[] components = type.getRecordComponents();
        List<String> mismatches = new ArrayList<>();
        List<RecordField> fields = new ArrayList<>();
        for (RecordComponent component : components) {
            RecordField field = RecordField.of(component, handle(type, lookup, component.getAccessor()), mismatches);
            if (field != null) {
                fields.add(field);
            }
        }
        if (components.length == 0) {
            mismatches.add("it has no components");
        }
        int slots = Arrays.stream(components)
                .mapToInt(c -> c.getType() == long.class || c.getType() == double.class ? 2 : 1)
                .sum();
        if (slots > MAX_SLOTS) {
            mismatches.add("it has " + components.length + " components, which take " + slots
                    + " slots of a call (long and double two each), expected at most " + MAX_SLOTS
                    + "; give it an array v for columns v_0, v_1 and so on");
        }
        if (!mismatches.isEmpty()) {
            throw new InvalidInputException("record " + type.getName(), mismatches);
        }
        Class<?>[] parameters =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<R> canonical = type.getDeclaredConstructor(parameters);
            MethodHandle constructor = handle(type, lookup, canonical)
                    .asSpreader(Object[].class, parameters.length)
                    .asType(MethodType.methodType(Object.class, Object[].class));
            Schema schema = new Schema(fields.stream().map(RecordField::column).toList());
            return new RecordCodec<>(type, schema, List.copyOf(fields), constructor);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("a record has its canonical constructor", e);
        } catch (IllegalArgumentException e) {
            throw new InvalidInputException("record " + type.getName() + ": " + e.getMessage());
        }
    }

    private static MethodHandle handle(Class<?> type, MethodHandles.Lookup lookup, AccessibleObject member) {
        try {
            return unreflect(lookup, member);
        } catch (IllegalAccessException notVisible) {
            try {
                if (member.trySetAccessible()) {
                    return unreflect(lookup, member);
                }
            } catch (IllegalAccessException stillNotVisible) {
                notVisible.addSuppressed(stillNotVisible);
            }
            throw new InvalidInputException(
                    "record " + type.getName(),
                    List.of(
                            "it cannot be reached: make it public in an exported package, open its package to this module,"
                                    + " or pass MethodHandles.lookup() from a class that sees it"),
                    notVisible);
        }
    }

    private static MethodHandle unreflect(MethodHandles.Lookup lookup, AccessibleObject member)
            throws IllegalAccessException {
        return member instanceof Constructor<?> constructor
                ? lookup.unreflectConstructor(constructor)
                : lookup.unreflect((Method) member);
    }

    public Class<R> type() {
        return type;
    }

    /** The columns, in the order of the components. That of an array is of its elements' type. */
    public Schema schema() {
        return schema;
    }

    /**
     * Rows as one vector per column, named and typed as in {@link #schema()}; an array's is a matrix with as many columns as
     * the first row's array has elements.
     *
     * @throws InvalidInputException as {@link #encoder} and {@link Encoder#encode(List)}
     */
    public Tensors encode(List<? extends R> rows) {
        Encoder<R> encoder = own;
        if (encoder == null) {
            encoder = encoder(fields.stream()
                    .map(f -> f.isVector()
                            ? TensorSpec.of(f.name(), f.column().type(), Shape.DYNAMIC, Shape.DYNAMIC)
                            : TensorSpec.of(f.name(), f.column().type(), Shape.DYNAMIC))
                    .toList());
            own = encoder;
        }
        return encoder.encode(rows);
    }

    /**
     * An encoder that gives a model the tensors it takes. A component goes to the column of its name: a matrix's by its
     * {@link TensorSpec#columns()}, a vector's by the tensor's own name. An array goes to the whole tensor of its name, of
     * any rank from 2 on, or, if it is named {@code v}, to the columns {@code v_0}, {@code v_1} and so on of a matrix. Only
     * where a model has a single input without names are components taken in order of declaration, or one array for all.
     *
     * <p>Integers convert to wider integers, booleans to 0 and 1, numbers to floating types, which round what they cannot
     * tell apart and refuse what they cannot hold; nothing else converts. Null is NaN in floating types, and elsewhere what
     * {@link Feature#missing()} says.
     *
     * @throws InvalidInputException that lists every difference between record and model
     */
    public Encoder<R> encoder(List<TensorSpec> inputs) {
        List<String> mismatches = new ArrayList<>();
        boolean[] used = new boolean[fields.size()];
        List<RecordInput> plans = new ArrayList<>();
        boolean named = false;
        for (TensorSpec input : inputs) {
            List<RecordInput.Part> parts = parts(input, inputs.size() == 1, mismatches);
            named |= parts != null;
            if (parts != null) {
                RecordInput plan = RecordInput.of(input, parts, mismatches);
                for (RecordInput.Part part : parts) {
                    used[fields.indexOf(part.field())] = true;
                }
                if (plan != null) {
                    plans.add(plan);
                }
            }
        }
        for (int i = 0; i < used.length; i++) {
            // A model that takes nothing by name has said so above.
            if (!used[i] && (mismatches.isEmpty() || named)) {
                mismatches.add("component '" + fields.get(i).name()
                        + "' is no column of the model; remove it, or name its column with @Feature");
            }
        }
        if (!mismatches.isEmpty()) {
            throw new InvalidInputException("record " + type.getSimpleName() + " does not fit the model", mismatches);
        }
        return new Encoder<>(type, plans);
    }

    /** What goes where in a row of an input; null after adding to the mismatches if it takes nothing by name. */
    private @Nullable List<RecordInput.Part> parts(TensorSpec input, boolean only, List<String> mismatches) {
        int rank = input.shape().rank();
        RecordField whole = field(input.name());
        if (only
                && fields.size() == 1
                && input.columns().isEmpty()
                && fields.get(0).isVector()) {
            whole = fields.get(0);
        }
        if (whole != null && whole.isVector() && rank >= 2) {
            return List.of(new RecordInput.Part(whole, 0, -1));
        }
        if (rank != 1 && rank != 2 || input.width() == Shape.DYNAMIC) {
            mismatches.add("input " + input + " takes no row of named columns; "
                    + (rank >= 2 ? "give the record an array named '" + input.name() + "', or " : "")
                    + "use Tensors for it");
            return null;
        }
        List<String> columns = input.toColumns().stream().map(Column::name).toList();
        if (columns.isEmpty()) {
            boolean scalars = fields.stream().noneMatch(RecordField::isVector);
            if (!only || !scalars || input.width() != fields.size()) {
                mismatches.add("input " + input + " has no column names and " + input.width()
                        + " columns, the record has " + fields.size() + " components"
                        + (scalars ? "" : ", arrays among them")
                        + "; give it as many in the order of the columns, or an array named '" + input.name() + "'");
                return null;
            }
            columns = schema.names();
        }
        return parts(input, columns, mismatches);
    }

    private List<RecordInput.Part> parts(TensorSpec input, List<String> columns, List<String> mismatches) {
        List<RecordInput.Part> parts = new ArrayList<>();
        for (int i = 0; i < columns.size(); ) {
            String column = columns.get(i);
            RecordField field = field(column);
            if (field != null && !field.isVector()) {
                parts.add(new RecordInput.Part(field, i++, 1));
                continue;
            }
            RecordField vector =
                    field != null || !column.endsWith("_0") ? null : field(column.substring(0, column.length() - 2));
            if (vector != null && vector.isVector()) {
                int width = 1;
                while (i + width < columns.size()
                        && columns.get(i + width).equals(vector.name() + "_" + width)
                        && field(columns.get(i + width)) == null) {
                    width++;
                }
                parts.add(new RecordInput.Part(vector, i, width));
                i += width;
                continue;
            }
            mismatches.add(
                    field != null
                            ? "component '" + column + "' is an array, but one column of input " + input
                                    + "; declare it as one value"
                            : "the record has no component for column '" + column + "' of input " + input
                                    + "; add it, or name one so with @Feature");
            i++;
        }
        return parts;
    }

    private @Nullable RecordField field(String name) {
        for (RecordField field : fields) {
            if (field.name().equals(name)) {
                return field;
            }
        }
        return null;
    }

    /**
     * One row of tensors as a record: each component from the tensor of its name. Numbers convert to {@code double} and
     * {@code float}, integers to wider integers and to text, text to the enum's constant of that name.
     *
     * @throws InvalidInputException that lists every component whose tensor is missing, too short, or of a type that does
     *     not convert
     */
    public R decode(Tensors tensors, int row) {
        List<String> mismatches = new ArrayList<>(0);
        @Nullable Object[] values = new @Nullable Object[fields.size()];
        for (int i = 0; i < values.length; i++) {
            RecordField field = fields.get(i);
            int position = tensors.indexOf(field.name());
            if (position < 0) {
                mismatches.add("no tensor '" + field.name() + "'; there are " + tensors.names());
            } else {
                values[i] = field.read(tensors.at(position), row, mismatches);
            }
        }
        if (!mismatches.isEmpty()) {
            throw new InvalidInputException("record " + type.getSimpleName(), mismatches);
        }
        try {
            return type.cast((Object) constructor.invokeExact(values));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("constructor of " + type.getName(), e);
        }
    }

    /**
     * Checks that {@link #decode} can read what a model answers, as far as that can be known before it does.
     *
     * @throws InvalidInputException that lists every difference between record and model
     */
    public void checkDecodes(List<TensorSpec> outputs) {
        List<String> mismatches = new ArrayList<>();
        for (RecordField field : fields) {
            TensorSpec output = outputs.stream()
                    .filter(o -> o.name().equals(field.name()))
                    .findFirst()
                    .orElse(null);
            if (output == null) {
                mismatches.add("component '" + field.name() + "' is no output of the model; it has "
                        + outputs.stream().map(TensorSpec::toString).collect(Collectors.joining(", ")));
            } else {
                field.checkReads(output, mismatches);
            }
        }
        if (!mismatches.isEmpty()) {
            throw new InvalidInputException("record " + type.getSimpleName() + " does not fit the model", mismatches);
        }
    }

    /** Turns records into the tensors that one model takes. Immutable and thread-safe. */
    public static final class Encoder<R extends Record> {
        private final Class<R> type;
        private final RecordInput[] inputs;

        private Encoder(Class<R> type, List<RecordInput> inputs) {
            this.type = type;
            this.inputs = inputs.toArray(RecordInput[]::new);
        }

        /**
         * Rows as one batch.
         *
         * @throws InvalidInputException that lists, by component and row, what is null and may not be, arrays of another
         *     length than the model takes or than the rows before have, numbers that the model's type cannot hold, and
         *     accessors that throw
         * @throws NullPointerException if a row is null
         */
        public Tensors encode(List<? extends R> rows) {
            if (inputs.length == 1) {
                return Tensors.of(inputs[0].name(), tensor(inputs[0], rows));
            }
            Tensors.Builder tensors = Tensors.builder();
            for (RecordInput input : inputs) {
                tensors.put(input.name(), tensor(input, rows));
            }
            return tensors.build();
        }

        /** One row, as a batch of one. */
        public Tensors encode(R row) {
            return encode(List.of(row));
        }

        /**
         * How many floats a row is, for a model with one input of FP32 and rows of a known width; -1 for any other, which
         * {@link #encode(List, float[])} cannot be used for.
         */
        public int floats() {
            return inputs.length == 1 && inputs[0].type() == DataType.FP32 ? inputs[0].width() : -1;
        }

        /**
         * Rows one after the other into an array of the caller's, which may be longer; what it holds after a failure is not
         * said.
         *
         * @throws InvalidInputException as {@link #encode(List)}
         * @throws IllegalArgumentException if the array is too short, or the model takes something else, as {@link #floats()}
         *     tells
         */
        public void encode(List<? extends R> rows, float[] target) {
            int width = floats();
            if (width < 0 || (long) rows.size() * width > target.length) {
                throw new IllegalArgumentException(rows.size() + " rows of " + width + " floats into an array of "
                        + target.length + "; expected one that holds them, and a model that takes floats");
            }
            try {
                inputs[0].write(rows, target, width);
            } catch (Error e) {
                throw e;
            } catch (Throwable e) {
                throw failure(rows, e);
            }
        }

        private Tensor tensor(RecordInput input, List<? extends R> rows) {
            try {
                return input.tensor(rows);
            } catch (Error e) {
                throw e;
            } catch (Throwable e) {
                throw failure(rows, e);
            }
        }

        /** What is wrong is only found out when something is: the usual case checks nothing twice. */
        private RuntimeException failure(List<? extends R> rows, Throwable failure) {
            List<String> mismatches = new ArrayList<>();
            Throwable cause = null;
            int row = 0;
            for (R record : rows) {
                Objects.requireNonNull(record, "a row to predict is null");
                for (RecordInput input : inputs) {
                    Throwable thrown = input.explain(record, row, rows, mismatches);
                    cause = cause == null ? thrown : cause;
                }
                if (mismatches.size() >= MAX_MISMATCHES) {
                    mismatches.add("and maybe more");
                    break;
                }
                row++;
            }
            if (!mismatches.isEmpty()) {
                return new InvalidInputException("record " + type.getSimpleName(), mismatches, cause);
            }
            if (failure instanceof UnfitException) {
                return new InvalidInputException(
                        "record " + type.getSimpleName() + ": an array of it was changed while it was read");
            }
            return failure instanceof RuntimeException unchecked
                    ? unchecked
                    : new IllegalStateException("record " + type.getName(), failure);
        }
    }

    private static final int MAX_MISMATCHES = 20;

    /** What a method handle of a constructor can take; the class file format allows one more. */
    private static final int MAX_SLOTS = 253;
}
