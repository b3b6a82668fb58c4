package io.jvmlops.tracking.internal.sql;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.model.ModelSignature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A signature as JSON: {@code {"inputs": [{"name": "x", "type": "FP32", "shape": [-1, 2], "columns": ["a", "b"]}],
 * "outputs": []}}. Columns are left out where there are none. All of it is ASCII, so that any name can be stored.
 */
final class SignatureText {
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();

    private SignatureText() {}

    static String write(ModelSignature signature) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            write(json, "inputs", signature.inputs());
            write(json, "outputs", signature.outputs());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, String side, List<TensorSpec> specs) throws IOException {
        json.writeArrayFieldStart(side);
        for (TensorSpec spec : specs) {
            json.writeStartObject();
            json.writeStringField("name", spec.name());
            json.writeStringField("type", spec.type().name());
            json.writeFieldName("shape");
            json.writeArray(spec.shape().dims(), 0, spec.shape().rank());
            if (!spec.columns().isEmpty()) {
                json.writeArrayFieldStart("columns");
                for (String column : spec.columns()) {
                    json.writeString(column);
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** @throws IOException if it is not what {@link #write} wrote; the message says where */
    static ModelSignature read(String text) throws IOException {
        List<TensorSpec> inputs = null;
        List<TensorSpec> outputs = null;
        try (JsonParser json = JSON.createParser(text)) {
            expect(json, json.nextToken(), JsonToken.START_OBJECT);
            for (String side = json.nextFieldName(); side != null; side = json.nextFieldName()) {
                switch (side) {
                    case "inputs" -> inputs = specs(json);
                    case "outputs" -> outputs = specs(json);
                    default -> throw unexpected(json);
                }
            }
            expect(json, json.currentToken(), JsonToken.END_OBJECT);
            expect(json, json.nextToken(), null);
        }
        if (inputs == null || outputs == null) {
            throw new IOException("a side is missing");
        }
        return new ModelSignature(inputs, outputs);
    }

    private static List<TensorSpec> specs(JsonParser json) throws IOException {
        List<TensorSpec> specs = new ArrayList<>();
        expect(json, json.nextToken(), JsonToken.START_ARRAY);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            specs.add(spec(json));
        }
        return specs;
    }

    private static TensorSpec spec(JsonParser json) throws IOException {
        String name = null;
        DataType type = null;
        Shape shape = null;
        List<String> columns = List.of();
        expect(json, json.currentToken(), JsonToken.START_OBJECT);
        try {
            for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                switch (field) {
                    case "name" -> name = text(json);
                    case "type" -> type = DataType.valueOf(text(json));
                    case "shape" -> shape = shape(json);
                    case "columns" -> columns = columns(json);
                    default -> throw unexpected(json);
                }
            }
            expect(json, json.currentToken(), JsonToken.END_OBJECT);
            return new TensorSpec(
                    Objects.requireNonNull(name), Objects.requireNonNull(type), Objects.requireNonNull(shape), columns);
        } catch (IllegalArgumentException | NullPointerException e) {
            throw new IOException(
                    "no tensor ends at character " + json.currentLocation().getCharOffset(), e);
        }
    }

    private static Shape shape(JsonParser json) throws IOException {
        List<Long> dims = new ArrayList<>();
        expect(json, json.nextToken(), JsonToken.START_ARRAY);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(json, json.currentToken(), JsonToken.VALUE_NUMBER_INT);
            dims.add(json.getLongValue());
        }
        return Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
    }

    private static List<String> columns(JsonParser json) throws IOException {
        List<String> columns = new ArrayList<>();
        expect(json, json.nextToken(), JsonToken.START_ARRAY);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(json, json.currentToken(), JsonToken.VALUE_STRING);
            columns.add(json.getText());
        }
        return columns;
    }

    private static String text(JsonParser json) throws IOException {
        expect(json, json.nextToken(), JsonToken.VALUE_STRING);
        return json.getText();
    }

    private static void expect(JsonParser json, @Nullable JsonToken found, @Nullable JsonToken expected)
            throws IOException {
        if (found != expected) {
            throw unexpected(json);
        }
    }

    private static IOException unexpected(JsonParser json) {
        return new IOException("unexpected " + json.currentToken() + " before character "
                + json.currentLocation().getCharOffset());
    }
}
