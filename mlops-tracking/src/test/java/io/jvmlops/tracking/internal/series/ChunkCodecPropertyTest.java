package io.jvmlops.tracking.internal.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.StorageException;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ChunkCodecPropertyTest {
    @Property(tries = 500)
    void anyLongsComeBack(
            @ForAll @Size(max = 300) long[] steps, @ForAll @Size(max = 300) long[] ats, @ForAll long seed) {
        PointColumns points = new PointColumns();
        Random random = new Random(seed);
        for (int i = 0; i < Math.min(steps.length, ats.length); i++) {
            points.addBits(steps[i], ats[i], random.nextLong());
        }
        assertComesBack(points, 0, points.size());
    }

    @Property(tries = 300)
    void seriesOfAllShapesComeBack(@ForAll long seed, @ForAll @IntRange(max = 1_500) int n) {
        PointColumns points = SeriesSamples.points(seed, n);
        points.sort();
        assertComesBack(points, 0, n);
        assertComesBack(points, n / 3, n - n / 4);
    }

    @Example
    void everyPairOfShapesComesBack() {
        for (int shape = 0; shape < SeriesSamples.VALUE_SHAPES; shape++) {
            for (int steps = 0; steps < SeriesSamples.STEP_SHAPES; steps++) {
                assertComesBack(SeriesSamples.points(new Random(5), 700, steps, steps % 4, shape), 0, 700);
            }
        }
    }

    @Example
    void theLargestChunkComesBackAndALargerOneIsRefused() {
        PointColumns points = SeriesSamples.points(3, ChunkCodec.MAX_POINTS + 1);
        assertComesBack(points, 1, points.size());
        assertThatThrownBy(() -> ChunkCodec.encode(points, 0, points.size()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("16385");
    }

    @Property(tries = 500)
    void aChangedByteIsFoundOut(@ForAll long seed, @ForAll @IntRange(max = 200) int n) {
        byte[] chunk = ChunkCodec.encode(SeriesSamples.points(seed, n), 0, n);
        Random random = new Random(seed);
        byte[] changed = chunk.clone();
        changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
        assertDamaged(changed);
        assertDamaged(Arrays.copyOf(chunk, random.nextInt(chunk.length)));
        assertDamaged(Arrays.copyOf(chunk, chunk.length + 1 + random.nextInt(9)));
    }

    @Property(tries = 3_000)
    void forgedBytesAreReadAsSomeChunkOrRefused(
            @ForAll long seed, @ForAll @IntRange(max = 300) int n, @ForAll @IntRange(min = 1, max = 6) int changes) {
        byte[] chunk = ChunkCodec.encode(SeriesSamples.points(seed, n), 0, n);
        Random random = new Random(seed);
        int end = chunk.length - 4;
        for (int i = 0; i < changes; i++) {
            chunk[1 + random.nextInt(end - 1)] = (byte) random.nextInt(256);
        }
        assertReadOrRefused(resealed(Arrays.copyOf(chunk, end)));
        assertReadOrRefused(resealed(Arrays.copyOf(chunk, 1 + random.nextInt(end))));
    }

    @Property(tries = 2_000)
    void bytesOfAnyKindAreReadAsSomeChunkOrRefused(@ForAll byte[] bytes) {
        byte[] body = new byte[bytes.length + 1];
        body[0] = 0x11;
        System.arraycopy(bytes, 0, body, 1, bytes.length);
        assertReadOrRefused(resealed(body));
    }

    private static void assertReadOrRefused(byte[] bytes) {
        PointColumns points = new PointColumns();
        try {
            ChunkCodec.decode(bytes, points);
            assertThat(points.size()).isLessThanOrEqualTo(ChunkCodec.MAX_POINTS);
        } catch (StorageException e) {
            assertThat(e).hasMessageContaining("chunk of a series");
            assertThat(points.size()).isZero();
        }
        assertThat(points.steps.length).isLessThanOrEqualTo(ChunkCodec.MAX_POINTS);
    }

    private static void assertDamaged(byte[] bytes) {
        assertThatThrownBy(() -> ChunkCodec.decode(bytes))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("chunk of a series");
    }

    static byte[] resealed(byte[] body) {
        CRC32C crc = new CRC32C();
        crc.update(body);
        byte[] sealed = Arrays.copyOf(body, body.length + 4);
        for (int i = 0; i < 4; i++) {
            sealed[body.length + i] = (byte) (crc.getValue() >>> (8 * i));
        }
        return sealed;
    }

    private static void assertComesBack(PointColumns points, int from, int to) {
        PointColumns back = ChunkCodec.decode(ChunkCodec.encode(points, from, to));
        assertThat(back.size()).isEqualTo(to - from);
        assertThat(Arrays.copyOf(back.steps, back.size)).isEqualTo(Arrays.copyOfRange(points.steps, from, to));
        assertThat(Arrays.copyOf(back.ats, back.size)).isEqualTo(Arrays.copyOfRange(points.ats, from, to));
        assertThat(Arrays.copyOf(back.bits, back.size)).isEqualTo(Arrays.copyOfRange(points.bits, from, to));
    }
}
