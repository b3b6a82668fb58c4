package io.jvmlops.serving.cache;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.Tensors;
import java.lang.management.ManagementFactory;

/**
 * What an entry takes of the heap: key, answer, and the nodes of the tables. As HotSpot lays objects out with the flags that it
 * runs with; elsewhere, as it does by default.
 */
final class Weight {
    private static final boolean COMPACT_HEADERS = flag("UseCompactObjectHeaders", false);

    private static final long REFERENCE =
            flag("UseCompressedOops", Runtime.getRuntime().maxMemory() < 32L << 30) ? 4 : 8;
    private static final long HEADER = COMPACT_HEADERS ? 8 : flag("UseCompressedClassPointers", true) ? 12 : 16;

    /** A table's slot, of which there are one to three for each entry, and counters of a sketch of frequencies. */
    private static final long SHARE_OF_TABLES = 2 * REFERENCE + 12;

    private static final long KEY = object(2 * REFERENCE + Long.BYTES);
    private static final long TENSORS = object(4 * REFERENCE);
    private static final long TENSOR = object(3 * REFERENCE + Integer.BYTES);
    private static final long STRING = object(REFERENCE + Integer.BYTES + 2);

    /** All of an entry that is there whatever it holds. */
    private final long fixed;

    /** For a cache that expires entries after a write, an access, or neither. */
    Weight(boolean afterWrite, boolean afterAccess) {
        long node = 4 * REFERENCE + 3 * Integer.BYTES;
        node += afterWrite ? Long.BYTES + 2 * REFERENCE : 0;
        node += afterAccess ? Long.BYTES : 0;
        fixed = object(Integer.BYTES + 3 * REFERENCE) + object(node) + SHARE_OF_TABLES + KEY;
    }

    private static boolean flag(String name, boolean otherwise) {
        try {
            HotSpotDiagnosticMXBean vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
            return vm == null
                    ? otherwise
                    : Boolean.parseBoolean(vm.getVMOption(name).getValue());
        } catch (IllegalArgumentException | LinkageError | SecurityException e) {
            // Another virtual machine, or one without that flag.
            return otherwise;
        }
    }

    private static long aligned(long bytes) {
        return bytes + 7 & ~7L;
    }

    private static long object(long fields) {
        return aligned(HEADER + fields);
    }

    private static long array(long length, long element) {
        long start = HEADER + Integer.BYTES;
        return aligned((element == Long.BYTES ? aligned(start) : start) + length * element);
    }

    /** @param value tensors, or the {@code float[]} of a {@link FloatAnswer} */
    int of(CacheKey key, Object value) {
        long answer = value instanceof float[] floats ? array(floats.length, Float.BYTES) : of((Tensors) value);
        return (int) Math.min(Integer.MAX_VALUE, fixed + array(key.bytes().length, 1) + answer);
    }

    /** Names are the model's, and a shape is nearly always one object for all answers of a model. */
    private static long of(Tensors value) {
        int count = value.size();
        long bytes = TENSORS + (count > 1 ? 2 * array(count - 1, REFERENCE) : 0);
        for (int i = 0; i < count; i++) {
            Tensor tensor = value.at(i);
            bytes += TENSOR;
            if (tensor.type() == DataType.BYTES) {
                bytes += array(tensor.size(), REFERENCE);
                for (int e = 0; e < tensor.size(); e++) {
                    bytes += of(tensor.stringAt(e));
                }
            } else {
                bytes += array(tensor.size(), tensor.type().bytes());
            }
        }
        return bytes;
    }

    /** Text of Latin 1 has a byte for each character. */
    private static long of(String text) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            if (text.charAt(i) > 0xff) {
                return STRING + array(length, 2);
            }
        }
        return STRING + array(length, 1);
    }
}
