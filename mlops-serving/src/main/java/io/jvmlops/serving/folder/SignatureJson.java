package io.jvmlops.serving.folder;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.error.ModelLoadException;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * MLflow's JSON of one side of a signature: a list of tensor specs ({@code {"name": "x", "type": "tensor", "tensor-spec":
 * {"dtype": "float32", "shape": [-1, 4]}}}) or of column specs ({@code {"name": "age", "type": "double"}}).
 */
final class SignatureJson {
    private static final int MAX_SPECS = 100_000;

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(32)
                    .maxStringLength(100_000)
                    .maxNumberLength(32)
                    .build())
            .build();

    private SignatureJson() {}

    static String write(List<TensorSpec> specs) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartArray();
            for (TensorSpec spec : specs) {
                json.writeStartObject();
                json.writeStringField("name", spec.name());
                json.writeStringField("type", "tensor");
                json.writeObjectFieldStart("tensor-spec");
                json.writeStringField("dtype", numpyName(spec.type()));
                json.writeArrayFieldStart("shape");
                for (long dim : spec.shape().dims()) {
                    json.writeNumber(dim);
                }
                json.writeEndArray();
                json.writeEndObject();
                json.writeEndObject();
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /**
     * The tensors; a column is one of shape {@code [-1]}. Empty if the text says nothing that is of use here: a tensor
     * without a name, two of one name, an element type that we do not have.
     *
     * @param what names the text in messages
     * @throws ModelLoadException if the text is not MLflow's JSON
     */
    static List<TensorSpec> read(String text, String what) {
        List<TensorSpec> specs = new ArrayList<>();
        boolean usable = true;
        try (JsonParser json = JSON.createParser(text)) {
            if (json.nextToken() != JsonToken.START_ARRAY) {
                throw new ModelLoadException(what + " is not a JSON list of tensors or columns");
            }
            while (json.nextToken() != JsonToken.END_ARRAY) {
                if (json.currentToken() != JsonToken.START_OBJECT) {
                    throw new ModelLoadException(what + " lists something that is no object");
                }
                if (specs.size() == MAX_SPECS) {
                    throw new ModelLoadException(what + " lists more than " + MAX_SPECS + " tensors or columns");
                }
                TensorSpec spec = readSpec(json, what);
                if (spec == null) {
                    usable = false;
                } else {
                    specs.add(spec);
                }
            }
            if (json.nextToken() != null) {
                throw new ModelLoadException(what + " goes on after its list");
            }
        } catch (IOException e) {
            throw new ModelLoadException(what + " is not JSON: " + e.getMessage(), e);
        }
        Set<String> names = new HashSet<>();
        for (TensorSpec spec : specs) {
            usable &= names.add(spec.name());
        }
        return usable ? specs : List.of();
    }

    private static @Nullable TensorSpec readSpec(JsonParser json, String what) throws IOException {
        String name = "";
        String type = "";
        String dtype = "";
        List<Long> shape = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            json.nextToken();
            if (field.equals("name") && json.currentToken() == JsonToken.VALUE_STRING) {
                name = json.getText();
            } else if (field.equals("type") && json.currentToken() == JsonToken.VALUE_STRING) {
                type = json.getText();
            } else if (field.equals("tensor-spec") && json.currentToken() == JsonToken.START_OBJECT) {
                while (json.nextToken() != JsonToken.END_OBJECT) {
                    String inner = json.currentName();
                    json.nextToken();
                    if (inner.equals("dtype") && json.currentToken() == JsonToken.VALUE_STRING) {
                        dtype = json.getText();
                    } else if (inner.equals("shape") && json.currentToken() == JsonToken.START_ARRAY) {
                        readShape(json, shape, what);
                    } else {
                        json.skipChildren();
                    }
                }
            } else {
                json.skipChildren();
            }
        }
        DataType dataType = type.equals("tensor") ? ofNumpy(dtype) : ofColumn(type);
        if (name.isEmpty() || dataType == null) {
            return null;
        }
        return type.equals("tensor")
                ? new TensorSpec(
                        name,
                        dataType,
                        Shape.of(shape.stream().mapToLong(Long::longValue).toArray()),
                        List.of())
                : TensorSpec.of(name, dataType, Shape.DYNAMIC);
    }

    private static void readShape(JsonParser json, List<Long> shape, String what) throws IOException {
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.VALUE_NUMBER_INT
                    || json.getLongValue() < Shape.DYNAMIC
                    || shape.size() == 32) {
                throw new ModelLoadException(
                        what + " has a shape that is not a list of at most 32 extents, each -1 or more");
            }
            shape.add(json.getLongValue());
        }
    }

    private static String numpyName(DataType type) {
        return switch (type) {
            case BOOL -> "bool";
            case UINT8 -> "uint8";
            case INT8 -> "int8";
            case INT16 -> "int16";
            case INT32 -> "int32";
            case INT64 -> "int64";
            case FP16 -> "float16";
            // NumPy has no such type; its bits. Read back as "not said", so that the loader asks the model.
            case BF16 -> "uint16";
            case FP32 -> "float32";
            case FP64 -> "float64";
            case BYTES -> "str";
        };
    }

    private static @Nullable DataType ofNumpy(String dtype) {
        return switch (dtype) {
            case "bool" -> DataType.BOOL;
            case "uint8" -> DataType.UINT8;
            case "int8" -> DataType.INT8;
            case "int16" -> DataType.INT16;
            case "int32" -> DataType.INT32;
            case "int64" -> DataType.INT64;
            case "float16" -> DataType.FP16;
            case "float32" -> DataType.FP32;
            case "float64" -> DataType.FP64;
            case "str", "object" -> DataType.BYTES;
            default -> null;
        };
    }

    private static @Nullable DataType ofColumn(String type) {
        return switch (type) {
            case "boolean" -> DataType.BOOL;
            case "integer" -> DataType.INT32;
            case "long" -> DataType.INT64;
            case "float" -> DataType.FP32;
            case "double" -> DataType.FP64;
            case "string" -> DataType.BYTES;
            default -> null;
        };
    }
}
