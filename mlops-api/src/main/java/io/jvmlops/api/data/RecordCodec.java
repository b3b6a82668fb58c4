package io.jvmlops.api.data;

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
import org.jspecify.annotations.Nullable;

/**
 * A record type as a row of data: its components are the columns, by name and type. Compiled once to method handles;
 * immutable and thread-safe.
 *
 * <table>
 * <caption>Component types</caption>
 * <tr><th>component<th>column
 * <tr><td>{@code double}, {@code float}<td>FP64, FP32
 * <tr><td>{@code Double}, {@code Float}<td>the same, nullable: null is NaN
 * <tr><td>{@code long}, {@code int}, {@code short}, {@code byte}<td>INT64, INT32, INT16, INT8
 * <tr><td>{@code boolean}<td>BOOL
 * <tr><td>{@code String}<td>BYTES
 * <tr><td>an enum<td>BYTES, its constants' names as categories
 * </table>
 *
 * @param <R> the record type
 */
public final class RecordCodec<R extends Record> {
    private final Class<R> type;
    private final Schema schema;
    private final List<RecordField> fields;
    private final MethodHandle constructor;

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
            Column column = column(component);
            if (column == null) {
                mismatches.add("component '" + component.getName() + "' is a "
                        + component.getType().getSimpleName()
                        + ", expected a primitive number, boolean, String, enum, Double or Float");
            } else {
                fields.add(new RecordField(column, component.getType(), handle(type, lookup, component.getAccessor())));
            }
        }
        if (components.length == 0) {
            mismatches.add("it has no components");
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

    private static @Nullable Column column(RecordComponent component) {
        Feature feature = component.getAnnotation(Feature.class);
        String name = feature == null ? component.getName() : feature.value();
        Class<?> type = component.getType();
        if (type.isEnum()) {
            return Column.categorical(
                    name,
                    Arrays.stream(type.getEnumConstants())
                            .map(c -> ((Enum<?>) c).name())
                            .toList());
        }
        DataType dataType = RecordField.dataType(type);
        return dataType == null
                ? null
                : new Column(name, dataType, !type.isPrimitive() && dataType.isFloating(), List.of());
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
            InvalidInputException error = new InvalidInputException(
                    "record " + type.getName()
                            + " cannot be reached: make it public in an exported package, or pass MethodHandles.lookup() from a class that sees it");
            error.initCause(notVisible);
            throw error;
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

    /** The columns, in the order of the components. */
    public Schema schema() {
        return schema;
    }

    /** Rows as one vector per column, named and typed as in {@link #schema()}. */
    public Tensors encode(List<? extends R> rows) {
        Tensors.Builder tensors = Tensors.builder();
        for (RecordField field : fields) {
            Object data = RecordField.allocate(field.column().type(), rows.size());
            for (int row = 0; row < rows.size(); row++) {
                field.write(rows.get(row), field.column().type(), data, row);
            }
            tensors.put(field.column().name(), RecordField.wrap(field.column().type(), data, rows.size()));
        }
        return tensors.build();
    }

    /**
     * One row of tensors as a record: each component from the tensor of its name.
     *
     * @throws InvalidInputException that lists every component whose tensor is missing, too short, or of a type that does
     *     not convert without loss of kind
     */
    public R decode(Tensors tensors, int row) {
        List<String> mismatches = new ArrayList<>();
        @Nullable Object[] values = new @Nullable Object[fields.size()];
        for (int i = 0; i < values.length; i++) {
            RecordField field = fields.get(i);
            Tensor tensor = tensors.find(field.column().name()).orElse(null);
            if (tensor == null) {
                mismatches.add("no tensor '" + field.column().name() + "'; there are " + tensors.names());
            } else if (tensor.size() != tensor.rows() || row >= tensor.rows()) {
                mismatches.add("tensor '" + field.column().name() + "' is " + tensor
                        + ", expected one value a row and more than " + row + " rows");
            } else {
                values[i] = field.read(tensor, row, mismatches);
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
     * An encoder that gives a model the tensors it takes. Columns are matched by name: a matrix's by its {@link
     * TensorSpec#columns()}, a vector's by the tensor's own name. Only where a model has a single matrix without column
     * names are components taken in order of declaration.
     *
     * <p>Numbers convert to floating types, integers to wider integers; nothing else converts.
     *
     * @throws InvalidInputException that lists every difference between record and model
     */
    public Encoder<R> encoder(List<TensorSpec> inputs) {
        List<String> mismatches = new ArrayList<>();
        boolean[] used = new boolean[fields.size()];
        List<Plan> plans = new ArrayList<>();
        for (TensorSpec input : inputs) {
            int rank = input.shape().rank();
            if (rank != 1 && rank != 2 || input.width() == Shape.DYNAMIC) {
                mismatches.add("input " + input + " takes no row of named columns; use Tensors for it");
                continue;
            }
            List<String> columns = input.toColumns().stream().map(Column::name).toList();
            if (columns.isEmpty()) {
                if (inputs.size() != 1 || input.width() != fields.size()) {
                    mismatches.add("input " + input + " has no column names and " + input.width()
                            + " columns, the record has " + fields.size() + " components");
                    continue;
                }
                columns = schema.names();
            }
            RecordField[] sources = new RecordField[columns.size()];
            for (int i = 0; i < sources.length; i++) {
                int position = schema.names().indexOf(columns.get(i));
                if (position < 0) {
                    mismatches.add("the record has no component for column '" + columns.get(i) + "' of input " + input);
                    continue;
                }
                used[position] = true;
                sources[i] = fields.get(position);
                if (!sources[i].converts(input.type())) {
                    mismatches.add("component '" + columns.get(i) + "' is "
                            + sources[i].column().type() + ", which does not convert to the " + input.type()
                            + " of input " + input);
                }
            }
            plans.add(new Plan(input, sources));
        }
        for (int i = 0; i < used.length; i++) {
            // A model that takes nothing by name has said so above.
            if (!used[i] && (mismatches.isEmpty() || !plans.isEmpty())) {
                mismatches.add("component '" + fields.get(i).column().name() + "' is no column of the model");
            }
        }
        if (!mismatches.isEmpty()) {
            throw new InvalidInputException("record " + type.getSimpleName() + " does not fit the model", mismatches);
        }
        return new Encoder<>(plans);
    }

    private static final class Plan {
        final TensorSpec input;
        final RecordField[] sources;

        Plan(TensorSpec input, RecordField[] sources) {
            this.input = input;
            this.sources = sources;
        }
    }

    /** Turns records into the tensors that one model takes. Immutable and thread-safe. */
    public static final class Encoder<R extends Record> {
        private final Plan[] plans;

        private Encoder(List<Plan> plans) {
            this.plans = plans.toArray(Plan[]::new);
        }

        /** @throws NullPointerException if a row is null */
        public Tensors encode(List<? extends R> rows) {
            if (plans.length == 1) {
                return Tensors.of(plans[0].input.name(), tensor(plans[0], rows));
            }
            Tensors.Builder tensors = Tensors.builder();
            for (Plan plan : plans) {
                tensors.put(plan.input.name(), tensor(plan, rows));
            }
            return tensors.build();
        }

        /** One row, as a batch of one. */
        public Tensors encode(R row) {
            return encode(List.of(row));
        }

        private static Tensor tensor(Plan plan, List<? extends Record> rows) {
            int width = plan.sources.length;
            DataType type = plan.input.type();
            Object data = RecordField.allocate(type, Math.multiplyExact(rows.size(), width));
            int position = 0;
            for (int row = 0; row < rows.size(); row++) {
                Object record = Objects.requireNonNull(rows.get(row), "a row to predict is null");
                for (int column = 0; column < width; column++) {
                    plan.sources[column].write(record, type, data, position++);
                }
            }
            return plan.input.shape().rank() == 1
                    ? RecordField.wrap(type, data, rows.size())
                    : RecordField.wrap(type, data, rows.size(), width);
        }
    }
}
