package io.jvmlops.serving.folder;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * MLflow's JSON of an input example: tensors by name as nested lists, or a table as {@code {"columns": [...], "data":
 * [[...]]}}. What is not a number is written as Python writes and reads it: {@code NaN}.
 */
final class ExampleJson {
    private static final String COLUMNS = "columns";
    private static final String DATA = "data";
    private static final String INDEX = "index";

    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(100).build())
            .build();

    private final String kind;
    private final Content content;

    @FunctionalInterface
    private interface Content {
        void write(JsonGenerator json) throws IOException;
    }

    private ExampleJson(String kind, Content content) {
        this.kind = kind;
        this.content = content;
    }

    static ExampleJson ofTensors(Tensors tensors) {
        return new ExampleJson("inputs", json -> {
            json.writeStartObject();
            for (int i = 0; i < tensors.size(); i++) {
                json.writeFieldName(tensors.nameAt(i));
                writeAxis(json, tensors.at(i), 0, 0);
            }
            json.writeEndObject();
        });
    }

    /** @param columns vectors of one length */
    static ExampleJson ofTable(Tensors columns) {
        return new ExampleJson("dataframe_split", json -> {
            json.writeStartObject();
            json.writeArrayFieldStart(COLUMNS);
            for (String name : columns.names()) {
                json.writeString(name);
            }
            json.writeEndArray();
            json.writeArrayFieldStart(DATA);
            for (int row = 0; row < columns.at(0).size(); row++) {
                json.writeStartArray();
                for (int i = 0; i < columns.size(); i++) {
                    writeElement(json, columns.at(i), row);
                }
                json.writeEndArray();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /** The example by itself. */
    byte[] example() {
        return bytes(content);
    }

    /** The example as a request to MLflow's scoring server. */
    byte[] request() {
        return bytes(json -> {
            json.writeStartObject();
            json.writeFieldName(kind);
            content.write(json);
            json.writeEndObject();
        });
    }

    private static byte[] bytes(Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            content.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** @return the position after what was written */
    private static int writeAxis(JsonGenerator json, Tensor tensor, int axis, int position) throws IOException {
        if (axis == tensor.shape().rank()) {
            writeElement(json, tensor, position);
            return position + 1;
        }
        json.writeStartArray();
        int next = position;
        for (long i = 0; i < tensor.shape().dim(axis); i++) {
            next = writeAxis(json, tensor, axis + 1, next);
        }
        json.writeEndArray();
        return next;
    }

    private static void writeElement(JsonGenerator json, Tensor tensor, int position) throws IOException {
        switch (tensor.type()) {
            case BOOL -> json.writeBoolean(tensor.booleanAt(position));
            case BYTES -> json.writeString(tensor.stringAt(position));
            case FP32 -> json.writeNumber((float) tensor.doubleAt(position));
            case FP64, FP16, BF16 -> json.writeNumber(tensor.doubleAt(position));
            default -> json.writeNumber(tensor.longAt(position));
        }
    }

    /**
     * What MLflow has to know to read an example, told from the example: {@code type}, and {@code pandas_orient} of a
     * table.
     *
     * @throws IOException if it is not JSON
     */
    static Map<String, String> describe(byte[] example) throws IOException {
        Map<String, String> info = new LinkedHashMap<>();
        try (JsonParser json = JSON.createParser(example)) {
            boolean nested = false;
            Set<String> names = new HashSet<>();
            JsonToken first = json.nextToken();
            boolean list = first == JsonToken.START_ARRAY;
            if (first == null) {
                throw new IOException("it is empty");
            }
            if (first == JsonToken.START_OBJECT) {
                list = true;
                while (json.nextToken() != JsonToken.END_OBJECT) {
                    names.add(json.currentName());
                    list &= json.nextToken() == JsonToken.START_ARRAY;
                    nested |= skipFindingObjects(json);
                }
            } else if (list) {
                nested = skipFindingObjects(json);
            }
            if (json.nextToken() != null) {
                throw new IOException("it goes on after its end");
            }
            boolean table = names.contains(DATA)
                    && names.contains(COLUMNS)
                    && Set.of(DATA, COLUMNS, INDEX).containsAll(names);
            if (list && !nested && table) {
                info.put("pandas_orient", "split");
                info.put("type", "dataframe");
            } else {
                info.put("type", list && !nested ? "ndarray" : "json_object");
            }
        }
        return info;
    }

    private static boolean skipFindingObjects(JsonParser json) throws IOException {
        if (!json.currentToken().isStructStart()) {
            return false;
        }
        boolean found = json.currentToken() == JsonToken.START_OBJECT;
        for (int depth = 1; depth > 0; ) {
            JsonToken token = json.nextToken();
            if (token == null) {
                throw new IOException("it ends too early");
            }
            found |= token == JsonToken.START_OBJECT;
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        }
        return found;
    }
}
