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

        assertThat(profile.edges()).containsExactly(10, 20, 30, 40, 50, 60, 70, 80, 90);
        assertThat(profile.bins()).containsOnly(10).hasSize(10);
        assertThat(profile.mean()).isCloseTo(50.5, within(1e-12));
        assertThat(profile.variance()).isCloseTo(101 * 100 / 12.0, within(1e-9));
        assertThat(profile.min()).isEqualTo(1);
        assertThat(profile.max()).isEqualTo(100);
    }

    @Test
    void thereAreAtMostTwentyBins() {
        NumericProfile profile = numeric(new SplittableRandom(1).doubles(10_000).toArray());

        assertThat(profile.bins()).hasSize(20).containsOnly(500);
    }

    @Test
    void aConstantHasBinsBelowAtAndAbove() {
        NumericProfile profile = numeric(5, 5, 5, Double.NaN);

        assertThat(profile.edges()).containsExactly(Math.nextDown(5.0), 5);
        assertThat(profile.bins()).containsExactly(0, 3, 0);
        assertThat(profile.missing()).isEqualTo(1);
        assertThat(profile.count()).isEqualTo(4);
        assertThat(profile.variance()).isZero();
    }

    @Test
    void aValueThatManyRowsShareHasABinOfItsOwn() {
        double[] values = new double[200];
        for (int i = 100; i < 200; i++) {
            values[i] = i;
        }
        NumericProfile profile = numeric(values);

        int zero = Arrays.binarySearch(profile.edges(), 0.0);
        assertThat(zero).isPositive();
        assertThat(profile.edges()[zero - 1]).isEqualTo(-Double.MIN_VALUE);
        assertThat(profile.bins()[zero]).isEqualTo(100);
    }

    @Test
    void infinitiesAreCountedAndStayOutOfTheMoments() {
        NumericProfile profile = numeric(Double.NEGATIVE_INFINITY, 1, 3, Double.POSITIVE_INFINITY);

        assertThat(profile.present()).isEqualTo(4);
        assertThat(profile.finite()).isEqualTo(2);
        assertThat(profile.mean()).isEqualTo(2);
        assertThat(profile.variance()).isEqualTo(2);
        assertThat(profile.min()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(profile.max()).isEqualTo(Double.POSITIVE_INFINITY);
    }

    @Test
    void beyondItsLimitItKeepsAUniformSample() {
        ReferenceProfile.Builder builder =
                ReferenceProfile.builder(Data.numbers()).maxValues(1_000);
        builder.add(Data.numbers(IntStream.range(0, 50_000).mapToDouble(i -> i).toArray()));
        ReferenceProfile profile = builder.build();
        NumericProfile column = (NumericProfile) Data.column(profile.inputs(), "x");

        assertThat(profile.inputs().rows()).isEqualTo(50_000);
        assertThat(column.count()).isEqualTo(1_000);
        // A thousand of a uniform: its mean's standard deviation is 456.
        assertThat(column.mean()).isCloseTo(25_000, within(1_500.0));
        assertThatThrownBy(() -> builder.maxValues(5)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void levelsAreTheFrequentOnes() {
        List<String> values = new ArrayList<>(Collections.nCopies(10, "green"));
        values.addAll(Collections.nCopies(30, "red"));
        values.add("odd");
        CategoricalProfile profile = levels(values);

        assertThat(profile.levels().keySet()).containsExactly("red", "green");
        assertThat(profile.levels()).containsEntry("red", 30L).containsEntry("green", 10L);
        assertThat(profile.other()).isEqualTo(1);
    }

    @Test
    void anIdentifierHasNoLevels() {
        assertThat(levels(IntStream.range(0, 500).mapToObj(i -> "id" + i).toList())
                        .levels())
                .isEmpty();
        List<String> many = new ArrayList<>(
                IntStream.range(0, 10_001).mapToObj(i -> "id" + i).toList());
        many.addAll(Collections.nCopies(500, "id1"));
        CategoricalProfile profile = levels(many);
        assertThat(profile.levels()).isEmpty();
        assertThat(profile.other()).isEqualTo(10_501);
    }

    @Test
    void thereAreAtMost64LevelsOfAtMost200Characters() {
        List<String> values = new ArrayList<>();
        for (int level = 0; level < 100; level++) {
            values.addAll(Collections.nCopies(10 + 3 * level, "level" + level));
        }
        values.addAll(Collections.nCopies(1_000, "x".repeat(201)));
        CategoricalProfile profile = levels(values);

        assertThat(profile.levels()).hasSize(64).containsKey("level99").doesNotContainKey("level35");
        assertThat(profile.count()).isEqualTo(values.size());
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
        ByteBuffer expected = ByteBuffer.allocate(200);
        expected.put("JMPF".getBytes(StandardCharsets.US_ASCII)).put((byte) 1);
        expected.putInt(1).putInt(1).putChar('x');
        expected.putInt(4).putChar('F').putChar('P').putChar('6').putChar('4');
        expected.putInt(1).putLong(-1).putInt(0);
        expected.putInt(0);
        expected.putLong(2).putInt(1).putInt(1).putChar('x').put((byte) 1);
        expected.putLong(1).putLong(1);
        expected.putDouble(7).putDouble(7).putDouble(7).putDouble(Double.NaN);
        expected.putInt(2).putDouble(Math.nextDown(7.0)).putDouble(7);
        expected.putLong(0).putLong(1).putLong(0);
        expected.putLong(0).putInt(0);
        byte[] body = Arrays.copyOf(expected.array(), expected.position());

        byte[] found = ReferenceProfile.builder(Data.numbers())
                .add(Data.numbers(7, Double.NaN))
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
                garbage[5 + random.nextInt(garbage.length - 5)] = (byte) (k == 0 ? 0x7f : random.nextInt(256));
            }
            byte[] sealed = sealed(garbage);
            try {
                ReferenceProfile read = ReferenceProfile.parse(sealed);
                assertThat(ReferenceProfile.parse(read.toBytes())).isEqualTo(read);
            } catch (InvalidInputException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(5_000);
    }

    @Test
    void otherVersionsAreNamed() {
        byte[] bytes = flowers().toBytes();
        byte[] body = Arrays.copyOf(bytes, bytes.length - 4);
        body[4] = 2;

        assertThatThrownBy(() -> ReferenceProfile.parse(sealed(body)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessage("stored profile: version 2 is unknown, expected 1");
    }
}
