package io.jvmlops.serving;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A model that scikit-learn trained, with rows and scikit-learn's own answers for them; see the folder's README. */
public final class Fixture {
    public final byte[] onnx;
    public final List<String> columns;
    public final Tensors inputs;
    public final Map<String, Object> outputs;

    private Fixture(byte[] onnx, Map<String, Object> json) {
        this.onnx = onnx;
        this.columns = strings(json.get("columns"));
        Tensors.Builder builder = Tensors.builder();
        map(json.get("inputs")).forEach((name, tensor) -> builder.put(name, tensor(map(tensor))));
        this.inputs = builder.build();
        this.outputs = map(json.get("outputs"));
    }

    public static Fixture load(String name) {
        try (InputStream onnx = open(name + ".onnx");
                InputStream json = open(name + ".json");
                JsonParser parser = new JsonFactory().createParser(json)) {
            parser.nextToken();
            return new Fixture(onnx.readAllBytes(), map(value(parser)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String name) throws IOException {
        InputStream in = Fixture.class.getResourceAsStream("/models/" + name);
        if (in == null) {
            throw new IOException("no test resource " + name);
        }
        return in;
    }

    /** The expected values of an output. */
    public double[] expected(String output) {
        return numbers(map(outputs.get(output)).get("data"));
    }

    public List<String> expectedStrings(String output) {
        return strings(map(outputs.get(output)).get("data"));
    }

    /** Rows from and to, of every input. */
    public Tensors rows(int from, int to) {
        Tensors.Builder builder = Tensors.builder();
        for (int i = 0; i < inputs.size(); i++) {
            builder.put(inputs.nameAt(i), slice(inputs.at(i), from, to));
        }
        return builder.build();
    }

    private static Tensor slice(Tensor tensor, int from, int to) {
        int width = tensor.rowSize();
        long[] shape = tensor.shape().dims();
        shape[0] = (long) to - from;
        int size = (to - from) * width;
        switch (tensor.type()) {
            case FP32 -> {
                float[] values = new float[size];
                tensor.asFloatBuffer().get(from * width, values);
                return Tensor.transfer(values, shape);
            }
            case INT64 -> {
                long[] values = new long[size];
                tensor.asLongBuffer().get(from * width, values);
                return Tensor.transfer(values, shape);
            }
            case BYTES -> {
                String[] values = new String[size];
                for (int i = 0; i < size; i++) {
                    values[i] = tensor.stringAt(from * width + i);
                }
                return Tensor.transfer(values, shape);
            }
            default -> throw new IllegalStateException("no fixture has " + tensor.type());
        }
    }

    private static Tensor tensor(Map<String, Object> json) {
        double[] dims = numbers(json.get("shape"));
        long[] shape = new long[dims.length];
        for (int i = 0; i < dims.length; i++) {
            shape[i] = (long) dims[i];
        }
        Object data = json.get("data");
        switch (String.valueOf(json.get("datatype"))) {
            case "FP32" -> {
                double[] numbers = numbers(data);
                float[] floats = new float[numbers.length];
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = (float) numbers[i];
                }
                return Tensor.transfer(floats, shape);
            }
            case "INT64" -> {
                double[] numbers = numbers(data);
                long[] longs = new long[numbers.length];
                for (int i = 0; i < longs.length; i++) {
                    longs[i] = (long) numbers[i];
                }
                return Tensor.transfer(longs, shape);
            }
            case "BYTES" -> {
                return Tensor.transfer(strings(data).toArray(String[]::new), shape);
            }
            default -> throw new IllegalStateException("no fixture has " + json.get("datatype"));
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    private static List<String> strings(Object value) {
        return ((List<?>) value).stream().map(String::valueOf).toList();
    }

    private static double[] numbers(Object value) {
        return ((List<?>) value)
                .stream().mapToDouble(v -> ((Number) v).doubleValue()).toArray();
    }

    private static Object value(JsonParser parser) throws IOException {
        switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, Object> object = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    object.put(name, value(parser));
                }
                return object;
            }
            case START_ARRAY -> {
                List<Object> array = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(value(parser));
                }
                return array;
            }
            case VALUE_STRING -> {
                return parser.getText();
            }
            default -> {
                return parser.getDoubleValue();
            }
        }
    }
}
