package io.jvmlops.serving.cache;

import com.dynatrace.hash4j.hashing.HashStream64;
import com.dynatrace.hash4j.hashing.Hashing;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * What counts as the same request elsewhere, by what these projects' sources say they put into a key; written anew from that, for
 * tests that count what such keys take for the same. How they store and expire is left out.
 */
enum PeerKeys {
    /**
     * Triton's response cache: one 64-bit hash of the model's name, its version and, input by input in the order of their names,
     * the name and the bytes of the buffer; neither datatype nor shape. The hash is the key, so nothing is compared.
     * ({@code TritonCache::Hash}, {@code HashInputs} and {@code HashInputBuffers} in {@code src/cache_manager.cc} of
     * triton-inference-server/core.) Here with XXH3, which is better than the hash combining there. A string is in its buffer as
     * its length and its bytes.
     */
    TRITON {
        @Override
        Object of(String model, int version, Tensors inputs) {
            HashStream64 hash = Hashing.xxh3_64().hashStream();
            hash.putString(model).putInt(version);
            Map<String, Tensor> byName = new TreeMap<>(inputs.toMap());
            byName.forEach((name, tensor) -> hash.putString(name).putBytes(bytes(tensor)));
            return hash.getAsLong();
        }
    },
    /**
     * MLServer's response cache: the JSON of the request's payload. The name of the model and its version are in the URL, not in
     * the payload, and one cache serves all models. ({@code cache_key = payload.model_dump_json()} in {@code
     * mlserver/handlers/dataplane.py} of SeldonIO/MLServer, before the request gets an id.)
     */
    MLSERVER {
        @Override
        Object of(String model, int version, Tensors inputs) {
            StringBuilder json = new StringBuilder(64).append("{\"inputs\":[");
            for (int i = 0; i < inputs.size(); i++) {
                Tensor tensor = inputs.at(i);
                json.append("{\"name\":\"").append(inputs.nameAt(i)).append("\",\"shape\":");
                json.append(tensor.shape()).append(",\"datatype\":\"").append(tensor.type());
                json.append("\",\"data\":[");
                for (int e = 0; e < tensor.size(); e++) {
                    switch (tensor.type()) {
                        case BYTES -> json.append('"')
                                .append(tensor.stringAt(e).replace("\"", "\\\""))
                                .append('"');
                        case FP32 -> json.append((float) tensor.doubleAt(e));
                        case FP64, FP16, BF16 -> json.append(tensor.doubleAt(e));
                        default -> json.append(tensor.longAt(e));
                    }
                    json.append(',');
                }
                json.append("]}");
            }
            return json.append("]}").toString();
        }
    },
    /**
     * DJL Serving's cache engine where it combines the requests of several users: the 32-bit {@code Arrays.hashCode} of the request's
     * data, as text. Neither model nor name, type or shape are in it, and nothing is compared. ({@code CacheEngine.create(Input)}
     * in {@code serving/src/main/java/ai/djl/serving/cache} of deepjavalibrary/djl-serving.)
     */
    DJL_SERVING {
        @Override
        Object of(String model, int version, Tensors inputs) {
            int hash = 1;
            for (int i = 0; i < inputs.size(); i++) {
                hash = 31 * hash + Arrays.hashCode(bytes(inputs.at(i)));
            }
            return String.valueOf(hash);
        }
    };

    abstract Object of(String model, int version, Tensors inputs);

    /** As it goes over the wire: little-endian, row by row. */
    private static byte[] bytes(Tensor tensor) {
        if (tensor.type() == DataType.BYTES) {
            byte[][] texts = new byte[tensor.size()][];
            int size = 0;
            for (int i = 0; i < texts.length; i++) {
                texts[i] = tensor.stringAt(i).getBytes(StandardCharsets.UTF_8);
                size += 4 + texts[i].length;
            }
            ByteBuffer all = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
            for (byte[] text : texts) {
                all.putInt(text.length).put(text);
            }
            return all.array();
        }
        ByteBuffer all = ByteBuffer.allocate(tensor.size() * tensor.type().bytes())
                .order(ByteOrder.LITTLE_ENDIAN);
        switch (tensor.type()) {
            case FP32 -> all.asFloatBuffer().put(tensor.asFloatBuffer());
            case FP64 -> all.asDoubleBuffer().put(tensor.asDoubleBuffer());
            case INT64 -> all.asLongBuffer().put(tensor.asLongBuffer());
            case INT32 -> all.asIntBuffer().put(tensor.asIntBuffer());
            case INT16, FP16, BF16 -> all.asShortBuffer().put(tensor.asShortBuffer());
            default -> tensor.copyTo(0, all, 0, tensor.size());
        }
        return all.array();
    }
}
