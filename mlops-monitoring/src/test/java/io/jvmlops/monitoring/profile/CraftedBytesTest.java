package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.Column;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Schema;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.monitoring.DistinctCount;
import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.Moments;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.api.monitoring.Profile;
import io.jvmlops.api.monitoring.Sketch;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Bytes that nobody wrote, with a checksum that fits, and values that nobody counted. */
class CraftedBytesTest {
    // Where the parts of a table of one numeric column with a name of one letter lie.
    private static final int NEGATIVE_INFINITIES = 41;
    private static final int COUNT = 57;
    private static final int SUM = 81;

    private static byte[] crafted(byte[] bytes, Consumer<ByteBuffer> change) {
        byte[] crafted = bytes.clone();
        change.accept(ByteBuffer.wrap(crafted));
        return sealed(Arrays.copyOf(crafted, crafted.length - 4));
    }

    private static byte[] sealed(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        return ByteBuffer.allocate(body.length + 4)
                .put(body)
                .putInt((int) crc.getValue())
                .array();
    }

    private static Profile counted(DataType type, Object... values) {
        TableProfiler profiler = TableProfiler.of(Schema.of(Column.of("x", type)));
        for (Object value : values) {
            profiler.add(value);
        }
        return profiler.profile();
    }

    private static byte[] numbers(Object... values) {
        return Profiles.toBytes(Profiles.asReference(counted(DataType.FP64, values)));
    }

    private static void assertRefused(byte[] bytes, String why) {
        assertThatThrownBy(() -> Profiles.parse(bytes))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining(why);
    }

    @Test
    void aSumThatIsWrittenOtherwiseIsRefused() {
        byte[] bytes = numbers(6);
        assertThat(Profiles.toBytes(Profiles.parse(bytes))).isEqualTo(bytes);
        // 3 * 2^1 is 6 * 2^0.
        assertRefused(crafted(bytes, b -> b.putInt(SUM, 0).put(SUM + 8, (byte) 6)), "it is not in the canonical form");
    }

    @Test
    void anEdgeOfNegativeZeroIsRefused() {
        // The sum and that of squares are 9 bytes each, then come the number of edges and the edges.
        int second = SUM + 18 + 4 + 8;
        byte[] bytes = numbers(0);
        assertThat(ByteBuffer.wrap(bytes).getDouble(second)).isZero();
        assertRefused(crafted(bytes, b -> b.putDouble(second, -0.0)), "it is not in the canonical form");
    }

    @Test
    void registersThatNoValueLeavesAreRefused() {
        byte[] bytes = numbers(1, 2, 3);
        int registers = bytes.length - 4 - (1 << Distinct.PRECISION);
        // The least update of 8 bits for the register is 7, and below it there is none.
        Set<Integer> valid = Set.of(0, 28, 32, 34);
        for (int value = 0; value < 256; value++) {
            byte register = (byte) value;
            byte[] crafted = crafted(bytes, b -> b.put(registers + 7, register));
            if (value >= 36 || valid.contains(value)) {
                assertThat(Profiles.toBytes(Profiles.parse(crafted))).isEqualTo(crafted);
            } else {
                assertRefused(crafted, "which no value leaves");
            }
        }
    }

    @Test
    void infinitiesThatOverflowAreRefused() {
        byte[] bytes = numbers(1, 2, 3);
        // 3 + 2 * 2^63 is 3 again.
        assertRefused(
                crafted(
                        bytes,
                        b -> b.putLong(NEGATIVE_INFINITIES, Long.MAX_VALUE)
                                .putLong(NEGATIVE_INFINITIES + 8, Long.MAX_VALUE)
                                .putLong(COUNT, 5)),
                "infinities");
        // As many infinities as values there are, but not where infinities lie.
        assertRefused(crafted(bytes, b -> b.putLong(NEGATIVE_INFINITIES, 2).putLong(COUNT, 1)), "outermost bins");
        assertRefused(crafted(bytes, b -> b.putLong(25, Long.MAX_VALUE)), "values");
    }

