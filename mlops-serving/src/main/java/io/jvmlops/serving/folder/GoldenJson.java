package io.jvmlops.serving.folder;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Golden rows as JSON, tensors as in the Open Inference Protocol, version 2: data flat or nested, in row-major order. What is
 * no number is written as Python writes it: {@code NaN}. Members that are not known are skipped.
 */
final class GoldenJson {
    private static final int MAX_TENSORS = 1_000;
    private static final int MAX_RANK = 32;

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_RANK + 8)
                    .maxNumberLength(400)
                    .build())
            .build();

    private GoldenJson() {}

    static byte[] write(GoldenRows rows) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            write(json, "inputs", rows.inputs());
            write(json, "outputs", rows.outputs());
            json.writeObjectFieldStart("tolerance");
            json.writeNumberField("absolute", rows.absoluteTolerance());
            json.writeNumberField("relative", rows.relativeTolerance());
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator json, String side, Tensors tensors) throws IOException {
        json.writeArrayFieldStart(side);
        for (Map.Entry<String, Tensor> entry : tensors.toMap().entrySet()) {
            Tensor tensor = entry.getValue();
            json.writeStartObject();
            json.writeStringField("name", entry.getKey());
            json.writeArrayFieldStart("shape");
            for (long dim : tensor.shape().dims()) {
                json.writeNumber(dim);
            }
            json.writeEndArray();
            json.writeStringField("datatype", tensor.type().name());
            json.writeArrayFieldStart("data");
            for (int i = 0; i < tensor.size(); i++) {
                Elements.write(json, tensor, i);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Of a tensor everything but its data, which may stand before what says how to read it. */
    private record Head(String name, DataType type, Shape shape) {}

    /**
     * Reads twice: first what each tensor is, then its elements into an array of that size.
     *
     * @throws IOException if it is not that; the message shows no element
     */
    static GoldenRows read(byte[] bytes) throws IOException {
        List<Head> inputs = new ArrayList<>();
        List<Head> outputs = new ArrayList<>();
        double[] tolerance = {GoldenRows.DEFAULT_TOLERANCE, GoldenRows.DEFAULT_TOLERANCE};
        members(bytes, (member, json) -> {
            switch (member) {
                case "inputs" -> heads(json, member, bytes.length, inputs);
                case "outputs" -> heads(json, member, bytes.length, outputs);
                case "tolerance" -> tolerance(json, tolerance);
                default -> json.skipChildren();
            }
        });
        Tensors.Builder in = Tensors.builder();
        Tensors.Builder out = Tensors.builder();
        members(bytes, (member, json) -> {
            switch (member) {
                case "inputs" -> data(json, inputs, in);
                case "outputs" -> data(json, outputs, out);
                default -> json.skipChildren();
            }
        });
        return GoldenRows.of(in.build(), out.build()).within(tolerance[0], tolerance[1]);
    }

    @FunctionalInterface
    private interface Member {
        /** @param json at the value's first token; to be left at its last */
        void read(String name, JsonParser json) throws IOException;
    }

    private static void members(byte[] bytes, Member member) throws IOException {
        try (JsonParser json = JSON.createParser(bytes)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("expected an object");
            }
            object(json, member);
            if (json.nextToken() != null) {
                throw new IOException("it goes on after its end");
            }
        }
    }

    private static void object(JsonParser json, Member member) throws IOException {
        for (JsonToken token = json.nextToken(); token != JsonToken.END_OBJECT; token = json.nextToken()) {
            if (token == null) {
                throw new IOException("it ends too early");
            }
            String name = json.currentName();
            if (json.nextToken() == null) {
                throw new IOException("it ends too early");
            }
            member.read(name, json);
        }
    }

    private static void expect(JsonParser json, JsonToken token, String where) throws IOException {
        if (json.currentToken() != token) {
            throw new IOException(where + " is not as expected: " + json.currentToken() + " in place of " + token);
        }
    }

    private static void heads(JsonParser json, String side, int bytes, List<Head> heads) throws IOException {
        expect(json, JsonToken.START_ARRAY, side);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(json, JsonToken.START_OBJECT, side);
            if (heads.size() == MAX_TENSORS) {
                throw new IOException(side + " has more than " + MAX_TENSORS + " tensors");
            }
            heads.add(head(json, side + "[" + heads.size() + "]", bytes));
        }
    }

    private static Head head(JsonParser json, String where, int bytes) throws IOException {
        @Nullable String[] texts = new @Nullable String[2];
        List<Long> dims = new ArrayList<>();
        boolean[] seen = new boolean[2];
        object(json, (member, value) -> {
            switch (member) {
                case "name", "datatype" -> {
                    expect(value, JsonToken.VALUE_STRING, where + " " + member);
                    texts[member.equals("name") ? 0 : 1] = value.getText();
                }
                case "shape" -> {
                    expect(value, JsonToken.START_ARRAY, where + " shape");
                    seen[0] = true;
                    while (value.nextToken() != JsonToken.END_ARRAY) {
                        expect(value, JsonToken.VALUE_NUMBER_INT, where + " shape");
                        if (dims.size() == MAX_RANK || value.getLongValue() < 0) {
                            throw new IOException(
                                    where + " has no shape of at most " + MAX_RANK + " extents from zero on");
                        }
                        dims.add(value.getLongValue());
                    }
                }
                case "data" -> {
                    seen[1] = true;
                    value.skipChildren();
                }
                default -> value.skipChildren();
            }
        });
        String name = texts[0];
        String type = texts[1];
        if (name == null || name.isEmpty() || type == null || !seen[0] || !seen[1]) {
            throw new IOException(where + " lacks one of name, datatype, shape, data");
        }
        Shape shape = Shape.of(dims.stream().mapToLong(Long::longValue).toArray());
        long elements;
        try {
            elements = shape.elements();
        } catch (ArithmeticException e) {
            throw new IOException(where + ": the number of elements of its shape overflows", e);
        }
        // Each takes a character and a comma: an array is not made for a few bytes that promise much.
        if (elements > bytes) {
            throw new IOException(where + " has a shape of " + elements + " elements in a file of " + bytes + " bytes");
        }
        for (DataType known : DataType.values()) {
            if (known.name().equals(type)) {
                return new Head(name, known, shape);
            }
        }
        throw new IOException(where + " has a datatype that is none of " + List.of(DataType.values()));
    }

    private static void tolerance(JsonParser json, double[] tolerance) throws IOException {
        expect(json, JsonToken.START_OBJECT, "tolerance");
        object(json, (member, value) -> {
            int index = member.equals("absolute") ? 0 : member.equals("relative") ? 1 : -1;
            if (index >= 0) {
                if (!value.currentToken().isNumeric()) {
                    throw new IOException("tolerance '" + member + "' is no number");
                }
                tolerance[index] = value.getDoubleValue();
            } else {
                value.skipChildren();
            }
        });
    }

    private static void data(JsonParser json, List<Head> heads, Tensors.Builder tensors) throws IOException {
        int index = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            Head head = heads.get(index++);
            object(json, (member, value) -> {
                if (member.equals("data")) {
                    try {
                        tensors.put(head.name, elements(value, head));
                    } catch (IOException e) {
                        throw new IOException("tensor '" + head.name + "': " + e.getMessage(), e);
                    }
                } else {
                    value.skipChildren();
                }
            });
        }
    }

    private static Tensor elements(JsonParser json, Head head) throws IOException {
        expect(json, JsonToken.START_ARRAY, "data");
        Elements elements = new Elements(head.type, Math.toIntExact(head.shape.elements()));
        for (int depth = 1; depth > 0; ) {
            JsonToken token = json.nextToken();
            if (token == null || token == JsonToken.START_OBJECT) {
                throw new IOException("data is no list of elements");
            }
            if (token.isStructStart()) {
                depth++;
            } else if (token.isStructEnd()) {
                depth--;
            } else {
                elements.add(Elements.scalar(json));
            }
        }
        return elements.tensor(head.shape.dims());
    }
}
