package io.jvmlops.serving.cache;

import com.dynatrace.hash4j.hashing.HashStream64;
import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import org.jspecify.annotations.Nullable;

/**
 * What an answer depends on: the model's bytes, the form it was loaded from, and the inputs with names, types, shapes
 * and elements. Two keys are equal only if all of that is; the hash (komihash 5, 64 bits, folded to 32 for the table) is
 * computed once. All NaN are one value, {@code 0.0} and {@code -0.0} are two.
 */
final class CacheKey {
    private static final Hasher64 HASHER = Hashing.komihash5_0();

    private final Digest digest;
    private final String flavor;
    private final Tensors inputs;
    private final long hash;

    private CacheKey(Digest digest, String flavor, Tensors inputs, long hash) {
        this.digest = digest;
        this.flavor = flavor;
        this.inputs = inputs;
        this.hash = hash;
    }

    /** @param order the model's input names, so that the order in which a caller names them does not matter */
    static CacheKey of(Digest digest, String flavor, String[] order, Tensors inputs) {
        HashStream64 stream = HASHER.hashStream();
        // The digest is hashed already: some of its bits are as good as all.
        stream.putInt(digest.hashCode()).putInt(flavor.hashCode());
        for (int i = 0; i < order.length; i++) {
            Tensor tensor =
                    i < inputs.size() && inputs.nameAt(i).equals(order[i]) ? inputs.at(i) : inputs.get(order[i]);
            put(stream, tensor);
        }
        return new CacheKey(digest, flavor, inputs, stream.getAsLong());
    }

    private static void put(HashStream64 stream, Tensor tensor) {
        DataType type = tensor.type();
        stream.putByte((byte) type.name().hashCode()).putInt(tensor.shape().hashCode());
        int size = tensor.size();
        switch (type) {
            case FP32, FP64 -> {
                for (int i = 0; i < size; i++) {
                    // doubleToLongBits makes all NaN one, as equality does. Every float is a double, uniquely.
                    stream.putLong(Double.doubleToLongBits(tensor.doubleAt(i)));
                }
            }
            case BYTES -> {
                for (int i = 0; i < size; i++) {
                    stream.putString(tensor.stringAt(i));
                }
            }
            case FP16, BF16 -> {
                var bits = tensor.asShortBuffer();
                for (int i = 0; i < size; i++) {
                    stream.putShort(bits.get(i));
                }
            }
            default -> {
                for (int i = 0; i < size; i++) {
                    stream.putLong(tensor.longAt(i));
                }
            }
        }
    }

    Digest digest() {
        return digest;
    }

    String flavor() {
        return flavor;
    }

    Tensors inputs() {
        return inputs;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof CacheKey that
                && hash == that.hash
                && digest.equals(that.digest)
                && flavor.equals(that.flavor)
                && inputs.equals(that.inputs);
    }

    @Override
    public int hashCode() {
        return (int) (hash ^ hash >>> 32);
    }
}
