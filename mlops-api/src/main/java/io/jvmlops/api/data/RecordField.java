package io.jvmlops.api.data;

import io.jvmlops.api.data.Conversions.UnfitException;
import java.lang.annotation.Annotation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One component of a record: how to get its value into an array of a tensor's elements, and back. */
final class RecordField {
    private final String component;
    private final Column column;
    private final Class<?> type;
    /** What it holds one or many of: a primitive, or String, which is also what enums become. */
    private final Class<?> element;
    /** From the record to the component, as both are declared. */
    private final MethodHandle accessor;
    /** Null if nothing stands for what is missing. */
    private final @Nullable Object standIn;

    private RecordField(
            String component,
            Column column,
            Class<?> type,
            Class<?> element,
            MethodHandle accessor,
            @Nullable Object standIn) {
        this.component = component;
        this.column = column;
        this.type = type;
        this.element = element;
        this.accessor = accessor;
        this.standIn = standIn;
    }

    /** Null after adding to the mismatches. */
    static @Nullable RecordField of(RecordComponent component, MethodHandle accessor, List<String> mismatches) {
        Class<?> type = component.getType();
        Class<?> element = element(type);
        DataType dataType = element == null ? null : Conversions.type(element);
        String what = "component '" + component.getName() + "' is a " + type.getSimpleName();
        if (element == null || dataType == null) {
            mismatches.add(what + ", expected a number, boolean, String or enum, or an array of primitives or Strings");
            return null;
        }
        Feature feature = component.getAnnotation(Feature.class);
        String name = feature == null || feature.value().isEmpty() ? component.getName() : feature.value();
        Object standIn = null;
        if (feature != null && !feature.missing().equals(Feature.NONE)) {
            standIn = parse(feature.missing(), element);
            if (type.isPrimitive()) {
                mismatches.add(what
                        + ", which is never null, so it needs no stand-in; remove 'missing' or declare it as "
                        + MethodType.methodType(type).wrap().returnType().getSimpleName());
            } else if (standIn == null) {
                mismatches.add(
                        what + ", but its stand-in '" + feature.missing() + "' is no " + element.getSimpleName());
            }
        }
        List<String> categories = type.isEnum() ? List.of(categories(type)) : List.of();
        Set<String> distinct = new HashSet<>();
        for (String category : categories) {
            if (!distinct.add(category)) {
                mismatches.add(what + ", of which several constants are named '" + category
                        + "'; give each a name of its own");
            }
        }
        boolean nullable = standIn != null || !type.isPrimitive() && isNullable(component);
        return new RecordField(
                component.getName(),
                new Column(name, dataType, nullable, categories),
                type,
                element,
                accessor,
                standIn);
    }

    private static @Nullable Class<?> element(Class<?> type) {
        if (type.isEnum()) {
            return String.class;
        }
        Class<?> one = type.isArray()
                ? type.getComponentType()
                : MethodType.methodType(type).unwrap().returnType();
        return one;
    }

    /** Whatever annotation of that simple name, there being several libraries of them; on the array, not its elements. */
    private static boolean isNullable(RecordComponent component) {
        return isNullable((AnnotatedElement) component)
                || isNullable(component.getAnnotatedType())
                || isNullable((AnnotatedElement) component.getAccessor());
    }

