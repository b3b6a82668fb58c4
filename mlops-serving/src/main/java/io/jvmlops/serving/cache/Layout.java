package io.jvmlops.serving.cache;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.InferenceModel;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How inputs become keys: one row of every input, or the whole call, in the order of the signature. Extents are part of the key
 * where the signature leaves them open; all else about the inputs is the scope's.
 *
 * <p>Where all elements count as they are, they are copied in bulk, and looked up like that: canonical bytes are also what most
 * callers send. Only what is not found is looked at element by element ({@link #canonicalize}). Other rules choose and
 * change elements, each of which becomes 8 bytes.
 */
final class Layout {
    private static final int VERSION = 1;

    private static final int NAN_FP32 = Float.floatToIntBits(Float.NaN);
    private static final long NAN_FP64 = Double.doubleToLongBits(Double.NaN);

    /** A double has no more whole numbers beyond, so there is nothing to be rounded. */
    private static final double WHOLE = 0x1p53;

    private final Part[] parts;
    private final boolean whole;
    private final CacheRule rule;
    private final boolean exact;
    private final boolean floating;
    /** Where inputs are rows of floats and nothing else, as most are: what one row looks like, else null. */
    private final @Nullable Shape rowOfFloats;

    private Layout(Part[] parts, boolean whole, CacheRule rule) {
        this.parts = parts;
        this.whole = whole;
        this.rule = rule;
        this.exact = rule.isExact();
        this.rowOfFloats = exact && !whole && parts.length == 1 ? parts[0].rowOfFloats : null;
        boolean any = false;
        for (Part part : parts) {
            any |= part.type.isFloating();
        }
        this.floating = any;
    }

    /** One input. */
    private static final class Part {
        private final String name;
        private final DataType type;
        private final boolean open;
        /** Elements of a row, or -1 where the signature leaves that open, or does not fit. */
        private final int width;
        /** The shape of one row of floats whose extents the signature says, else null. */
        private final @Nullable Shape rowOfFloats;
        /** Whether it counts, by position along the last axis; of length 1 for all elements alike. */
        private final boolean[] counted;
        /** What it is multiplied with before it is rounded, 0 for not at all; as above. */
        private final double[] scales;
        /** What whole numbers are rounded to multiples of, 1 for not at all; as above. */
        private final long[] units;

        Part(TensorSpec spec, boolean whole, CacheRule rule) {
            name = spec.name();
            type = spec.type();
            open = isOpen(spec, whole ? 0 : 1);
            width = open || spec.width() > Integer.MAX_VALUE ? -1 : (int) spec.width();
            rowOfFloats = type == DataType.FP32 && width >= 0 ? oneRow(spec) : null;
            List<String> features = features(spec);
            counted = new boolean[features.size()];
            scales = new double[features.size()];
            units = new long[features.size()];
            for (int i = 0; i < counted.length; i++) {
                String feature = features.get(i);
                counted[i] = rule.counts(feature) || rule.counts(name);
                Integer digits = rule.digits(feature);
                digits = digits == null ? rule.digits(name) : digits;
                scales[i] = digits == null ? 0 : Math.pow(10, digits);
                units[i] = digits == null || digits >= 0 ? 1 : (long) Math.pow(10, -digits);
            }
        }

        /** Without the division, which takes as long as the copying. */
        int rowSize(Tensor tensor) {
            return width < 0 ? tensor.rowSize() : width;
        }
    }

    private static List<String> features(TensorSpec spec) {
        return spec.columns().isEmpty() ? List.of(spec.name()) : spec.columns();
    }

    /**
     * How the inputs of a model become keys.
     *
     * @param whole whether a call is one key, or each row
     * @throws InvalidInputException if the rule names a feature that the model does not have, or rounds what is no number
     */
    static Layout of(InferenceModel model, boolean whole, CacheRule rule) {
        List<TensorSpec> inputs = model.signature().inputs();
        check(model, inputs, rule);
        return new Layout(
                inputs.stream().map(spec -> new Part(spec, whole, rule)).toArray(Part[]::new), whole, rule);
    }

    private static void check(InferenceModel model, List<TensorSpec> inputs, CacheRule rule) {
        TreeSet<String> known = new TreeSet<>();
        List<String> mismatches = new ArrayList<>();
        for (TensorSpec spec : inputs) {
            known.add(spec.name());
            known.addAll(features(spec));
            if (!spec.type().isFloating() && !spec.type().isInteger()) {
                for (String feature : features(spec)) {
                    if (rule.digits(feature) != null || rule.digits(spec.name()) != null) {
                        mismatches.add("feature '" + feature + "' is rounded but is " + spec.type());
                    }
                }
            }
        }
        for (String name : rule.named()) {
            if (!known.contains(name)) {
                mismatches.add("feature '" + name + "' is not one of " + known);
            }
        }
        if (!mismatches.isEmpty()) {
            throw new InvalidInputException(
                    "the cache rule of model " + model.digest().abbreviated(), mismatches);
        }
    }

    /** All that keys of this layout have in common, so that no two models, schemas or rules can be taken for each other. */
    byte[] header(InferenceModel model) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(VERSION);
            out.writeUTF(model.digest().hex());
            out.writeUTF(model.flavor());
            specs(out, model.signature().inputs());
            specs(out, model.signature().outputs());
            out.writeBoolean(whole);
            out.writeBoolean(rule.isExact());
            for (Part part : rule.isExact() ? new Part[0] : parts) {
                out.writeBoolean(rule.zeroSignIgnored());
                out.writeInt(part.counted.length);
                for (int i = 0; i < part.counted.length; i++) {
                    out.writeBoolean(part.counted[i]);
                    out.writeDouble(part.scales[i]);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void specs(DataOutputStream out, List<TensorSpec> specs) throws IOException {
        out.writeInt(specs.size());
        for (TensorSpec spec : specs) {
            // Names may be longer than writeUTF takes, and hold lone surrogates.
            out.writeInt(spec.name().length());
            out.writeChars(spec.name());
            out.writeUTF(spec.type().name());
            out.writeInt(spec.shape().rank());
            for (int axis = 0; axis < spec.shape().rank(); axis++) {
                out.writeLong(spec.shape().dim(axis));
            }
        }
    }

    /** Whether keys can be made of rows of floats as they are. */
    boolean takesFloats() {
        return rowOfFloats != null;
    }

    /** Whether inputs are one row that fits the signature, as far as that is seen at a glance; others may be, too. */
    boolean isRowOfFloats(Tensors inputs) {
        if (rowOfFloats == null || inputs.size() != 1) {
            return false;
        }
        Tensor tensor = inputs.at(0);
        return tensor.type() == DataType.FP32
                && tensor.shape().equals(rowOfFloats)
                && inputs.nameAt(0).equals(parts[0].name);
    }

    /** Writes the key of a row of floats; as {@link #write}. */
    boolean write(KeyBuffer buffer, float[] rows, int from, int width) {
        buffer.clear();
        int at = buffer.reserve((long) width * Float.BYTES);
        if (at < 0) {
            return false;
        }
        buffer.floats().put(at / Float.BYTES, rows, from, width);
        return true;
    }

    /**
     * Writes the key of a row, or of all if calls are wholes; not hashed yet.
     *
     * @param inputs fit the signature
     * @return whether it was not too long
     */
    boolean write(KeyBuffer buffer, Tensors inputs, int row) {
        buffer.clear();
        if (rowOfFloats != null) {
            return floats(buffer, inputs.at(0), row, parts[0].width);
        }
        for (int i = 0; i < parts.length; i++) {
            Part part = parts[i];
            Tensor tensor =
                    i < inputs.size() && inputs.nameAt(i).equals(part.name) ? inputs.at(i) : inputs.get(part.name);
            int length = whole ? tensor.size() : part.rowSize(tensor);
            int from = whole ? 0 : row * length;
            if (part.open && !extents(buffer, tensor)) {
                return false;
            }
            boolean fits = exact ? copy(buffer, part, tensor, from, length) : pick(buffer, part, tensor, from, length);
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static boolean floats(KeyBuffer buffer, Tensor tensor, int row, int width) {
        int at = buffer.reserve((long) width * Float.BYTES);
        if (at < 0) {
            return false;
        }
        tensor.copyTo(row * width, buffer.floats(), at / Float.BYTES, width);
        return true;
    }

    private boolean extents(KeyBuffer buffer, Tensor tensor) {
        int rank = tensor.shape().rank();
        int at = buffer.reserve((long) rank * Long.BYTES);
        if (at < 0) {
            return false;
        }
        LongBuffer longs = buffer.longs();
        for (int axis = 0; axis < rank; axis++) {
            longs.put(
                    at / Long.BYTES + axis,
                    axis == 0 && !whole ? 1 : tensor.shape().dim(axis));
        }
        return true;
    }

    private static boolean copy(KeyBuffer buffer, Part part, Tensor tensor, int from, int length) {
        if (part.type == DataType.BYTES) {
            for (int i = 0; i < length; i++) {
                if (!text(buffer, tensor.stringAt(from + i))) {
                    return false;
                }
            }
            return true;
        }
        int size = part.type.bytes();
        int at = buffer.reserve((long) length * size);
        if (at < 0) {
            return false;
        }
        switch (part.type) {
            case FP32 -> tensor.copyTo(from, buffer.floats(), at / size, length);
            case FP64 -> tensor.copyTo(from, buffer.doubles(), at / size, length);
            case INT64 -> tensor.copyTo(from, buffer.longs(), at / size, length);
            case INT32 -> tensor.copyTo(from, buffer.ints(), at / size, length);
            case INT16, FP16, BF16 -> tensor.copyTo(from, buffer.shorts(), at / size, length);
            default -> tensor.copyTo(from, buffer.raw(), at, length);
        }
        return true;
    }

    private static boolean text(KeyBuffer buffer, String text) {
        int at = buffer.reserve(Integer.BYTES + 2L * text.length());
        if (at < 0) {
            return false;
        }
        ByteBuffer raw = buffer.raw();
        raw.putInt(at, text.length());
        for (int i = 0; i < text.length(); i++) {
            raw.putChar(at + Integer.BYTES + 2 * i, text.charAt(i));
        }
        return true;
    }

    private boolean pick(KeyBuffer buffer, Part part, Tensor tensor, int from, int length) {
        int features = part.counted.length;
        int rank = tensor.shape().rank();
        // Positions count along the last axis, wherever in a batch the row is.
        int last = features == 1 || rank == 0 || rank == 1 && !whole
                ? 1
                : (int) tensor.shape().dim(rank - 1);
        for (int i = 0; i < length; i++) {
            int feature = i % last;
            boolean named = feature < features;
            if (named && !part.counted[feature]) {
                continue;
            }
            if (part.type == DataType.BYTES) {
                if (!text(buffer, tensor.stringAt(from + i))) {
                    return false;
                }
                continue;
            }
            int at = buffer.reserve(Long.BYTES);
            if (at < 0) {
                return false;
            }
            long element = part.type.isFloating()
                    ? number(tensor.doubleAt(from + i), named ? part.scales[feature] : 0)
                    : whole(tensor.longAt(from + i), named ? part.units[feature] : 1);
            buffer.longs().put(at / Long.BYTES, element);
        }
        return true;
    }

    /** In units, to the nearest, exactly. */
    private static long whole(long value, long unit) {
        if (unit == 1) {
            return value;
        }
        long rest = value % unit;
        return value / unit + (Math.abs(rest) * 2 >= unit ? Long.signum(value) : 0);
    }

    private long number(double value, double scale) {
        if (scale != 0 && Math.abs(value * scale) < WHOLE) {
            long units = (long) Math.rint(value * scale);
            // As bits of a double these would be numbers so small that they are rounded, never one too large to be.
            return units << 1 ^ units >> 63;
        }
        return Double.doubleToLongBits(rule.zeroSignIgnored() ? value + 0.0 : value);
    }

    /**
     * Makes one of all NaN.
     *
     * @return whether anything was changed, so that another key may be found
     */
    boolean canonicalize(KeyBuffer buffer, Tensors inputs) {
        if (!floating || !exact) {
            return false;
        }
        int at = 0;
        boolean changed = false;
        for (Part part : parts) {
            Tensor tensor = inputs.get(part.name);
            int length = whole ? tensor.size() : tensor.rowSize();
            at = at + 7 & ~7;
            if (part.open) {
                at += tensor.shape().rank() * Long.BYTES;
            }
            if (part.type == DataType.BYTES) {
                for (int i = 0; i < length; i++) {
                    at = at + 7 & ~7;
                    at += Integer.BYTES + 2 * buffer.raw().getInt(at);
                }
            } else {
                changed |= part.type.isFloating() && canonicalize(buffer, part.type, at, length);
                at += length * part.type.bytes();
            }
        }
        return changed;
    }

    /** As above, for the key of a row of floats. */
    boolean canonicalize(KeyBuffer buffer, int width) {
        return canonicalize(buffer, DataType.FP32, 0, width);
    }

    private static boolean canonicalize(KeyBuffer buffer, DataType type, int at, int length) {
        boolean changed = false;
        for (int i = 0; i < length; i++) {
            changed |= switch (type) {
                case FP32 -> nan32(buffer, at + i * Float.BYTES);
                case FP64 -> nan64(buffer, at + i * Double.BYTES);
                case FP16 -> nan16(buffer, at + i * Short.BYTES, 0x7c00, 0x7e00);
                case BF16 -> nan16(buffer, at + i * Short.BYTES, 0x7f80, 0x7fc0);
                default -> false;
            };
        }
        return changed;
    }

    private static boolean nan32(KeyBuffer buffer, int at) {
        int bits = buffer.raw().getInt(at);
        boolean other = (bits & 0x7fffffff) > 0x7f800000 && bits != NAN_FP32;
        if (other) {
            buffer.raw().putInt(at, NAN_FP32);
        }
        return other;
    }

    private static boolean nan64(KeyBuffer buffer, int at) {
        long bits = buffer.raw().getLong(at);
        boolean other = (bits & Long.MAX_VALUE) > 0x7ff0000000000000L && bits != NAN_FP64;
        if (other) {
            buffer.raw().putLong(at, NAN_FP64);
        }
        return other;
    }

    private static boolean nan16(KeyBuffer buffer, int at, int infinity, int canonical) {
        int bits = buffer.raw().getShort(at) & 0xffff;
        boolean other = (bits & 0x7fff) > infinity && bits != canonical;
        if (other) {
            buffer.raw().putShort(at, (short) canonical);
        }
        return other;
    }

    /**
     * Whether a model's inputs and outputs can be taken apart by rows: every one declares a free leading extent, and no output
     * another free one, since a row that was filled up to the length of its longest neighbour is not the answer to the row alone.
     */
    static boolean hasRows(InferenceModel model) {
        List<TensorSpec> inputs = model.signature().inputs();
        List<TensorSpec> outputs = model.signature().outputs();
        return !inputs.isEmpty()
                && !outputs.isEmpty()
                && inputs.stream().allMatch(Layout::hasRows)
                && outputs.stream().allMatch(spec -> hasRows(spec) && !isOpen(spec, 1));
    }

    private static boolean hasRows(TensorSpec spec) {
        return spec.shape().rank() > 0 && spec.shape().dim(0) == Shape.DYNAMIC;
    }

    /** The shape of one row; null if there are no rows, or the signature leaves their extents open. */
    static @Nullable Shape oneRow(TensorSpec spec) {
        if (!hasRows(spec) || isOpen(spec, 1)) {
            return null;
        }
        long[] dims = spec.shape().dims();
        dims[0] = 1;
        return Shape.of(dims);
    }

    private static boolean isOpen(TensorSpec spec, int fromAxis) {
        for (int axis = fromAxis; axis < spec.shape().rank(); axis++) {
            if (spec.shape().dim(axis) == Shape.DYNAMIC) {
                return true;
            }
        }
        return false;
    }
}
