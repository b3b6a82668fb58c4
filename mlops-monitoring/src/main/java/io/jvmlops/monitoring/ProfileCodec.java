package io.jvmlops.monitoring;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Profile;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/** The form that {@link ReferenceProfile#toBytes} tells of. */
final class ProfileCodec {
    private static final int MAGIC = 0x4A4D5046; // JMPF
    private static final int VERSION = 1;
    private static final int NUMERIC = 1;
    private static final int LEVELS = 2;

    private ProfileCodec() {}

    static byte[] write(ReferenceProfile profile) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(MAGIC);
            out.writeByte(VERSION);
            write(out, profile.signature().inputs());
            write(out, profile.signature().outputs());
            write(out, profile.inputs());
            write(out, profile.outputs());
            out.writeInt(checksum(bytes.toByteArray(), bytes.size()));
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot be written", e);
        }
        return bytes.toByteArray();
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    private static void write(DataOutputStream out, List<TensorSpec> specs) throws IOException {
        out.writeInt(specs.size());
        for (TensorSpec spec : specs) {
            write(out, spec.name());
            write(out, spec.type().name());
            out.writeInt(spec.shape().rank());
            for (long dim : spec.shape().dims()) {
                out.writeLong(dim);
            }
            out.writeInt(spec.columns().size());
            for (String column : spec.columns()) {
                write(out, column);
            }
        }
    }

    private static void write(DataOutputStream out, Profile profile) throws IOException {
        out.writeLong(profile.rows());
        out.writeInt(profile.columns().size());
        for (ColumnProfile column : profile.columns().values()) {
            write(out, column.column());
            if (column instanceof NumericProfile numeric) {
                out.writeByte(NUMERIC);
                out.writeLong(numeric.missing());
                out.writeLong(numeric.finite());
                out.writeDouble(numeric.min());
                out.writeDouble(numeric.max());
                out.writeDouble(numeric.mean());
                out.writeDouble(numeric.variance());
                double[] edges = numeric.edges();
                out.writeInt(edges.length);
                for (double edge : edges) {
                    out.writeDouble(edge);
                }
                for (long bin : numeric.bins()) {
                    out.writeLong(bin);
                }
            } else if (column instanceof CategoricalProfile categorical) {
                out.writeByte(LEVELS);
                out.writeLong(categorical.missing());
                out.writeLong(categorical.other());
                out.writeInt(categorical.levels().size());
                for (Map.Entry<String, Long> level : categorical.levels().entrySet()) {
                    write(out, level.getKey());
                    out.writeLong(level.getValue());
                }
            }
        }
    }

    /** UTF-16, which holds every Java string, unpaired surrogates included. */
    private static void write(DataOutputStream out, String text) throws IOException {
        out.writeInt(text.length());
        out.writeChars(text);
    }

    static ReferenceProfile read(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        if (bytes.length < 9 || in.getInt() != MAGIC) {
            throw invalid("it does not begin like one");
        }
        int version = in.get();
        if (version != VERSION) {
            throw invalid("version " + version + " is unknown, expected " + VERSION);
        }
        if (in.getInt(bytes.length - 4) != checksum(bytes, bytes.length - 4)) {
            throw invalid("its checksum does not fit: it was damaged or cut short");
        }
        in.limit(bytes.length - 4);
        try {
            ModelSignature signature = new ModelSignature(readSpecs(in), readSpecs(in));
            Profile inputs = readProfile(in);
            Profile outputs = readProfile(in);
            if (in.hasRemaining()) {
                throw invalid(in.remaining() + " bytes are left over");
            }
            ReferenceProfile profile = new ReferenceProfile(signature, inputs, outputs);
            check(inputs, profile.inputLayout(), false);
            check(outputs, profile.outputLayout(), true);
            return profile;
        } catch (BufferUnderflowException e) {
            throw invalid("it ends too early");
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw invalid(String.valueOf(e.getMessage()));
        }
    }

    private static InvalidInputException invalid(String why) {
        return new InvalidInputException("stored profile: " + why);
    }

    private static void check(Profile profile, Layout layout, boolean mayBeEmpty) {
        if (mayBeEmpty && profile.columns().isEmpty()) {
            return;
        }
        if (!new ArrayList<>(profile.columns().keySet())
                .equals(new ArrayList<>(layout.columns().keySet()))) {
            throw invalid("its columns are not those of its signature");
        }
        layout.columns().forEach((name, type) -> {
            boolean levels = type == DataType.BYTES || type == DataType.BOOL;
            if (levels != (profile.columns().get(name) instanceof CategoricalProfile)) {
                throw invalid("column '" + name + "' is of another kind than in its signature");
            }
        });
    }

    /** A number of items that the rest of the bytes can hold, so that no length makes us allocate more than was given. */
    private static int readLength(ByteBuffer in, int itemBytes) {
        int length = in.getInt();
        if (length < 0 || (long) length * itemBytes > in.remaining()) {
            throw invalid("a list of " + length + " items does not fit the " + in.remaining() + " bytes left");
        }
        return length;
    }

    private static List<TensorSpec> readSpecs(ByteBuffer in) {
        int length = readLength(in, 16);
        List<TensorSpec> specs = new ArrayList<>(length);
        for (int i = 0; i < length; i++) {
            String name = readString(in);
            DataType type = DataType.valueOf(readString(in));
            long[] dims = new long[readLength(in, 8)];
            for (int axis = 0; axis < dims.length; axis++) {
                dims[axis] = in.getLong();
            }
            int columns = readLength(in, 4);
            List<String> names = new ArrayList<>(columns);
            for (int j = 0; j < columns; j++) {
                names.add(readString(in));
            }
            specs.add(new TensorSpec(name, type, Shape.of(dims), names));
        }
        return specs;
    }

    private static Profile readProfile(ByteBuffer in) {
        long rows = in.getLong();
        if (rows < 0) {
            throw invalid("it has " + rows + " rows");
        }
        int length = readLength(in, 25);
        Map<String, ColumnProfile> columns = new LinkedHashMap<>();
        for (int i = 0; i < length; i++) {
            String name = readString(in);
            int kind = in.get();
            ColumnProfile column = switch (kind) {
                case NUMERIC -> readNumeric(in, name);
                case LEVELS -> readLevels(in, name);
                default -> throw invalid("column '" + name + "' is of the unknown kind " + kind);
            };
            if (columns.put(name, column) != null) {
                throw invalid("it has column '" + name + "' twice");
            }
        }
        return new Profile(rows, columns);
    }

    private static NumericProfile readNumeric(ByteBuffer in, String name) {
        long missing = in.getLong();
        long finite = in.getLong();
        double min = in.getDouble();
        double max = in.getDouble();
        double mean = in.getDouble();
        double variance = in.getDouble();
        double[] edges = new double[readLength(in, 16)];
        for (int i = 0; i < edges.length; i++) {
            edges[i] = in.getDouble();
        }
        long[] bins = new long[edges.length + 1];
        for (int i = 0; i < bins.length; i++) {
            bins[i] = in.getLong();
        }
        if (variance < 0) {
            throw invalid("column '" + name + "' has a negative variance");
        }
        return new NumericProfile(name, missing, finite, min, max, mean, variance, edges, bins);
    }

    private static CategoricalProfile readLevels(ByteBuffer in, String name) {
        long missing = in.getLong();
        long other = in.getLong();
        int length = readLength(in, 12);
        long total = Math.addExact(requireCount(name, missing), requireCount(name, other));
        Map<String, Long> levels = new LinkedHashMap<>();
        for (int i = 0; i < length; i++) {
            String level = readString(in);
            long count = requireCount(name, in.getLong());
            total = Math.addExact(total, count);
            if (levels.put(level, count) != null) {
                throw invalid("column '" + name + "' has a level twice");
            }
        }
        return new CategoricalProfile(name, missing, levels, other);
    }

    private static long requireCount(String column, long count) {
        if (count < 0) {
            throw invalid("column '" + column + "' has a negative count");
        }
        return count;
    }

    private static String readString(ByteBuffer in) {
        char[] chars = new char[readLength(in, 2)];
        for (int i = 0; i < chars.length; i++) {
            chars[i] = in.getChar();
        }
        return new String(chars);
    }
}