    private static boolean isNullable(AnnotatedElement annotated) {
        for (Annotation annotation : annotated.getAnnotations()) {
            if (annotation.annotationType().getSimpleName().equals("Nullable")) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Object parse(String text, Class<?> element) {
        try {
            if (element == String.class) {
                return text;
            }
            if (element == boolean.class) {
                return text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : null;
            }
            return element == double.class
                    ? (Object) Double.valueOf(text)
                    : element == float.class
                            ? (Object) Float.valueOf(text)
                            : element == long.class
                                    ? (Object) Long.valueOf(text)
                                    : element == int.class
                                            ? (Object) Integer.valueOf(text)
                                            : element == short.class
                                                    ? (Object) Short.valueOf(text)
                                                    : Byte.valueOf(text);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static String[] categories(Class<?> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(constant -> category((Enum<?>) constant))
                .toArray(String[]::new);
    }

    private static String category(Enum<?> constant) {
        try {
            Field field = constant.getDeclaringClass().getField(constant.name());
            Feature feature = field.getAnnotation(Feature.class);
            return feature == null || feature.value().isEmpty() ? constant.name() : feature.value();
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("a constant has its field", e);
        }
    }

    Column column() {
        return column;
    }

    String name() {
        return column.name();
    }

    boolean isVector() {
        return type.isArray();
    }

    /** What messages call it. */
    private String said() {
        return "component '" + component + "'" + (component.equals(name()) ? "" : " (feature '" + name() + "')");
    }

    /**
     * What writes this component of a record from a position on: (record, target array, position, width) to nothing.
     *
     * @param input for messages
     * @return null after adding to the mismatches
     */
    @Nullable
    MethodHandle writer(TensorSpec input, List<String> mismatches) {
        DataType to = input.type();
        MethodHandle convert = isVector() ? Conversions.vector(element, to) : Conversions.of(element, to);
        if (convert == null) {
            mismatches.add(said() + " is " + (isVector() ? "an array of " : "") + column.type()
                    + ", which does not convert to the " + to + " of input " + input + "; declare it as "
                    + Conversions.sources(to) + (isVector() ? ", each in an array" : ""));
            return null;
        }
        Object missing = null;
        if (column.nullable()) {
            missing = standIn(to);
            if (missing == null) {
                mismatches.add(
                        standIn != null
                                ? "the stand-in of " + said() + " is beyond what the " + to + " of input " + input
                                        + " can hold; name another"
                                : said() + " may be null, but the " + to + " of input " + input
                                        + " has no value for what is missing; name a stand-in with"
                                        + " @Feature(missing = ...), or let it never be null");
                return null;
            }
        }
        return isVector() ? vectorWriter(convert, to, missing) : scalarWriter(convert, to, missing);
    }

    /** What the target gets in place of null; null if it has nothing for that. */
    private @Nullable Object standIn(DataType to) {
        try {
            if (standIn != null) {
                MethodHandle convert = Conversions.of(element, to);
                // Raw bytes are the one thing that converts only in arrays.
                return convert == null ? standIn : convert.invokeWithArguments(standIn);
            }
            return to.isFloating()
                    ? Objects.requireNonNull(Conversions.of(float.class, to)).invokeWithArguments(Float.NaN)
                    : null;
        } catch (UnfitException e) {
            return null;
        } catch (Throwable e) {
            throw new IllegalStateException("the stand-in of " + said(), e);
        }
    }

    private MethodHandle scalarWriter(MethodHandle convert, DataType to, @Nullable Object missing) {
        MethodHandle value = accessor;
        if (type.isEnum()) {
            MethodHandle text = MethodHandles.filterReturnValue(
                    ordinal(), MethodHandles.arrayElementGetter(String[].class).bindTo(categories(type)));
            convert = text.asType(MethodType.methodType(String.class, type));
        }
        Class<?> target = Conversions.element(to);
        MethodHandle converted = convert.asType(MethodType.methodType(target, type));
        if (missing != null) {
            MethodHandle constant = MethodHandles.dropArguments(MethodHandles.constant(target, missing), 0, type);
            converted = MethodHandles.guardWithTest(isNull(type), constant, converted);
        }
        value = MethodHandles.filterReturnValue(value, converted);
        // (T[], int, T) -> (T[], int, record) -> (record, T[], int, int)
        Class<?> array = target.arrayType();
        MethodHandle write = MethodHandles.filterArguments(MethodHandles.arrayElementSetter(array), 2, value);
        write = MethodHandles.permuteArguments(
                write, MethodType.methodType(void.class, record(), array, int.class), 1, 2, 0);
        return MethodHandles.dropArguments(write, 3, int.class);
    }

    private MethodHandle vectorWriter(MethodHandle convert, DataType to, @Nullable Object missing) {
        if (missing != null) {
            MethodHandle fill = MethodHandles.dropArguments(Conversions.filler(to, missing), 0, type)
                    .asType(convert.type());
            convert = MethodHandles.guardWithTest(isNull(type), fill, convert);
        }
        return MethodHandles.filterArguments(convert, 0, accessor);
    }

    private Class<?> record() {
        return accessor.type().parameterType(0);
    }

    private static MethodHandle isNull(Class<?> type) {
        return find(Objects.class, "isNull", MethodType.methodType(boolean.class, Object.class))
                .asType(MethodType.methodType(boolean.class, type));
    }

    private MethodHandle ordinal() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(Enum.class, "ordinal", MethodType.methodType(int.class))
                    .asType(MethodType.methodType(int.class, type));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a method of the platform", e);
        }
    }

    private static MethodHandle find(Class<?> owner, String name, MethodType type) {
        try {
            return MethodHandles.publicLookup().findStatic(owner, name, type);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a method of the platform", e);
        }
    }

    private @Nullable Object value(Object record) throws Throwable {
        return accessor.invoke(record);
    }

    /** The length of a vector; -1 if it is null, or cannot be told, which writing it will say. */
    int length(Object record) {
        try {
            Object value = value(record);
            return value == null ? -1 : Array.getLength(value);
        } catch (Throwable e) {
            return -1;
        }
    }

    /**
     * Adds what is wrong with this component of a record that could not be written.
     *
     * @param width the length that a vector must have
     * @return what its accessor threw, if it did
     */
    @Nullable
    Throwable explain(Object record, int row, int width, TensorSpec input, List<String> mismatches) {
        String where = said() + " of row " + row;
        Object value;
        try {
            value = value(record);
        } catch (Throwable e) {
            mismatches.add(where + " could not be read: its accessor threw "
                    + e.getClass().getName());
            return e;
        }
        if (value == null) {
            if (!column.nullable()) {
                mismatches.add(where + " is null, expected "
                        + (type.isEnum() ? "one of " + column.categories() : "a " + type.getSimpleName())
                        + "; annotate the component with @Nullable if rows may lack it");
            }
            return null;
        }
        if (!isVector()) {
            explainElement(value, where, input, mismatches);
            return null;
        }
        int length = Array.getLength(value);
        if (length != width) {
            mismatches.add(where + " has " + length + " elements, expected " + width
                    + (input.width() == Shape.DYNAMIC ? " as the rows before it" : ""));
            return null;
        }
        for (int i = 0; i < length; i++) {
            if (explainElement(Array.get(value, i), "element " + i + " of " + where, input, mismatches)) {
                return null;
            }
        }
        return null;
    }

    private boolean explainElement(@Nullable Object value, String where, TensorSpec input, List<String> mismatches) {
        if (value == null) {
            mismatches.add(where + " is null, expected a String");
            return true;
        }
        MethodHandle convert = type.isEnum() ? null : Conversions.of(element, input.type());
        try {
            if (convert != null) {
                convert.invokeWithArguments(value);
            }
            return false;
        } catch (UnfitException e) {
            mismatches.add(where + " is beyond what the " + input.type() + " of input " + input + " can hold");
            return true;
        } catch (Throwable e) {
            throw new IllegalStateException(where, e);
        }
    }

    /** Adds why this component cannot be read from such an output; a free extent is taken for the right one. */
    void checkReads(TensorSpec output, List<String> mismatches) {
        if (!reads(output.type())) {
            mismatches.add(said() + " is " + type.getSimpleName() + ", to which output " + output
                    + " does not convert; declare it as " + targets(output.type())
                    + (isVector() ? ", in an array" : ""));
        } else if (!isVector() && output.width() != 1 && output.width() != Shape.DYNAMIC) {
            mismatches.add(said() + " holds one value, but output " + output + " has " + output.width()
                    + " a row; declare it as an array");
        }
    }

    private boolean reads(DataType source) {
        DataType own = column.type();
        return switch (own) {
            case FP64, FP32 -> source.isNumeric();
            case BOOL -> source == DataType.BOOL;
            case BYTES -> source == DataType.BYTES || source.isInteger();
            default ->
                source.isInteger() && (source == DataType.UINT8 ? own.bytes() > 1 : source.bytes() <= own.bytes());
        };
    }

    private static String targets(DataType from) {
        return switch (from) {
            case FP16, BF16, FP32, FP64 -> "double or float";
            case INT64 -> "long, double, String or an enum";
            case INT32 -> "int, long, double, String or an enum";
            case INT16, INT8, UINT8 -> "int, long, short, double, String or an enum";
            case BOOL -> "boolean";
            case BYTES -> "String or an enum";
        };
    }

    /** The value at a row as the component's type, or null after adding to the mismatches. */
    @Nullable
    Object read(Tensor tensor, int row, List<String> mismatches) {
        int width = tensor.rowSize();
        if (row >= tensor.rows() || !isVector() && width != 1) {
            mismatches.add("tensor '" + name() + "' is " + tensor + ", expected "
                    + (isVector() ? "" : "one value a row and ") + "more than " + row + " rows");
            return null;
        }
        if (!reads(tensor.type())) {
            mismatches.add(
                    "tensor '" + name() + "' is " + tensor + ", which does not convert to " + type.getSimpleName());
            return null;
        }
        if (!isVector()) {
            return readElement(tensor, row, mismatches);
        }
        int from = row * width;
        if (element == double.class) {
            double[] values = new double[width];
            for (int i = 0; i < width; i++) {
                values[i] = tensor.doubleAt(from + i);
            }
            return values;
        }
        if (element == float.class) {
            float[] values = new float[width];
            if (tensor.type() == DataType.FP32) {
                tensor.asFloatBuffer().get(from, values);
                return values;
            }
            for (int i = 0; i < width; i++) {
                values[i] = narrow(tensor, from + i, mismatches);
            }
            return values;
        }
        Object values = Array.newInstance(element, width);
        for (int i = 0; i < width; i++) {
            Array.set(values, i, readElement(tensor, from + i, mismatches));
        }
        return values;
    }

    private @Nullable Object readElement(Tensor tensor, int at, List<String> mismatches) {
        return switch (column.type()) {
            case FP64 -> tensor.doubleAt(at);
            case FP32 -> narrow(tensor, at, mismatches);
            case INT64 -> tensor.longAt(at);
            case INT32 -> (int) tensor.longAt(at);
            case INT16 -> (short) tensor.longAt(at);
            case INT8 -> (byte) tensor.longAt(at);
            case BOOL -> tensor.booleanAt(at);
            case BYTES -> {
                String text = tensor.type() == DataType.BYTES ? tensor.stringAt(at) : Long.toString(tensor.longAt(at));
                yield type.isEnum() ? constant(text, mismatches) : text;
            }
            default -> throw new IllegalStateException("no component is read as " + column.type());
        };
    }

    /** Rounded to what a float can tell apart, as it is written; what it cannot hold at all is added to the mismatches. */
    private float narrow(Tensor tensor, int at, List<String> mismatches) {
        double value = tensor.doubleAt(at);
        float narrow = (float) value;
        if (Float.isInfinite(narrow) && !Double.isInfinite(value)) {
            mismatches.add("tensor '" + name() + "' holds a number at position " + at
                    + " that is beyond what a float can hold; declare " + said() + " as a double");
        }
        return narrow;
    }

    private @Nullable Object constant(String category, List<String> mismatches) {
        int ordinal = column.categories().indexOf(category);
        if (ordinal >= 0) {
            return type.getEnumConstants()[ordinal];
        }
        mismatches.add("tensor '" + name() + "' holds no name of a " + type.getSimpleName() + ", expected one of "
                + column.categories());
        return null;
    }

    /** Several writers of one record as one, each with the position that it begins at. */
    static MethodHandle all(List<MethodHandle> writers) {
        List<MethodHandle> rest = new ArrayList<>(writers);
        // In pairs: the depth of the tree, which the JIT has to see through, grows with the logarithm.
        while (rest.size() > 1) {
            List<MethodHandle> pairs = new ArrayList<>((rest.size() + 1) / 2);
            for (int i = 0; i + 1 < rest.size(); i += 2) {
                pairs.add(MethodHandles.foldArguments(rest.get(i + 1), rest.get(i)));
            }
            if (rest.size() % 2 == 1) {
                pairs.add(rest.get(rest.size() - 1));
            }
            rest = pairs;
        }
        return rest.get(0);
    }

    /** The same writer for part of a row: that many elements further on, with a width of its own. */
    static MethodHandle part(MethodHandle writer, int by, int width) {
        MethodHandle shifted =
                MethodHandles.dropArguments(MethodHandles.insertArguments(writer, 3, width), 3, int.class);
        if (by > 0) {
            MethodHandle add = find(Integer.class, "sum", MethodType.methodType(int.class, int.class, int.class));
            shifted = MethodHandles.filterArguments(shifted, 2, MethodHandles.insertArguments(add, 0, by));
        }
        return shifted;
    }
}
