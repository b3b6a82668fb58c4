package io.jvmlops.api.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

@SuppressWarnings("ArrayRecordComponent") // arrays are what is tested
class RecordCodecPropertyTest {
    enum Color {
        RED,
        GREEN,
        @Feature("deep blue")
        BLUE
    }

    record Scalars(
            double a,
            float b,
            long c,
            int d,
            short e,
            byte f,
            boolean g,
            String h,
            Color i,
            @Feature("fuel level") Double j,
            Integer k,
            Boolean l) {}

    record Vectors(double[] a, float[] b, long[] c, int[] d, short[] e, byte[] f, boolean[] g, String[] h) {}

    /** Null, or not: what the stand-in says. */
    record Holes(
            @Nullable Double a,
            @Feature(missing = "-7") @Nullable Long b,
            @Feature(missing = "none") @Nullable String c,
            @Feature(missing = "true") @Nullable Boolean d) {}

    private static final RecordCodec<Scalars> SCALARS = RecordCodec.of(Scalars.class);
    private static final RecordCodec<Vectors> VECTORS = RecordCodec.of(Vectors.class);
    private static final RecordCodec<Holes> HOLES = RecordCodec.of(Holes.class);
    private static final RecordCodec.Encoder<Scalars> DOUBLES = matrix(DataType.FP64);
    private static final RecordCodec.Encoder<Scalars> FLOATS = matrix(DataType.FP32);

    private static RecordCodec.Encoder<Scalars> matrix(DataType type) {
        List<String> columns = List.of("f", "a", "d", "fuel level", "l", "c", "b", "g", "e", "k");
        return SCALARS.encoder(List.of(
                TensorSpec.of("x", type, -1, columns.size()).withColumns(columns),
                TensorSpec.of("h", DataType.BYTES, -1),
                TensorSpec.of("i", DataType.BYTES, -1, 1)));
    }

    @Provide
    Arbitrary<Scalars> scalars() {
        return Combinators.combine(
                        Arbitraries.doubles(),
                        Arbitraries.floats(),
                        Arbitraries.longs(),
                        Arbitraries.integers(),
                        Combinators.combine(Arbitraries.shorts(), Arbitraries.bytes())
                                .as((s, b) -> new short[] {s, b}),
                        Arbitraries.of(true, false),
                        Arbitraries.strings(),
                        Arbitraries.of(Color.class))
                .as((a, b, c, d, e, g, h, i) -> new Scalars(a, b, c, d, e[0], (byte) e[1], g, h, i, a / 2, d / 2, !g));
    }

    @Property(tries = 200)
    void scalarsComeBackAsTheyWent(@ForAll("scalars") Scalars first, @ForAll("scalars") Scalars second) {
        Tensors tensors = SCALARS.encode(List.of(first, second, first));
        assertThat(SCALARS.decode(tensors, 0)).isEqualTo(first);
        assertThat(SCALARS.decode(tensors, 1)).isEqualTo(second);
        assertThat(SCALARS.decode(tensors, 2)).isEqualTo(first);
    }

    @Property(tries = 100)
    void vectorsComeBackAsTheyWent(
            @ForAll("scalars") Scalars x, @ForAll("scalars") Scalars y, @ForAll("scalars") Scalars z) {
        List<Vectors> rows = new ArrayList<>();
        for (List<Scalars> row : List.of(List.of(x, y), List.of(y, z), List.of(z, z))) {
            Scalars one = row.get(0);
            Scalars two = row.get(1);
            rows.add(new Vectors(
                    new double[] {one.a, two.a},
                    new float[] {one.b, two.b},
                    new long[] {one.c, two.c},
                    new int[] {one.d, two.d},
                    new short[] {one.e, two.e},
                    new byte[] {one.f, two.f},
                    new boolean[] {one.g, two.g},
                    new String[] {one.h, two.h}));
        }
        Tensors tensors = VECTORS.encode(rows);
        for (int i = 0; i < rows.size(); i++) {
            assertThat(VECTORS.decode(tensors, i)).usingRecursiveComparison().isEqualTo(rows.get(i));
        }
    }

    /** The handle that writes a row in one go does what writing its components one by one would. */
    @Property(tries = 200)
    void aMatrixHoldsWhatItsColumnsWould(@ForAll("scalars") Scalars row) {
        for (DataType type : List.of(DataType.FP64, DataType.FP32)) {
            if (type == DataType.FP32 && Math.abs(row.a) > Float.MAX_VALUE) {
                continue;
            }
            Tensors tensors = (type == DataType.FP64 ? DOUBLES : FLOATS).encode(List.of(row, row));
            double[] expected = {row.f, row.a, row.d, row.j, row.l ? 1 : 0, row.c, row.b, row.g ? 1 : 0, row.e, row.k};
            if (type == DataType.FP32) {
                // From the declared type at once: a long that went through double first would be rounded twice.
                Arrays.setAll(expected, i -> i == 5 ? (float) row.c : (float) expected[i]);
            }
            double[] found = tensors.get("x").toDoubleArray();
            assertThat(Arrays.copyOf(found, expected.length)).containsExactly(expected);
            assertThat(Arrays.copyOfRange(found, expected.length, found.length)).containsExactly(expected);
            assertThat(tensors.get("i").stringAt(1)).isEqualTo(row.i == Color.BLUE ? "deep blue" : row.i.name());
        }
    }

    @Provide
    Arbitrary<Holes> holes() {
        return Combinators.combine(
                        Arbitraries.doubles().injectNull(0.3),
                        Arbitraries.longs().injectNull(0.3),
                        Arbitraries.strings().injectNull(0.3),
                        Arbitraries.of(true, false).injectNull(0.3))
                .as(Holes::new);
    }

    @Property(tries = 200)
    void whatIsMissingBecomesItsStandIn(@ForAll("holes") Holes row) {
        assertThat(HOLES.decode(HOLES.encode(List.of(row)), 0))
                .isEqualTo(new Holes(
                        row.a == null ? Double.valueOf(Double.NaN) : row.a,
                        row.b == null ? Long.valueOf(-7) : row.b,
                        row.c == null ? "none" : row.c,
                        row.d == null ? Boolean.TRUE : row.d));
    }
}