    @Test
    void aSampleWithoutBoundIsRefused() {
        byte[] bytes = Profiles.toBytes(counted(DataType.BYTES));
        // Kind, missing, bound, outside and no levels, then the limit.
        int limit = 25 + 8 + 8 + 8 + 4;
        assertThat(ByteBuffer.wrap(bytes).getInt(limit)).isEqualTo(ColumnPlan.MAX_LEVELS);
        assertRefused(crafted(bytes, b -> b.putInt(limit, Integer.MAX_VALUE)), "expected at most 10000");
        assertRefused(crafted(bytes, b -> b.putInt(limit, -1)), "");
    }

    /** 48 bytes each that stand for 1,024 columns. */
    @Test
    void aSignatureOfMoreColumnsThanMemoryIsRefused() {
        int specs = 200_000;
        ByteBuffer body = ByteBuffer.allocate(specs * 64);
        body.putInt(0x4A4D5046).put((byte) 2).put((byte) 3).putInt(specs);
        for (int i = 0; i < specs; i++) {
            body.putInt(2).putInt(i).putInt(4);
            "FP32".chars().forEach(c -> body.putChar((char) c));
            body.putInt(2).putLong(-1).putLong(1024).putInt(0);
        }
        body.putInt(0).putInt(0);
        byte[] bytes = sealed(Arrays.copyOf(body.array(), body.position()));

        assertThatThrownBy(() -> WindowProfile.parse(bytes))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("more than 1048576 columns");
    }

    @Test
    void aSketchHasNoBinOfNegativeZero() {
        assertThatThrownBy(() -> new Sketch(0, new long[] {-2, -1}, new long[] {1, 1}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-0.0");
    }

    @Test
    void zeroIsCountedAtAnEdgeOfNegativeZero() {
        NumericProfile edges = new NumericProfile(
                "x",
                0,
                0,
                0,
                0,
                Moments.NONE,
                new Histogram(new double[] {-0.0, 1}, new long[3]),
                new DistinctCount(0, new byte[512]));
        Profile reference = new Profile(0, Map.of("x", edges));
        Profile counted = TableProfiler.like(reference).add(0.0).add(-0.0).profile();

        assertThat(((NumericProfile) Data.column(counted, "x"))
                        .distribution()
                        .histogram()
                        .bins())
                .containsExactly(2, 0, 0);
        assertThat(Profiles.parse(Profiles.toBytes(counted))).isEqualTo(counted);
    }

    @Test
    void equalProfilesHaveTheirColumnsInOneOrder() {
        Profile ab = TableProfiler.of(Schema.of(Column.of("a", DataType.FP64), Column.of("b", DataType.FP64)))
                .profile();
        Map<String, io.jvmlops.api.monitoring.ColumnProfile> turned = new LinkedHashMap<>();
        turned.put("b", Data.column(ab, "b"));
        turned.put("a", Data.column(ab, "a"));
        Profile ba = new Profile(0, turned);

        assertThat(Profiles.toBytes(ba)).isNotEqualTo(Profiles.toBytes(ab));
        assertThat(ba).isNotEqualTo(ab);
        assertThatThrownBy(() -> new Profile(0, Map.of("c", Data.column(ab, "a"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("column 'a' under the name 'c'");
    }

    @Test
    void aByteOrderMarkBeforeQuotesIsNoPartOfTheName() {
        Profile profile =
                CsvProfiler.ofDefaults().profile(new StringReader("\ufeff\"a, in mm\",\"b\"\r\n1,x\r\n"), "test");

        assertThat(profile.columns().keySet()).containsExactly("a, in mm", "b");
        assertThat(profile.rows()).isEqualTo(1);
    }

    @Test
    void ofLongRowsFewerAreHeldToInferTypesFrom() {
        String text = "1".repeat(1_000_000);
        StringBuilder csv = new StringBuilder("a,b\n");
        for (int i = 0; i < 40; i++) {
            csv.append(i).append(",t").append(text).append('\n');
        }
        csv.append("word,x\n");

        // 34 rows are held; were it all of them, the column were one of text.
        assertThatThrownBy(() -> CsvProfiler.ofDefaults().profile(new StringReader(csv.toString()), "test"))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("line 42, column 'a': expected a number");
    }
}
