package io.jvmlops.api.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.error.InvalidInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestTest {
    private static final Digest EMPTY = Digest.of(new byte[0]);

    @Test
    void digestIsSha256() {
        // FIPS 180-2, appendix B.1.
        assertThat(Digest.of("abc".getBytes(StandardCharsets.US_ASCII)).hex())
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(Digest.parse(EMPTY.toString())).isEqualTo(EMPTY);
        assertThat(Digest.parse(EMPTY.hex())).isEqualTo(EMPTY);
        assertThatThrownBy(() -> Digest.parse("sha256:12")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Digest(EMPTY.hex().toUpperCase(Locale.ROOT)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void orderOfFilesDoesNotMatter() {
        FileEntry a = new FileEntry("a/x.bin", 3, EMPTY);
        FileEntry b = new FileEntry("b", 4, EMPTY);
        assertThat(new Manifest(List.of(b, a))).isEqualTo(new Manifest(List.of(a, b)));
        assertThat(new Manifest(List.of(b, a)).digest()).isEqualTo(new Manifest(List.of(a, b)).digest());
        assertThat(new Manifest(List.of(a, b)).size()).isEqualTo(7);
    }

    @Test
    void parsesWhatItWrote() {
        Manifest manifest =
                new Manifest(List.of(new FileEntry("MLmodel", 12, EMPTY), new FileEntry("with space/ä.bin", 0, EMPTY)));
        assertThat(Manifest.parse(manifest.toBytes())).isEqualTo(manifest);
        assertThat(Manifest.parse(new byte[0]).files()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\n", "abc 1 a", "0 0 0", "zz 1 ../x"})
    void garbageIsRefusedWithItsLine(String text) {
        assertThatThrownBy(() -> Manifest.parse(text.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("line 1");
    }

    @Test
    void twoFilesOfOnePathAreRefused() {
        FileEntry a = new FileEntry("a", 3, EMPTY);
        assertThatThrownBy(() -> new Manifest(List.of(a, a))).isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/etc/passwd",
                "..",
                "../x",
                "a/../b",
                "a/./b",
                "a//b",
                "a/",
                "a\\b",
                "C:x",
                "x:stream",
                "a\u0000b",
                "a\nb",
                "con",
                "NUL.txt",
                "a/Com1.log",
                "trailing.",
                "trailing ",
                "..."
            })
    void pathsThatLeaveOrConfuseAreRefused(String path) {
        assertThatThrownBy(() -> FileEntry.checkPath(path)).isInstanceOf(InvalidInputException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a/b/c.bin", ".hidden", "..a", "%2e%2e/x", "ümlaut", "console", "a b"})
    void ordinaryPathsPass(String path) {
        assertThat(FileEntry.checkPath(path)).isEqualTo(path);
    }

    @Property(tries = 2000)
    void noAcceptedPathLeavesItsFolder(@ForAll String path) {
        try {
            FileEntry.checkPath(path);
        } catch (InvalidInputException e) {
            return;
        }
        Path root = Path.of("/root-of-store").toAbsolutePath();
        Path resolved = root.resolve(path).normalize();
        assertThat(resolved.startsWith(root) && !resolved.equals(root)).isTrue();
    }

    @Test
    void halvesOfCharactersAreRefusedAndWholeOnesPass() {
        for (String half : List.of("a\ud800", "\udc00a", "a\ud800b", "\udc00\ud800")) {
            assertThatThrownBy(() -> FileEntry.checkPath(half)).isInstanceOf(InvalidInputException.class);
        }
        assertThat(FileEntry.checkPath("\ud83c\udf38.bin")).hasSize(6);
    }

    @Test
    void aPathOverTheLimitIsRefusedWithoutRepeatingIt() {
        assertThatThrownBy(() -> FileEntry.checkPath("x".repeat(1_000_000)))
                .isInstanceOf(InvalidInputException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    }
}
