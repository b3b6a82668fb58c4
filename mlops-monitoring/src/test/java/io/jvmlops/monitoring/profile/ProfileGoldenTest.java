package io.jvmlops.monitoring.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.monitoring.Profile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

/** Bytes written once and kept: whoever changes the form notices, on whatever JDK. */
class ProfileGoldenTest {
    private static final int ROWS = 300;
    private static final ModelSignature SIGNATURE = new ModelSignature(
            List.of(
                    TensorSpec.of("x", DataType.FP64, -1, 2).withColumns(List.of("wide", "odd")),
                    TensorSpec.of("s", DataType.BYTES, -1),
                    TensorSpec.of("flag", DataType.BOOL, -1)),
            List.of(TensorSpec.of("score", DataType.FP32, -1)));

    /** No random numbers of the platform, no mathematics but arithmetic. */
    private static Tensors inputs(int from) {
        double[] x = new double[2 * ROWS];
        String[] s = new String[ROWS];
        boolean[] flags = new boolean[ROWS];
        for (int i = 0; i < ROWS; i++) {
            long hash = Distinct.mix(i + from);
            x[2 * i] = (hash >> 11) * 0x1p-40;
            x[2 * i + 1] = SketchPropertyTest.ODD[i % SketchPropertyTest.ODD.length];
            if (i % 17 == 0) {
                x[2 * i + 1] = Double.NaN;
            }
            s[i] = i % 31 == 0 ? "" : "l\u00e9vel\ud83d" + (hash & 15);
            flags[i] = (hash & 0x30) == 0;
        }
        return Tensors.builder()
                .put("x", Tensor.transfer(x, ROWS, 2))
                .put("s", Tensor.transfer(s, ROWS))
                .put("flag", Tensor.transfer(flags, ROWS))
                .build();
    }

    private static Tensors outputs(int from) {
        float[] scores = new float[ROWS];
        for (int i = 0; i < ROWS; i++) {
            scores[i] = (Distinct.mix(i + from + 7) >>> 40) * 0x1p-24f;
        }
        return Tensors.of("score", Tensor.transfer(scores, ROWS));
    }

    private static ReferenceProfile reference() {
        return ReferenceProfile.builder(SIGNATURE).add(inputs(0), outputs(0)).build();
    }

    private static WindowProfile window() {
        WindowProfiler profiler = reference().profiler();
        profiler.add(inputs(1_000), outputs(1_000), 0);
        profiler.add(inputs(2_000), null, 3);
        return profiler.profile();
    }

    private static Profile table() {
        TableCounter counter = new TableCounter(TablePlan.of(TensorLayout.of(SIGNATURE.inputs())));
        counter.add(inputs(0), ROWS);
        return counter.profile();
    }

    @Test
    void bytesAreAsEver() throws IOException {
        check(
                "reference",
                reference().toBytes(),
                bytes -> ReferenceProfile.parse(bytes).toBytes());
        check("window", window().toBytes(), bytes -> WindowProfile.parse(bytes).toBytes());
        check("table", Profiles.toBytes(table()), bytes -> Profiles.toBytes(Profiles.parse(bytes)));
        // What is computed, not only stored: sampling and its numbers.
        check(
                "sample",
                Profiles.toBytes(window().uniform().inputs()),
                bytes -> Profiles.toBytes(Profiles.parse(bytes)));
    }

    private static void check(String name, byte[] found, Function<byte[], byte[]> readAndWrite) throws IOException {
        String resource = "/profiles/" + name + "-v2.hex";
        if (Boolean.getBoolean("profiles.write")) {
            Path file = Path.of("src/test/resources" + resource);
            Files.createDirectories(Objects.requireNonNull(file.getParent()));
            Files.writeString(
                    file,
                    HexFormat.of().formatHex(found).replaceAll("(.{120})", "$1\n") + "\n",
                    StandardCharsets.US_ASCII);
            return;
        }
        try (InputStream in = Objects.requireNonNull(ProfileGoldenTest.class.getResourceAsStream(resource), resource)) {
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII).replace("\n", "");
            byte[] golden = HexFormat.of().parseHex(hex);
            assertThat(HexFormat.of().formatHex(found)).as(name).isEqualTo(hex);
            assertThat(readAndWrite.apply(golden)).as(name).isEqualTo(golden);
        }
    }

    @Test
    void everyCutAndEveryChangedByteOfAWindowIsNoticed() {
        byte[] bytes = window().toBytes();
        for (int i = 0; i < bytes.length; i++) {
            byte[] cut = Arrays.copyOf(bytes, i);
            byte[] changed = bytes.clone();
            changed[i] ^= (byte) (1 << i % 8);
            assertThatThrownBy(() -> WindowProfile.parse(cut)).isInstanceOf(InvalidInputException.class);
            assertThatThrownBy(() -> WindowProfile.parse(changed)).isInstanceOf(InvalidInputException.class);
        }
        assertThatThrownBy(() -> ReferenceProfile.parse(bytes)).hasMessageContaining("content 3, expected 1");
        assertThatThrownBy(() -> Profiles.parse(bytes)).hasMessageContaining("content 3, expected 2");
    }

    /** Lengths that a checksum seals cost no memory. */
    @Test
    void lengthsAreBoundedByTheBytesThereAre() {
        for (byte[] bytes : List.of(window().toBytes(), Profiles.toBytes(table()))) {
            int refused = 0;
            for (int at = 6; at < bytes.length - 8; at++) {
                byte[] changed = bytes.clone();
                ByteBuffer.wrap(changed).putInt(at, Integer.MAX_VALUE - 8);
                CRC32C crc = new CRC32C();
                crc.update(changed, 0, changed.length - 4);
                ByteBuffer.wrap(changed).putInt(changed.length - 4, (int) crc.getValue());
                try {
                    if (bytes[5] == 2) {
                        Profiles.parse(changed);
                    } else {
                        WindowProfile.parse(changed);
                    }
                } catch (InvalidInputException e) {
                    refused++;
                }
            }
            assertThat(refused).isGreaterThan(100);
        }
    }
}
