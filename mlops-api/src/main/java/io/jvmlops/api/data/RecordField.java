package io.jvmlops.api.data;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One component of a record: how to get its value into an array of primitives, and back. */
final class RecordField {
    private static final Map<Class<?>, DataType> TYPES = Map.of(
            double.class, DataType.FP64,
            Double.class, DataType.FP64,
            float.class, DataType.FP32,
            Float.class, DataType.FP32,
            long.class, DataType.INT64,
            int.class, DataType.INT32,
            short.class, DataType.INT16,
            byte.class, DataType.INT8,
            boolean.class, DataType.BOOL,
            String.class, DataType.BYTES);

    private final Column column;
    private final Class<?> javaType;
    /** Of type (Object)double, (Object)long, (Object)boolean or (Object)Object. */
    private final MethodHandle getter;

    RecordField(Column column, Class<?> javaType, MethodHandle accessor) {
        this.column = column;
        this.javaType = javaType;
        Class<?> carrier = switch (column.type()) {
            case FP32, FP64 -> javaType.isPrimitive() ? double.class : Object.class;
            case BOOL -> boolean.class;
            case BYTES -> Object.class;
            default -> long.class;
        };
        this.getter = accessor.asType(MethodType.methodType(carrier, Object.class));
    }

    static @Nullable DataType dataType(Class<?> type) {
        return TYPES.get(type);
    }

    Column column() {
        return column;
    }

    boolean converts(DataType target) {
        DataType source = column.type();
        return switch (target) {
            case FP32, FP64 -> source.isNumeric();
            case INT64, INT32, INT16, INT8 -> source.isInteger() && source.bytes() <= target.bytes();
            case BOOL, BYTES -> source == target;
            case UINT8, FP16, BF16 -> false;
        };
    }

    static Object allocate(DataType type, int size) {
        return switch (type) {
            case FP32 -> new float[size];
            case FP64 -> new double[size];
            case INT64 -> new long[size];
            case INT32 -> new int[size];
            case INT16 -> new short[size];
            case INT8 -> new byte[size];
            case BOOL -> new boolean[size];
            case BYTES -> new String[size];
            default -> throw new IllegalStateException("no column is written as " + type);
        };
    }

    static Tensor wrap(DataType type, Object data, long... shape) {
        return switch (type) {
            case FP32 -> Tensor.transfer((float[]) data, shape);
            case FP64 -> Tensor.transfer((double[]) data, shape);
            case INT64 -> Tensor.transfer((long[]) data, shape);
            case INT32 -> Tensor.transfer((int[]) data, shape);
            case INT16 -> Tensor.transfer(type, (short[]) data, shape);
            case INT8 -> Tensor.transfer(type, (byte[]) data, shape);
            case BOOL -> Tensor.transfer((boolean[]) data, shape);
            case BYTES -> Tensor.transfer((String[]) data, shape);
            default -> throw new IllegalStateException("no column is written as " + type);
        };
    }

    void write(Object record, DataType target, Object data, int position) {
        switch (target) {
            case FP32 -> ((float[]) data)[position] = (float) number(record);
            case FP64 -> ((double[]) data)[position] = number(record);
            case INT64 -> ((long[]) data)[position] = integer(record);
            case INT32 -> ((int[]) data)[position] = (int) integer(record);
            case INT16 -> ((short[]) data)[position] = (short) integer(record);
            case INT8 -> ((byte[]) data)[position] = (byte) integer(record);
            case BOOL -> ((boolean[]) data)[position] = bool(record);
            case BYTES -> ((String[]) data)[position] = text(record);
            default -> throw new IllegalStateException("no column is written as " + target);
        }
    }

    private double number(Object record) {
        try {
            if (column.type().isInteger()) {
                return (long) getter.invokeExact(record);
            }
            if (javaType.isPrimitive()) {
                return (double) getter.invokeExact(record);
            }
            Object boxed = (Object) getter.invokeExact(record);
            return boxed == null ? Double.NaN : ((Number) boxed).doubleValue();
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    private long integer(Object record) {
        try {
            return (long) getter.invokeExact(record);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    private boolean bool(Object record) {
        try {
            return (boolean) getter.invokeExact(record);
        } catch (Throwable e) {
            throw rethrow(e);
        }
    }

    private String text(Object record) {
        Object value;
        try {
            value = (Object) getter.invokeExact(record);
        } catch (Throwable e) {
            throw rethrow(e);
        }
        if (value == null) {
            throw new NullPointerException("component '" + column.name() + "' is null, expected "
                    + (javaType.isEnum() ? "one of " + column.categories() : "a string"));
        }
        return value instanceof Enum<?> constant ? constant.name() : (String) value;
    }

    /** The value at a row as the component's type, or null after adding to the mismatches. */
    @Nullable
    Object read(Tensor tensor, int row, List<String> mismatches) {
        DataType source = tensor.type();
        boolean fits = switch (column.type()) {
            case FP64, FP32 -> source.isNumeric();
            case BOOL, BYTES -> source == column.type();
            default -> source.isInteger() && source.bytes() <= column.type().bytes();
        };
        if (!fits) {
            mismatches.add("tensor '" + column.name() + "' is " + tensor + ", which does not convert to "
                    + javaType.getSimpleName());
            return null;
        }
        return switch (column.type()) {
            case FP64 -> tensor.doubleAt(row);
            case FP32 -> (float) tensor.doubleAt(row);
            case INT64 -> tensor.longAt(row);
            case INT32 -> (int) tensor.longAt(row);
            case INT16 -> (short) tensor.longAt(row);
            case INT8 -> (byte) tensor.longAt(row);
            case BOOL -> tensor.booleanAt(row);
            case BYTES -> javaType.isEnum() ? constant(tensor.stringAt(row), mismatches) : tensor.stringAt(row);
            default -> throw new IllegalStateException("no component is read as " + column.type());
        };
    }

    private @Nullable Object constant(String name, List<String> mismatches) {
        for (Object constant : javaType.getEnumConstants()) {
            if (((Enum<?>) constant).name().equals(name)) {
                return constant;
            }
        }
        mismatches.add("tensor '" + column.name() + "' holds no name of a " + javaType.getSimpleName()
                + ", expected one of " + column.categories());
        return null;
    }

    private static RuntimeException rethrow(Throwable e) {
        if (e instanceof RuntimeException runtime) {
            return runtime;
        }
        if (e instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("an accessor of a record threw a checked exception", e);
    }
}
