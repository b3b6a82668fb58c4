package io.jvmlops.serving.folder;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.ModelSignature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

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
                    Elements.write(json, columns.at(i), row);
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
            Elements.write(json, tensor, position);
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

    /**
     * The tensors of an example, for a model that takes them: tensors by name, the only tensor by itself, or a table.
     *
     * @throws IOException if it is none of these or does not fit; the message shows no value
     */
    static Tensors read(byte[] example, ModelSignature signature) throws IOException {
        Object root;
        try (JsonParser json = JSON.createParser(example)) {
            json.nextToken();
            root = tree(json);
            if (json.nextToken() != null) {
                throw new IOException("it goes on after its end");
            }
        }
        List<TensorSpec> inputs = signature.inputs();
        Tensors.Builder tensors = Tensors.builder();
        if (root instanceof Map<?, ?> members) {
            if (members.get(COLUMNS) instanceof List<?> columns && members.get(DATA) instanceof List<?> rows) {
                return table(columns, rows, inputs);
            }
            for (TensorSpec input : inputs) {
                if (!members.containsKey(input.name())) {
                    throw new IOException("it has no '" + input.name() + "', only " + members.keySet());
                }
                tensors.put(input.name(), tensor(input, members.get(input.name())));
            }
            if (members.size() != inputs.size()) {
                throw new IOException("it has " + members.keySet() + ", the model takes "
                        + inputs.stream().map(TensorSpec::name).toList());
            }
        } else if (root instanceof List<?> && inputs.size() == 1) {
            tensors.put(inputs.get(0).name(), tensor(inputs.get(0), root));
        } else {
            throw new IOException("it is no list, table or object with the " + inputs.size() + " inputs of the model");
        }
        return tensors.build();
    }

    private static @Nullable Object tree(JsonParser json) throws IOException {
        if (json.currentToken() == JsonToken.START_ARRAY) {
            List<@Nullable Object> list = new ArrayList<>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                list.add(tree(json));
            }
            return list;
        }
        if (json.currentToken() == JsonToken.START_OBJECT) {
            Map<String, @Nullable Object> members = new LinkedHashMap<>();
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                json.nextToken();
                members.put(name, tree(json));
            }
            return members;
        }
        if (json.currentToken() == null) {
            throw new IOException("it ends too early");
        }
        return Elements.scalar(json);
    }

    private static Tensors table(List<?> columns, List<?> rows, List<TensorSpec> inputs) throws IOException {
        Tensors.Builder tensors = Tensors.builder();
        if (inputs.stream().allMatch(ExampleJson::isColumn)) {
            for (TensorSpec input : inputs) {
                List<@Nullable Object> column = new ArrayList<>();
                int index = position(columns, input.name());
                for (Object row : rows) {
                    column.add(cell(row, index, columns.size()));
                }
                tensors.put(input.name(), tensor(input, column));
            }
            return tensors.build();
        }
        if (inputs.size() != 1 || inputs.get(0).shape().rank() != 2) {
            throw new IOException("it is a table, but the model takes " + inputs);
        }
        TensorSpec input = inputs.get(0);
        boolean named = !input.columns().isEmpty() && columns.containsAll(input.columns());
        int width = named ? input.columns().size() : columns.size();
        List<@Nullable Object> matrix = new ArrayList<>();
        for (Object row : rows) {
            List<@Nullable Object> values = new ArrayList<>();
            for (int i = 0; i < width; i++) {
                int index = named ? position(columns, input.columns().get(i)) : i;
                values.add(cell(row, index, columns.size()));
            }
            matrix.add(values);
        }
        return tensors.put(input.name(), tensor(input, matrix)).build();
    }

    private static boolean isColumn(TensorSpec spec) {
        return spec.shape().rank() == 1
                || spec.shape().rank() == 2 && spec.shape().dim(1) == 1;
    }

    private static int position(List<?> columns, String name) throws IOException {
        int index = columns.indexOf(name);
        if (index < 0) {
            throw new IOException("it has no column '" + name + "', only " + columns);
        }
        return index;
    }

    private static @Nullable Object cell(@Nullable Object row, int index, int width) throws IOException {
        if (row instanceof List<?> cells && cells.size() == width) {
            return cells.get(index);
        }
        throw new IOException("a row of its table does not have its " + width + " columns");
    }

    private static Tensor tensor(TensorSpec spec, @Nullable Object nested) throws IOException {
        List<Long> dims = new ArrayList<>();
        for (Object level = nested; level instanceof List<?> list; level = list.isEmpty() ? null : list.get(0)) {
            dims.add((long) list.size());
        }
        int rank = dims.size();
        long elements = 1;
        for (long dim : dims) {
            // No more than were read, or it is ragged.
            elements = Math.multiplyExact(elements, dim);
            if (elements > InputExample.MAX_BYTES) {
                throw new IOException("tensor '" + spec.name() + "' is no regular array");
            }
        }
        Elements filled = new Elements(spec.type(), (int) elements);
        fill(filled, nested, dims, 0);
        if (rank == spec.shape().rank() - 1) {
            // One row by itself, or a column of values.
            boolean column = rank == 1 && spec.shape().dim(1) == 1;
            dims.add(column ? 1 : 0, 1L);
        }
        return filled.tensor(dims.stream().mapToLong(Long::longValue).toArray());
    }

    private static void fill(Elements elements, @Nullable Object nested, List<Long> dims, int axis) throws IOException {
        if (axis == dims.size()) {
            elements.add(nested);
            return;
        }
        if (!(nested instanceof List<?> list) || list.size() != dims.get(axis)) {
            throw new IOException("its lists are not of one length");
        }
        for (Object element : list) {
            fill(elements, element, dims, axis + 1);
        }
    }
}
