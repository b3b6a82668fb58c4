package io.jvmlops.tracking;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.jvmlops.api.error.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of the platform's own types as JSON. What is refused is named by its place and type, never by its value. */
final class JsonText {
    private static final JsonFactory FACTORY = new JsonFactory();

    /** Deeper than anybody nests; what contains itself ends here. */
    private static final int DEEPEST = 200;

    private static final int KEY_SHOWN = 40;

    private JsonText() {}

    /**
     * In UTF-8, maps in their own order.
     *
     * @param what for messages: {@code "artifact 'a.json' of run 1234"}
     */
    static byte[] of(String what, @Nullable Object value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator to = FACTORY.createGenerator(new OutputStreamWriter(bytes, StandardCharsets.UTF_8))) {
            write(to, what, "$", value, 0);
        } catch (IOException e) {
            throw new UncheckedIOException("writing JSON to memory", e);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator to, String what, String place, @Nullable Object value, int depth)
            throws IOException {
        if (depth > DEEPEST) {
            throw new InvalidInputException(what + ": more than " + DEEPEST
                    + " maps and lists within each other, found at " + place.substring(0, Math.min(200, place.length()))
                    + "...; does one contain itself?");
        }
        if (value == null) {
            to.writeNull();
        } else if (value instanceof String text) {
            to.writeString(checked(what, place, text));
        } else if (value instanceof Boolean truth) {
            to.writeBoolean(truth);
        } else if (value instanceof Number number) {
            write(to, what, place, number);
        } else if (value instanceof Map<?, ?> map) {
            to.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (!(entry.getKey() instanceof String key)) {
                    throw refuse(what, place, "a key", entry.getKey(), "a String");
                }
                String at = place + "." + (key.length() > KEY_SHOWN ? key.substring(0, KEY_SHOWN) + "..." : key);
                to.writeFieldName(checked(what, at, key));
                write(to, what, at, entry.getValue(), depth + 1);
            }
            to.writeEndObject();
        } else if (value instanceof Collection<?> elements) {
            to.writeStartArray();
            int i = 0;
            for (Object element : elements) {
                write(to, what, place + "[" + i++ + "]", element, depth + 1);
            }
            to.writeEndArray();
        } else if (value.getClass().isArray() && value.getClass().getComponentType() != char.class) {
            to.writeStartArray();
            for (int i = 0; i < Array.getLength(value); i++) {
                write(to, what, place + "[" + i + "]", Array.get(value, i), depth + 1);
            }
            to.writeEndArray();
        } else {
            throw refuse(
                    what,
                    place,
                    "a value",
                    value,
                    "null, a String, number, boolean, Map, collection or array of these");
        }
    }

    private static void write(JsonGenerator to, String what, String place, Number number) throws IOException {
        if (number instanceof Double || number instanceof Float) {
            double value = number.doubleValue();
            if (Double.isNaN(value) || Double.isInfinite(value)) {
                throw new InvalidInputException(
                        what + ": " + number + " at " + place + "; JSON has finite numbers only, use null or a text");
            }
            if (number instanceof Float single) {
                to.writeNumber(single);
            } else {
                to.writeNumber(value);
            }
        } else if (number instanceof Long
                || number instanceof Integer
                || number instanceof Short
                || number instanceof Byte) {
            to.writeNumber(number.longValue());
        } else if (number instanceof BigInteger large) {
            to.writeNumber(large);
        } else if (number instanceof BigDecimal exact) {
            to.writeNumber(exact);
        } else {
            throw refuse(what, place, "a number", number, "one of the platform's own, from Byte to BigDecimal");
        }
    }

    /** Half a character cannot be written in UTF-8. */
    private static String checked(String what, String place, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isSurrogatePair(text.charAt(i), i + 1 < text.length() ? text.charAt(i + 1) : ' ')) {
                    throw new InvalidInputException(what + ": the text at " + place.replaceAll("[\\ud800-\\udfff]", "?")
                            + " has half a character at position " + i);
                }
                i++;
            }
        }
        return text;
    }

    private static InvalidInputException refuse(
            String what, String place, String found, @Nullable Object value, String expected) {
        return new InvalidInputException(what + ": " + found + " of "
                + (value == null ? "null" : value.getClass().getName()) + " at " + place + "; expected " + expected);
    }
}
