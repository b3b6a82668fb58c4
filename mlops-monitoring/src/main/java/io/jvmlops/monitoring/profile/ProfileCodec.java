package io.jvmlops.monitoring.profile;

import com.dynatrace.hash4j.distinctcount.UltraLogLog;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.Distribution;
import io.jvmlops.api.monitoring.ExactSum;
import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.LevelSample;
import io.jvmlops.api.monitoring.Moments;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Profile;
import io.jvmlops.api.monitoring.Sketch;
import io.jvmlops.monitoring.internal.SealedForm;
import io.jvmlops.monitoring.profile.WindowProfile.Segment;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The form that {@link ReferenceProfile#toBytes} tells of. */
final class ProfileCodec {
    /** JMPF. */
    private static final SealedForm FORM = new SealedForm(0x4A4D5046, 2, "stored profile");

    private static final int MODEL = 1;
    private static final int TABLE = 2;
    private static final int WINDOW = 3;
    private static final int EDGES = 1;
    private static final int LEVELS = 2;
    private static final int SKETCH = 3;

    /** Positions without names take no bytes, and so many bytes do not bound them. */
    private static final int MAX_COLUMNS = 1 << 20;

    private ProfileCodec() {}

    /** What is written between header and checksum. */
    @FunctionalInterface
    private interface Body {
        void write(DataOutputStream out) throws IOException;
    }

    static byte[] write(ReferenceProfile profile) {
        return write(MODEL, out -> {
            write(out, profile.signature().inputs());
            write(out, profile.signature().outputs());
            write(out, profile.inputs());
            write(out, profile.outputs());
        });
    }

    static byte[] write(WindowProfile window) {
        return write(WINDOW, out -> {
            write(out, window.signature().inputs());
            write(out, window.signature().outputs());
            out.writeInt(window.segments().size());
            for (Map.Entry<Integer, Segment> entry : window.segments().entrySet()) {
                out.writeByte(entry.getKey());
                write(out, entry.getValue().inputs());
                write(out, entry.getValue().outputs());
            }
        });
    }

    static byte[] write(Profile profile) {
        return write(TABLE, out -> write(out, profile));
    }

    private static byte[] write(int content, Body body) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(content);
            body.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot be written", e);
        }
        return FORM.seal(bytes.toByteArray());
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
                write(out, numeric);
            } else {
                write(out, (CategoricalProfile) column);
            }
        }
    }

    private static void write(DataOutputStream out, NumericProfile numeric) throws IOException {
        out.writeByte(numeric.distribution() instanceof Sketch ? SKETCH : EDGES);
        out.writeLong(numeric.missing());
        out.writeLong(numeric.nan());
        out.writeLong(numeric.negativeInfinities());
        out.writeLong(numeric.positiveInfinities());
        Moments moments = numeric.moments();
        out.writeLong(moments.count());
        if (moments.count() > 0) {
            out.writeDouble(moments.min());
            out.writeDouble(moments.max());
            write(out, moments.sum());
            write(out, moments.squares());
        }
        if (numeric.distribution() instanceof Sketch sketch) {
            out.writeByte(sketch.shift());
            out.writeInt(sketch.size());
            for (int i = 0; i < sketch.size(); i++) {
                out.writeLong(sketch.key(i));
                out.writeLong(sketch.count(i));
            }
        } else {
            Histogram histogram = numeric.distribution().histogram();
            out.writeInt(histogram.size() - 1);
            for (int i = 0; i < histogram.size() - 1; i++) {
                out.writeDouble(histogram.edge(i));
            }
            for (int i = 0; i < histogram.size(); i++) {
                out.writeLong(histogram.bin(i));
            }
        }
        write(out, numeric.distinctCount().sketch());
    }

    private static void write(DataOutputStream out, ExactSum sum) throws IOException {
        out.writeInt(sum.exponent());
        write(out, sum.unscaled().toByteArray());
    }

    private static void write(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static void write(DataOutputStream out, CategoricalProfile categorical) throws IOException {
        out.writeByte(LEVELS);
        out.writeLong(categorical.missing());
        out.writeLong(categorical.bound());
        out.writeLong(categorical.outside());
        out.writeInt(categorical.levels().size());
        for (int i = 0; i < categorical.levels().size(); i++) {
            write(out, categorical.levels().get(i));
            out.writeLong(categorical.count(i));
        }
        LevelSample unseen = categorical.unseen();
        out.writeInt(unseen.limit());
        out.writeLong(unseen.rows());
        out.writeInt(unseen.levels().size());
        for (LevelSample.Level level : unseen.levels()) {
            write(out, level.name());
            out.writeLong(level.count());
        }
    }

    /** UTF-16, which holds every Java string, unpaired surrogates included. */
    private static void write(DataOutputStream out, String text) throws IOException {
        out.writeInt(text.length());
        out.writeChars(text);
    }

    static ReferenceProfile read(byte[] bytes) {
        return read(bytes, MODEL, ProfileCodec::write, in -> {
            ModelSignature signature = new ModelSignature(readSpecs(in), readSpecs(in));
            Profile inputs = readProfile(in);
            Profile outputs = readProfile(in);
            ReferenceProfile profile = new ReferenceProfile(signature, inputs, outputs);
            check(inputs, profile.inputLayout(), false);
            check(outputs, profile.outputLayout(), true);
            return profile;
        });
    }

    static WindowProfile readWindow(byte[] bytes) {
        return read(bytes, WINDOW, ProfileCodec::write, in -> {
            ModelSignature signature = new ModelSignature(readSpecs(in), readSpecs(in));
            TensorLayout inputLayout = TensorLayout.of(signature.inputs());
            TensorLayout outputLayout = TensorLayout.of(signature.outputs());
            int size = readLength(in, 25);
            TreeMap<Integer, Segment> segments = new TreeMap<>();
            for (int i = 0; i < size; i++) {
                int sampling = in.get();
                Segment segment = new Segment(readProfile(in), readProfile(in));
                check(segment.inputs(), inputLayout, false);
                check(segment.outputs(), outputLayout, true);
                if (sampling < 0
                        || sampling > WindowProfiler.MAX_SAMPLING
                        || !segments.isEmpty() && segments.lastKey() >= sampling) {
                    throw invalid("sampling " + sampling + " of segment " + i + ", expected 0 to "
                            + WindowProfiler.MAX_SAMPLING + " in ascending order");
                }
                segments.put(sampling, segment);
            }
            if (segments.isEmpty()) {
                throw invalid("it has no segment");
            }
            return new WindowProfile(signature, segments);
        });
    }

    static Profile readProfile(byte[] bytes) {
        return read(bytes, TABLE, ProfileCodec::write, ProfileCodec::readProfile);
    }

    private static <T> T read(byte[] bytes, int content, Function<T, byte[]> writer, Function<ByteBuffer, T> body) {
        ByteBuffer in = FORM.open(bytes);
        if (!in.hasRemaining()) {
            throw invalid("it ends too early");
        }
        int found = in.get();
        if (found != content) {
            throw invalid("it is of content " + found + ", expected " + content
                    + " (1 a model's reference, 2 a table, 3 a window)");
        }
        try {
            T value = body.apply(in);
            if (in.hasRemaining()) {
                throw invalid(in.remaining() + " bytes are left over");
            }
            // Else two profiles that are equal could have been stored as different bytes.
            if (!Arrays.equals(writer.apply(value), bytes)) {
                throw invalid("it is not in the canonical form");
            }
            return value;
        } catch (BufferUnderflowException e) {
            throw invalid("it ends too early");
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw invalid(String.valueOf(e.getMessage()));
        }
    }

    private static InvalidInputException invalid(String why) {
        return FORM.invalid(why);
    }

    private static void check(Profile profile, TensorLayout layout, boolean mayBeEmpty) {
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
        long watched = 0;
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
            TensorSpec spec = new TensorSpec(name, type, Shape.of(dims), names);
            watched += TensorLayout.width(spec);
            if (watched > MAX_COLUMNS) {
                throw invalid("its signature has more than " + MAX_COLUMNS + " columns");
            }
            specs.add(spec);
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
                case EDGES, SKETCH -> readNumeric(in, name, kind == SKETCH);
                case LEVELS -> readLevels(in, name);
                default -> throw invalid("column '" + name + "' is of the unknown kind " + kind);
            };
            if (columns.put(name, column) != null) {
                throw invalid("it has column '" + name + "' twice");
            }
        }
        return new Profile(rows, columns);
    }

    private static NumericProfile readNumeric(ByteBuffer in, String name, boolean sketched) {
        long missing = in.getLong();
        long nan = in.getLong();
        long negativeInfinities = in.getLong();
        long positiveInfinities = in.getLong();
        long count = in.getLong();
        Moments moments = count == 0
                ? Moments.NONE
                : new Moments(count, in.getDouble(), in.getDouble(), readSum(in), readSum(in));
        Distribution distribution = sketched ? readSketch(in) : readHistogram(in);
        byte[] registers = readBytes(in);
        if (registers.length != 1 << Distinct.PRECISION) {
            throw invalid("column '" + name + "' has " + registers.length + " registers, expected "
                    + (1 << Distinct.PRECISION));
        }
        for (byte register : registers) {
            if (!Distinct.isRegister(register)) {
                throw invalid("column '" + name + "' has a register of " + register + ", which no value leaves");
            }
        }
        return new NumericProfile(
                name,
                missing,
                nan,
                negativeInfinities,
                positiveInfinities,
                moments,
                distribution,
                Distinct.of(UltraLogLog.wrap(registers)));
    }

    private static ExactSum readSum(ByteBuffer in) {
        int exponent = in.getInt();
        byte[] unscaled = readBytes(in);
        // 4200 bits hold every sum of squares.
        if (unscaled.length == 0 || unscaled.length > 600 || Math.abs((long) exponent) > 5000) {
            throw invalid("a sum of " + unscaled.length + " bytes and exponent " + exponent + " is none of doubles");
        }
        return new ExactSum(new BigInteger(unscaled), exponent);
    }

    private static byte[] readBytes(ByteBuffer in) {
        byte[] bytes = new byte[readLength(in, 1)];
        in.get(bytes);
        return bytes;
    }

    private static Sketch readSketch(ByteBuffer in) {
        int shift = in.get();
        int size = readLength(in, 16);
        long[] keys = new long[size];
        long[] counts = new long[size];
        for (int i = 0; i < size; i++) {
            keys[i] = in.getLong();
            counts[i] = in.getLong();
        }
        return new Sketch(shift, keys, counts);
    }

    private static Histogram readHistogram(ByteBuffer in) {
        double[] edges = new double[readLength(in, 16)];
        for (int i = 0; i < edges.length; i++) {
            edges[i] = in.getDouble();
        }
        long[] bins = new long[edges.length + 1];
        for (int i = 0; i < bins.length; i++) {
            bins[i] = in.getLong();
        }
        return new Histogram(edges, bins);
    }

    private static CategoricalProfile readLevels(ByteBuffer in, String name) {
        long missing = in.getLong();
        long bound = in.getLong();
        long outside = in.getLong();
        int length = readLength(in, 12);
        List<String> levels = new ArrayList<>(length);
        long[] counts = new long[length];
        for (int i = 0; i < length; i++) {
            levels.add(readString(in));
            counts[i] = in.getLong();
        }
        int limit = in.getInt();
        if (limit > ColumnPlan.MAX_LEVELS) {
            throw invalid("column '" + name + "' has a sample of up to " + limit + " levels, expected at most "
                    + ColumnPlan.MAX_LEVELS);
        }
        long rows = in.getLong();
        int kept = readLength(in, 12);
        List<LevelSample.Level> sample = new ArrayList<>(kept);
        for (int i = 0; i < kept; i++) {
            String level = readString(in);
            sample.add(new LevelSample.Level(level, Distinct.hash(level), in.getLong()));
        }
        return new CategoricalProfile(
                name, missing, levels, counts, new LevelSample(limit, rows, sample), bound, outside);
    }

    private static String readString(ByteBuffer in) {
        char[] chars = new char[readLength(in, 2)];
        for (int i = 0; i < chars.length; i++) {
            chars[i] = in.getChar();
        }
        return new String(chars);
    }
}
