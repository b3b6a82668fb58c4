package io.jvmlops.monitoring.detector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.InvalidInputException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Stored detectors: the form, its damage, and lies in it. */
class DetectorStateTest {
    static Stream<String> names() {
        return Detectors.all().keySet().stream();
    }

    private static ChangeDetector used(String name, int n) {
        ChangeDetector detector = Detectors.parse(name);
        Streams.Lcg r = new Streams.Lcg(11);
        for (int i = 0; i < n; i++) {
            detector.update(r.uniform() < 0.3 ? 1 : 0);
        }
        return detector;
    }

    @Test
    void theFormIsAsDocumented() {
        PageHinkley detector = PageHinkley.ofDefaults();
        detector.update(2);

        assertThat(HexFormat.of().formatHex(detector.toBytes()))
                .isEqualTo(
                        "4a4d4344" // JMCD
                                + "01" // version
                                + "08" // Page-Hinkley
                                + "0000001e" // minInstances 30
                                + "3f747ae147ae147b" // delta 0.005
                                + "4049000000000000" // threshold 50
                                + "3fefff2e48e8a71e" // alpha 0.9999
                                + "02" // both
                                + "00" // stable
                                + "0000000000000001" // count
                                + "0000000000000001" // age
                                + "0000000000000000" // drifts
                                + "4000000000000000" // mean 2
                                + "bf747ae147ae147b" // sums
                                + "3f747ae147ae147b"
                                + "bf747ae147ae147b" // extremes
                                + "3f747ae147ae147b"
                                + HexFormat.of().toHexDigits(checksum(detector.toBytes())));
    }

    private static int checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - 4);
        return (int) crc.getValue();
    }

    @ParameterizedTest
    @MethodSource("names")
    void damagedBytesAreRefused(String name) {
        byte[] bytes = used(name, 333).toBytes();
        for (int i = 0; i < bytes.length; i++) {
            for (int flip : new int[] {1, 0x80, 0xff}) {
                byte[] damaged = bytes.clone();
                damaged[i] ^= (byte) flip;
                assertThatThrownBy(() -> ChangeDetector.parse(damaged))
                        .as("byte %s", i)
                        .isInstanceOf(InvalidInputException.class)
                        .hasMessageStartingWith("stored change detector: ");
            }
            byte[] cut = Arrays.copyOf(bytes, i);
            assertThatThrownBy(() -> ChangeDetector.parse(cut)).isInstanceOf(InvalidInputException.class);
        }
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        assertThatThrownBy(() -> ChangeDetector.parse(longer)).isInstanceOf(InvalidInputException.class);
    }

    /** Somebody who makes checksums fit gets a detector that works, or a refusal; never another exception or a wild allocation. */
    @ParameterizedTest
    @MethodSource("names")
    void liesWithAChecksumThatFitsDoNoHarm(String name) {
        for (int n : new int[] {0, 50, 333}) {
            byte[] bytes = used(name, n).toBytes();
            for (int i = 4; i < bytes.length - 4; i++) {
                for (int flip : new int[] {1, 0x80, 0xff}) {
                    byte[] lie = bytes.clone();
                    lie[i] ^= (byte) flip;
                    sign(lie);
                    tryOut(lie);
                }
            }
            for (int length = 10; length < bytes.length; length++) {
                byte[] cut = Arrays.copyOf(bytes, length);
                sign(cut);
                byte[] it = cut;
                assertThatThrownBy(() -> ChangeDetector.parse(it))
                        .as("%s of %s bytes", length, bytes.length)
                        .isInstanceOf(InvalidInputException.class);
            }
        }
    }

    private static void sign(byte[] bytes) {
        ByteBuffer.wrap(bytes).putInt(bytes.length - 4, checksum(bytes));
    }

    private static void tryOut(byte[] lie) {
        ChangeDetector detector;
        try {
            detector = ChangeDetector.parse(lie);
        } catch (InvalidInputException e) {
            assertThat(e).hasMessageStartingWith("stored change detector: ");
            return;
        }
        for (int i = 0; i < 70; i++) {
            detector.update(i % 2);
        }
        assertThat(ChangeDetector.parse(detector.toBytes()).toBytes()).isEqualTo(detector.toBytes());
    }

    @Test
    void anUnknownVersionOrKindIsNamed() {
        byte[] bytes = Ddm.ofDefaults().toBytes();
        bytes[4] = 2;
        assertThatThrownBy(() -> ChangeDetector.parse(bytes)).hasMessageContaining("version 2 is unknown, expected 1");
        bytes[4] = 1;
        bytes[5] = 99;
        sign(bytes);
        assertThatThrownBy(() -> ChangeDetector.parse(bytes)).hasMessageContaining("kind 99 is unknown");
        assertThatThrownBy(() -> ChangeDetector.parse(new byte[0])).hasMessageContaining("does not begin like one");
    }

    @Test
    void bytesAreFew() {
        ChangeDetector adwin = Adwin.ofDefaults();
        for (int i = 0; i < 1_000_000; i++) {
            adwin.update(i & 1);
        }
        assertThat(adwin.toBytes()).hasSizeLessThan(2_000);
        assertThat(used("ddm", 1000).toBytes()).hasSizeLessThan(100);
        assertThat(used("kswin", 1000).toBytes()).hasSizeLessThan(900);
        assertThat(used("stepd", 1000).toBytes()).hasSizeLessThan(100);
    }
}
