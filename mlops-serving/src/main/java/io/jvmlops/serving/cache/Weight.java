package io.jvmlops.serving.cache;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;

/** What an entry takes of the heap: key, answer, and the tables' nodes. As HotSpot lays objects out, with what flags it has. */
final class Weight {
    /** Bytes of a reference. */
    private static final long REFERENCE = Runtime.getRuntime().maxMemory() < 32L << 30 ? 4L : 8L;

    private static final int HEADER = 12;
    private static final int ARRAY = 16;

    /** The table's node and slot, Caffeine's node, and its sketch of frequencies. */
    private static final long NODES = object(4 + 3 * REFERENCE) + object(12 + 6 * REFERENCE + 16) + 2 * REFERENCE + 12;

    private static final long KEY = object(2 * REFERENCE + 8);
    private static final long TENSORS = object(2 * REFERENCE);
    private static final long TENSOR = object(3 * REFERENCE + 4);
    private static final long SHAPE = object(REFERENCE);

    private Weight() {}

    private static long object(long fields) {
        return HEADER + fields + 7 & ~7L;
    }

    private static long array(long bytes) {
        return ARRAY + bytes + 7 & ~7L;
    }

    static int of(CacheKey key, Tensors value) {
        return (int) Math.min(Integer.MAX_VALUE, NODES + KEY + array(key.bytes().length) + of(value));
    }

    /** Names are the model's, and shared. */
    private static long of(Tensors value) {
        int count = value.size();
        long bytes = TENSORS + array(count * REFERENCE);
        for (int i = 0; i < count; i++) {
            Tensor tensor = value.at(i);
            bytes += TENSOR + SHAPE + array((long) tensor.shape().rank() * Long.BYTES);
            if (tensor.type() == DataType.BYTES) {
                bytes += array(tensor.size() * REFERENCE);
                for (int e = 0; e < tensor.size(); e++) {
                    bytes += object(REFERENCE + 6)
                            + array(2L * tensor.stringAt(e).length());
                }
            } else {
                bytes += array((long) tensor.size() * tensor.type().bytes());
            }
        }
        return bytes;
    }
}
