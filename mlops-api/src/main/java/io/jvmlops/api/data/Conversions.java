package io.jvmlops.api.data;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a value of one Java type becomes an element of a tensor. What would lose something is not there, but for one thing: a
 * model's floating type rounds numbers to what it can tell apart. A number that it cannot hold at all is refused.
 */
final class Conversions {
    /** Says that a value does not fit; which one, is found out afterwards. */
    static final class UnfitException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnfitException() {
            super(null, null, false, false);
        }
    }

    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    private static final Map<DataType, Class<?>> ELEMENTS = Map.ofEntries(
            Map.entry(DataType.FP64, double.class),
            Map.entry(DataType.FP32, float.class),
            Map.entry(DataType.FP16, short.class),
            Map.entry(DataType.BF16, short.class),
            Map.entry(DataType.INT64, long.class),
            Map.entry(DataType.INT32, int.class),
            Map.entry(DataType.INT16, short.class),
            Map.entry(DataType.INT8, byte.class),
            Map.entry(DataType.UINT8, byte.class),
            Map.entry(DataType.BOOL, boolean.class),
            Map.entry(DataType.BYTES, String.class));

    private static final Map<Class<?>, DataType> TYPES = Map.of(
            double.class, DataType.FP64,
            float.class, DataType.FP32,
            long.class, DataType.INT64,
            int.class, DataType.INT32,
            short.class, DataType.INT16,
            byte.class, DataType.INT8,
            boolean.class, DataType.BOOL,
            String.class, DataType.BYTES);

    private Conversions() {}

    /** What holds an element of the type. */
    static Class<?> element(DataType type) {
        return Objects.requireNonNull(ELEMENTS.get(type));
    }

    /** The type that holds exactly the values of a primitive, or String; null if it is neither. */
    static @Nullable DataType type(Class<?> element) {
        return TYPES.get(element);
    }

    static Object allocate(DataType type, int size) {
        return Array.newInstance(element(type), size);
    }

    /** What a component may be declared as to become such an element, for messages. */
    static String sources(DataType to) {
        return switch (to) {
            case FP16, BF16, FP32, FP64 -> "a number or boolean";
            case INT64 -> "long, int, short, byte or boolean";
            case INT32 -> "int, short, byte or boolean";
            case INT16 -> "short, byte or boolean";
            case INT8 -> "byte or boolean";
            case UINT8 -> "int, short or boolean";
            case BOOL -> "boolean";
            case BYTES -> "String or an enum";
        };
    }

    /**
     * From a value, of a primitive type or String, to an element; null if there is no such conversion.
     *
     * @param from a key of {@link #TYPES}
     */
    static @Nullable MethodHandle of(Class<?> from, DataType to) {
        boolean integer = from == long.class || from == int.class || from == short.class || from == byte.class;
        boolean number = integer || from == float.class || from == double.class;
        Class<?> element = element(to);
        if (from == boolean.class && to.isNumeric()) {
            MethodHandle bit = helper("bit", byte.class, boolean.class);
            return to == DataType.UINT8
                    ? bit
                    : MethodHandles.filterReturnValue(bit, Objects.requireNonNull(of(byte.class, to)));
        }
        return switch (to) {
            case FP64 -> number ? identity(double.class, from) : null;
            case FP32 ->
                from == double.class
                        ? helper("narrow", float.class, double.class)
                        : number ? identity(float.class, from) : null;
            case FP16, BF16 ->
                number
                        ? MethodHandles.filterReturnValue(
                                Objects.requireNonNull(of(from, DataType.FP32)),
                                helper(to == DataType.FP16 ? "half" : "brain", short.class, float.class))
                        : null;
            case INT64, INT32, INT16, INT8 -> integer && bytes(from) <= to.bytes() ? identity(element, from) : null;
            case UINT8 ->
                from == int.class || from == short.class
                        ? helper("unsigned", byte.class, int.class).asType(MethodType.methodType(byte.class, from))
                        : null;
            case BOOL -> from == boolean.class ? MethodHandles.identity(boolean.class) : null;
            case BYTES -> from == String.class ? helper("present", String.class, String.class) : null;
        };
    }

    private static int bytes(Class<?> integer) {
        return Objects.requireNonNull(TYPES.get(integer)).bytes();
    }

    private static MethodHandle identity(Class<?> to, Class<?> from) {
        return MethodHandles.identity(to).asType(MethodType.methodType(to, from));
    }

    /** From (source array, target array, position, width) to nothing; the width is the length that the source must have. */
    static @Nullable MethodHandle vector(Class<?> from, DataType to) {
        Class<?> source = from.arrayType();
        Class<?> target = element(to).arrayType();
        MethodType type = MethodType.methodType(void.class, source, target, int.class, int.class);
        boolean raw = from == byte.class && to == DataType.UINT8;
        if (raw || from == element(to) && type(from) == to && from != String.class) {
            return helper("copy", void.class, Object.class, Object.class, int.class, int.class)
                    .asType(type);
        }
        MethodHandle element = of(from, to);
        if (element == null) {
            return null;
        }
        if (from == double.class && to == DataType.FP32 || from == float.class && to == DataType.FP64) {
            return helper("copy", void.class, source, target, int.class, int.class);
        }
        // (source, i, target, at) -> void
        MethodHandle move = MethodHandles.filterArguments(
                MethodHandles.arrayElementSetter(target), 2, element.asType(MethodType.methodType(element(to), from)));
        move = MethodHandles.collectArguments(move, 2, MethodHandles.arrayElementGetter(source));
        move = MethodHandles.permuteArguments(
                        move, MethodType.methodType(void.class, source, int.class, target, int.class), 2, 3, 0, 1)
                .asType(MethodType.methodType(void.class, Object.class, int.class, Object.class, int.class));
        return helper("move", void.class, MethodHandle.class, Object.class, Object.class, int.class, int.class)
                .bindTo(move)
                .asType(type);
    }

    /** From (target array, position, width) to nothing: that many times the element. */
    static MethodHandle filler(DataType to, Object element) {
        Object one = allocate(to, 1);
        Array.set(one, 0, element);
        return helper("fill", void.class, Object.class, Object.class, int.class, int.class)
                .bindTo(one);
    }

    private static MethodHandle helper(String name, Class<?> result, Class<?>... parameters) {
        try {
            return LOOKUP.findStatic(Conversions.class, name, MethodType.methodType(result, parameters));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a method of this class", e);
        }
    }

    static byte bit(boolean value) {
        return (byte) (value ? 1 : 0);
    }

    static float narrow(double value) {
        float narrow = (float) value;
        if (Float.isInfinite(narrow) && !Double.isInfinite(value)) {
            throw new UnfitException();
        }
        return narrow;
    }

    static short half(float value) {
        if (Math.abs(value) >= 65_520 && !Float.isInfinite(value)) {
            throw new UnfitException();
        }
        return HalfFloats.toFp16(value);
    }

    static short brain(float value) {
        short brain = HalfFloats.toBf16(value);
        if ((brain & 0x7fff) == 0x7f80 && !Float.isInfinite(value)) {
            throw new UnfitException();
        }
        return brain;
    }

    static byte unsigned(int value) {
        if (value < 0 || value > 0xff) {
            throw new UnfitException();
        }
        return (byte) value;
    }

    static String present(String value) {
        return Objects.requireNonNull(value);
    }

    private static void checkLength(int found, int expected) {
        if (found != expected) {
            throw new UnfitException();
        }
    }

    @SuppressWarnings("SuspiciousSystemArraycopy") // arrays of one type, as the handle is typed
    static void copy(Object source, Object target, int at, int width) {
        checkLength(Array.getLength(source), width);
        System.arraycopy(source, 0, target, at, width);
    }

    @SuppressWarnings("SuspiciousSystemArraycopy") // arrays of one type
    static void fill(Object one, Object target, int at, int width) {
        for (int i = 0; i < width; i++) {
            System.arraycopy(one, 0, target, at + i, 1);
        }
    }

    static void copy(double[] source, float[] target, int at, int width) {
        checkLength(source.length, width);
        for (int i = 0; i < width; i++) {
            target[at + i] = narrow(source[i]);
        }
    }

    static void copy(float[] source, double[] target, int at, int width) {
        checkLength(source.length, width);
        for (int i = 0; i < width; i++) {
            target[at + i] = source[i];
        }
    }

    static void move(MethodHandle move, Object source, Object target, int at, int width) throws Throwable {
        checkLength(Array.getLength(source), width);
        for (int i = 0; i < width; i++) {
            move.invokeExact(source, i, target, at + i);
        }
    }
}
