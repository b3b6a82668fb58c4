package io.jvmlops.serving;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.test.model.ModelRows;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A model of another library's, with rows and that library's own answers for them; see the folder's README. */
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

    /** The names of all of them. */
    public static List<String> names() {
        try (Stream<Path> files = Files.list(Path.of(
                Objects.requireNonNull(Fixture.class.getResource("/models")).toURI()))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".json"))
                    .map(file -> file.substring(0, file.length() - ".json".length()))
                    .sorted()
                    .toList();
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the library answered, under the names of the model's outputs. */
    public Tensors answers() {
        Tensors.Builder builder = Tensors.builder();
        outputs.forEach((name, tensor) -> builder.put(name, tensor(map(tensor))));
        return builder.build();
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
            builder.put(inputs.nameAt(i), ModelRows.slice(inputs.at(i), from, to));
        }
        return builder.build();
    }

    private static Tensor tensor(Map<String, Object> json) {
        double[] dims = numbers(json.get("shape"));
        long[] shape = new long[dims.length];
        for (int i = 0; i < dims.length; i++) {
            shape[i] = (long) dims[i];
        }
        Object data = json.get("data");
        DataType type = DataType.valueOf(String.valueOf(json.get("datatype")));
        switch (type) {
            case FP32 -> {
                double[] numbers = numbers(data);
                float[] floats = new float[numbers.length];
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = (float) numbers[i];
                }
                return Tensor.transfer(floats, shape);
            }
            case FP64 -> {
                return Tensor.transfer(numbers(data), shape);
            }
            case INT64 -> {
                return Tensor.transfer(longs(data), shape);
            }
            case INT32 -> {
                return Tensor.transfer(
                        Arrays.stream(longs(data)).mapToInt(Math::toIntExact).toArray(), shape);
            }
            case INT16, FP16, BF16 -> {
                long[] longs = longs(data);
                short[] shorts = new short[longs.length];
                for (int i = 0; i < shorts.length; i++) {
                    shorts[i] = (short) longs[i];
                }
                return Tensor.transfer(type, shorts, shape);
            }
            case INT8, UINT8 -> {
                long[] longs = longs(data);
                byte[] bytes = new byte[longs.length];
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) longs[i];
                }
                return Tensor.transfer(type, bytes, shape);
            }
            case BOOL -> {
                List<?> values = (List<?>) data;
                boolean[] booleans = new boolean[values.size()];
                for (int i = 0; i < booleans.length; i++) {
                    booleans[i] = (Boolean) values.get(i);
                }
                return Tensor.transfer(booleans, shape);
            }
            case BYTES -> {
                return Tensor.transfer(strings(data).toArray(String[]::new), shape);
            }
        }
        throw new IllegalStateException("type " + type);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    private static List<String> strings(Object value) {
        return ((List<?>) value).stream().map(String::valueOf).toList();
    }

    /** JSON has no number that is none, or infinite: those are null, {@code "inf"} and {@code "-inf"}. */
    private static double[] numbers(Object value) {
        return ((List<?>) value)
                .stream()
                        .mapToDouble(v -> v == null
                                ? Double.NaN
                                : v instanceof Number number
                                        ? number.doubleValue()
                                        : Double.parseDouble(String.valueOf(v).replace("inf", "Infinity")))
                        .toArray();
    }

    private static long[] longs(Object value) {
        return ((List<?>) value)
                .stream().mapToLong(v -> ((Number) v).longValue()).toArray();
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
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
            case VALUE_TRUE -> {
                return true;
            }
            case VALUE_FALSE -> {
                return false;
            }
            case VALUE_NULL -> {
                return null;
            }
            case VALUE_NUMBER_INT -> {
                return parser.getLongValue();
            }
            default -> {
                return parser.getDoubleValue();
            }
        }
    }
}
