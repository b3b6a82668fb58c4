package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.NumericProfile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class ReferenceProfileTest {
    private static NumericProfile numeric(double... values) {
        return (NumericProfile) Data.column(
                ReferenceProfile.builder(Data.numbers())
                        .add(Data.numbers(values))
                        .build()
                        .inputs(),
                "x");
    }

    private static double[] edges(NumericProfile profile) {
        return profile.distribution().histogram().edges();
    }

    private static long[] bins(NumericProfile profile) {
        return profile.distribution().histogram().bins();
    }

    private static CategoricalProfile levels(List<String> values) {
        return (CategoricalProfile) Data.column(
                ReferenceProfile.builder(Data.strings())
                        .add(Data.strings(values.toArray(String[]::new)))
                        .build()
                        .inputs(),
                "x");
    }

    private static ReferenceProfile flowers() {
        SplittableRandom random = new SplittableRandom(1);
        return ReferenceProfile.builder(Data.FLOWERS)
                .add(Data.flowers(random, 100, 0), Data.scores(random, 100, 0))
                .build();
    }

    @Test
    void edgesAreTheQuantiles() {
        NumericProfile profile =
                numeric(IntStream.rangeClosed(1, 100).mapToDouble(i -> 101 - i).toArray());

        assertThat(edges(profile)).containsExactly(Math.nextDown(1.0), 10, 20, 30, 40, 50, 60, 70, 80, 90, 100);
        assertThat(bins(profile)).containsExactly(0, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 0);
        assertThat(profile.moments().mean()).isCloseTo(50.5, within(1e-12));
        assertThat(profile.moments().variance()).isCloseTo(101 * 100 / 12.0, within(1e-9));
        assertThat(profile.moments().min()).isEqualTo(1);
        assertThat(profile.moments().max()).isEqualTo(100);
    }

    @Test
    void thereAreAtMostTwentyBins() {
        NumericProfile profile = numeric(new SplittableRandom(1).doubles(10_000).toArray());

        // Edges are at ends of the sketch's bins: so near to the quantiles as the greatest of them is small.
        assertThat(bins(profile)).hasSize(22);
        assertThat(Arrays.stream(bins(profile), 1, 21).boxed().toList())
                .allSatisfy(b -> assertThat(b).isBetween(450L, 550L));
    }

    @Test
    void aConstantHasBinsBelowAtAndAbove() {
        NumericProfile profile = numeric(5, 5, 5, Double.NaN);

        assertThat(edges(profile)).containsExactly(Math.nextDown(5.0), 5);
        assertThat(bins(profile)).containsExactly(0, 3, 0);
        assertThat(profile.missing()).isEqualTo(1);
        assertThat(profile.count()).isEqualTo(4);
        assertThat(profile.moments().variance()).isZero();
    }

    @Test
    void aValueThatManyRowsShareHasABinOfItsOwn() {
        double[] values = new double[200];
        for (int i = 100; i < 200; i++) {
            values[i] = i;
        }
        NumericProfile profile = numeric(values);

        int zero = Arrays.binarySearch(edges(profile), 0.0);
        assertThat(zero).isPositive();
        assertThat(edges(profile)[zero - 1]).isEqualTo(-Double.MIN_VALUE);
        assertThat(bins(profile)[zero]).isEqualTo(100);
    }

    @Test
    void infinitiesAreCountedAndStayOutOfTheMoments() {
        NumericProfile profile = numeric(Double.NEGATIVE_INFINITY, 1, 3, Double.POSITIVE_INFINITY);

        assertThat(profile.present()).isEqualTo(4);
        assertThat(profile.moments().count()).isEqualTo(2);
        assertThat(profile.moments().mean()).isEqualTo(2);
        assertThat(profile.moments().variance()).isEqualTo(2);
        assertThat(profile.moments().min()).isEqualTo(1);
        assertThat(profile.moments().max()).isEqualTo(3);
        assertThat(profile.negativeInfinities()).isEqualTo(1);
        assertThat(profile.positiveInfinities()).isEqualTo(1);
    }

    @Test
    void levelsAreAllOfThemTheFrequentFirst() {
        List<String> values = new ArrayList<>(Collections.nCopies(10, "green"));
        values.addAll(Collections.nCopies(30, "red"));
        values.add("odd");
        values.add("");
        CategoricalProfile profile = levels(values);

        assertThat(profile.levels()).containsExactly("red", "green", "", "odd");
        assertThat(profile.counts()).containsExactly(30, 10, 1, 1);
        assertThat(profile.other()).isZero();
        assertThat(profile.outside()).isZero();
        assertThat(profile.distinct()).isEqualTo(4);
    }

    @Test
    void hugeValuesHaveAMeanAndTinyOnesAVariance() {
        NumericProfile huge = numeric(1e308, 1e308, 1.2e308);
        assertThat(huge.moments().mean()).isEqualTo(1.0666666666666666e308);
        assertThat(huge.moments().variance()).isInfinite();
        NumericProfile tiny = numeric(1e-150, 3e-150);
        assertThat(tiny.moments().variance()).isCloseTo(2e-300, within(1e-310));
        NumericProfile far = numeric(1e15 + 1, 1e15 + 2, 1e15 + 3);
        assertThat(far.moments().variance()).isEqualTo(1);
    }

    @Test
    void columnsAreNamedBySignatureOrPosition() {
        ModelSignature signature = new ModelSignature(
                List.of(
                        TensorSpec.of("a", DataType.FP32, -1, 2).withColumns(List.of("u", "v")),
                        TensorSpec.of("b", DataType.FP32, -1, 2).withColumns(List.of("v", "w")),
                        TensorSpec.of("matrix", DataType.FP32, -1, 2),
                        TensorSpec.of("image", DataType.UINT8, -1, 2, 2),
                        TensorSpec.of("wide", DataType.FP32, -1, 2000)),
                List.of());

        assertThat(ReferenceProfile.builder(signature)
                        .build()
                        .inputs()
                        .columns()
                        .keySet())
                .containsExactly("u", "v", "b.v", "w", "matrix[0]", "matrix[1]");
        TensorSpec thrice = TensorSpec.of("a", DataType.FP32, -1, 3).withColumns(List.of("u", "u", "u"));
        assertThatThrownBy(() -> ReferenceProfile.builder(new ModelSignature(List.of(thrice), List.of())))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("two columns are named 'a.u'");
    }

    @Test
    void everyTypeOfTensorIsProfiled() {
        for (DataType type : DataType.values()) {
            Tensor tensor = switch (type) {
                case BOOL -> Tensor.copyOf(new boolean[] {true, false, true}, 3);
                case UINT8, INT8 -> Tensor.transfer(type, new byte[] {1, -1, 1}, 3);
                case INT16, FP16, BF16 -> Tensor.transfer(type, new short[] {1, 2, 1}, 3);
                case INT32 -> Tensor.copyOf(new int[] {1, 2, 1}, 3);
                case INT64 -> Tensor.copyOf(new long[] {1, 2, 1}, 3);
                case FP32 -> Tensor.copyOf(new float[] {1, 2, 1}, 3);
                case FP64 -> Tensor.copyOf(new double[] {1, 2, 1}, 3);
                case BYTES -> Tensor.copyOf(new String[] {"a", "b", "a"}, 3);
            };
            ReferenceProfile profile = ReferenceProfile.builder(
                            new ModelSignature(List.of(TensorSpec.of("x", type, -1)), List.of()))
                    .add(Tensors.of("x", tensor))
                    .build();

            assertThat(Data.column(profile.inputs(), "x").count())
                    .as("%s", type)
                    .isEqualTo(3);
            assertThat(ReferenceProfile.parse(profile.toBytes())).as("%s", type).isEqualTo(profile);
        }
    }

    @Test
    void batchesThatDoNotFitAreRefusedAndLeaveNothingBehind() {
        SplittableRandom random = new SplittableRandom(1);
        ReferenceProfile.Builder builder = ReferenceProfile.builder(Data.FLOWERS);
        Tensors good = Data.flowers(random, 5, 0);
        ReferenceProfile empty = builder.build();

        assertThatThrownBy(() -> builder.add(Data.numbers(1)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("inputs of the reference");
        assertThatThrownBy(() -> builder.add(good, Data.numbers(1)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("outputs of the reference");

        assertThat(builder.build()).isEqualTo(empty);
    }

    @Test
    void bytesAreCanonicalAndReadBack() {
        ReferenceProfile profile = flowers();

        assertThat(ReferenceProfile.parse(profile.toBytes())).isEqualTo(profile);
        assertThat(flowers().toBytes()).isEqualTo(profile.toBytes());
        assertThat(ReferenceProfile.parse(profile.toBytes()).toBytes()).isEqualTo(profile.toBytes());
    }

    /** The documented form, written by hand. */
    @Test
    void bytesAreAsDocumented() {
        byte[] registers = new byte[256];
        // Of the hash of 6.0: its first 8 bits are the register, then come 1 zeros.
        registers[196] = (byte) ((1 + 7) << 2);
        ByteBuffer expected = ByteBuffer.allocate(2_000);
        expected.put("JMPF".getBytes(StandardCharsets.US_ASCII)).put((byte) 2).put((byte) 1);
        expected.putInt(2).putInt(1).putChar('x');
        expected.putInt(4).putChar('F').putChar('P').putChar('6').putChar('4');
        expected.putInt(1).putLong(-1).putInt(0);
        expected.putInt(1).putChar('s');
        expected.putInt(5).putChar('B').putChar('Y').putChar('T').putChar('E').putChar('S');
        expected.putInt(1).putLong(-1).putInt(0);
        expected.putInt(0);
        expected.putLong(2).putInt(2);
        expected.putInt(1).putChar('x').put((byte) 1);
        expected.putLong(1).putLong(1).putLong(0).putLong(0);
        expected.putLong(1).putDouble(6).putDouble(6);
        expected.putInt(1).putInt(1).put((byte) 3);
        expected.putInt(2).putInt(1).put((byte) 9);
        expected.putInt(2).putDouble(Math.nextDown(6.0)).putDouble(6);
        expected.putLong(0).putLong(1).putLong(0);
        expected.putInt(256).put(registers);
        expected.putInt(1).putChar('s').put((byte) 2);
        expected.putLong(0).putLong(-1).putLong(0);
        expected.putInt(1).putInt(1).putChar('z').putLong(2);
        expected.putInt(256).putLong(0).putInt(0);
        expected.putLong(0).putInt(0);
        byte[] body = Arrays.copyOf(expected.array(), expected.position());

        byte[] found = ReferenceProfile.builder(new ModelSignature(
                        List.of(TensorSpec.of("x", DataType.FP64, -1), TensorSpec.of("s", DataType.BYTES, -1)),
                        List.of()))
                .add(Tensors.of(
                        "x",
                        Tensor.copyOf(new double[] {6, Double.NaN}, 2),
                        "s",
                        Tensor.copyOf(new String[] {"z", "z"}, 2)))
                .build()
                .toBytes();

        assertThat(found).isEqualTo(sealed(body));
    }

    private static byte[] sealed(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        return ByteBuffer.allocate(body.length + 4)
                .put(body)
                .putInt((int) crc.getValue())
                .array();
    }

    @Test
    void everyCutAndEveryFlippedBitIsNoticed() {
        byte[] bytes = flowers().toBytes();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> ReferenceProfile.parse(cut)).isInstanceOf(InvalidInputException.class);
        }
        for (int i = 0; i < bytes.length; i++) {
            byte[] flipped = bytes.clone();
            flipped[i] ^= (byte) (1 << i % 8);
            assertThatThrownBy(() -> ReferenceProfile.parse(flipped)).isInstanceOf(InvalidInputException.class);
        }
    }

    /** A checksum keeps out accidents, not malice: whatever it seals must not cost memory, nor anything but our exception. */
    @Test
    void sealedGarbageIsRefusedOrConsistent() {
        byte[] bytes = flowers().toBytes();
        byte[] body = Arrays.copyOf(bytes, bytes.length - 4);
        SplittableRandom random = new SplittableRandom(7);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] garbage = body.clone();
            for (int k = 0; k <= i % 4; k++) {
                garbage[6 + random.nextInt(garbage.length - 6)] = (byte) (k == 0 ? 0x7f : random.nextInt(256));
            }
            byte[] sealed = sealed(garbage);
            try {
                ReferenceProfile read = ReferenceProfile.parse(sealed);
                assertThat(ReferenceProfile.parse(read.toBytes())).isEqualTo(read);
            } catch (InvalidInputException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(3_000);
    }

    @Test
    void otherVersionsAreNamed() {
        byte[] bytes = flowers().toBytes();
        byte[] body = Arrays.copyOf(bytes, bytes.length - 4);
        body[4] = 1;

        assertThatThrownBy(() -> ReferenceProfile.parse(sealed(body)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("stored profile: version 1 is unknown, expected 2");
    }
}
