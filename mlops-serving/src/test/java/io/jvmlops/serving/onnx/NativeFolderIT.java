package io.jvmlops.serving.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmlops.serving.ForkedJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ONNX Runtime's native library leaves on the disk, and what happens where it cannot be put there. */
class NativeFolderIT {
    @TempDir
    Path base;

    private Path run;
    private Path natives;
    private Path temporary;

    @BeforeEach
    void folders() throws IOException {
        run = Files.createDirectory(base.resolve("run"));
        natives = Files.createDirectory(base.resolve("natives"));
        temporary = Files.createDirectory(base.resolve("tmp"));
    }

    private ForkedJvm start(List<String> before, String... properties) {
        List<String> options = new ArrayList<>(List.of("-Djava.io.tmpdir=" + temporary));
        options.addAll(List.of(properties));
        return ForkedJvm.start(run, before, options, NativesProgram.class);
    }

    private static List<Path> in(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    @Test
    void whatAKilledProcessLeftGoesWithTheNextAndNobodyElsesDoes() throws IOException {
        String property = "-D" + OnnxOptions.FOLDER_PROPERTY + "=" + natives;
        try (ForkedJvm living = start(List.of(), property);
                ForkedJvm killed = start(List.of(), property)) {
            assertThat(living.ask("load")).isEqualTo("right");
            List<Path> ofLiving = in(natives);
            assertThat(killed.ask("load")).isEqualTo("right");
            assertThat(killed.ask("get onnxruntime.native.path")).isEqualTo("null");
            assertThat(in(natives)).hasSize(2).allSatisfy(folder -> {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                        .isEqualTo("rwx------");
                assertThat(in(folder)).hasSize(3);
            });
            killed.process().destroyForcibly();
            assertThat(killed.exitCode()).isNotZero();
            assertThat(in(natives)).hasSize(2);
            // The runtime's own folder, which would have been left too.
            assertThat(in(temporary)).isEmpty();
            try (ForkedJvm next = start(List.of(), property)) {
                assertThat(next.ask("load")).isEqualTo("right");
                assertThat(in(natives)).hasSize(2).containsAll(ofLiving);
                next.process().destroy();
                next.exitCode();
            }
            assertThat(in(natives)).isEqualTo(ofLiving);
            assertThat(living.ask("load")).isEqualTo("right");
            living.process().destroy();
            living.exitCode();
        }
        assertThat(in(natives)).isEmpty();
    }

    @Test
    void aFolderWithoutTheRightToExecuteIsAnsweredWithTheRemedyAndTheNextTryWorks() throws Exception {
        assumeTrue(mayMount(), "mounting a file system is permitted");
        List<String> mounted = List.of(
                "unshare",
                "-m",
                "sh",
                "-c",
                "mount -t tmpfs -o noexec tmpfs " + natives + " && mkdir " + natives + "/own && exec \"$@\"",
                "sh");
        Path good = Files.createDirectory(base.resolve("good"));
        try (ForkedJvm jvm = start(mounted, "-D" + OnnxOptions.FOLDER_PROPERTY + "=" + natives + "/own")) {
            String first = jvm.ask("load");
            assertThat(first)
                    .startsWith("StorageException: folder " + natives + "/own/jvmlops-onnx-")
                    .contains("noexec")
                    .contains("-Djvmlops.onnx.folder=...");
            assertThat(jvm.ask("load")).isEqualTo(first);
            assertThat(jvm.ask("set " + OnnxOptions.FOLDER_PROPERTY + " " + good))
                    .isEqualTo("done");
            assertThat(jvm.ask("load")).isEqualTo("right");
        }
    }

    private static boolean mayMount() throws Exception {
        Process probe;
        try {
            probe = new ProcessBuilder("unshare", "-m", "mount", "-t", "tmpfs", "tmpfs", "/mnt").start();
        } catch (IOException e) {
            return false;
        }
        return probe.waitFor() == 0;
    }

    @Test
    void theFirstReasonIsRememberedAndWhatTheHostHasSetIsLeftAlone() throws IOException {
        Path file = Files.writeString(base.resolve("file"), "");
        Path garbage = Files.createDirectory(base.resolve("garbage"));
        Files.writeString(garbage.resolve(System.mapLibraryName("onnxruntime")), "no library");
        Files.writeString(garbage.resolve(System.mapLibraryName("onnxruntime4j_jni")), "no library");
        try (ForkedJvm jvm = start(List.of(), "-D" + OnnxOptions.FOLDER_PROPERTY + "=" + file + "/below")) {
            assertThat(jvm.ask("load"))
                    .startsWith("StorageException: folder " + file + "/below cannot hold")
                    .contains("-Djvmlops.onnx.folder=...");
            assertThat(jvm.ask("set onnxruntime.native.path " + garbage)).isEqualTo("done");
            String first = jvm.ask("load");
            assertThat(first)
                    .startsWith("MissingDependencyException: ONNX Runtime's native library cannot be loaded")
                    .contains(garbage.toString());
            assertThat(jvm.ask("get onnxruntime.native.path")).isEqualTo(garbage.toString());
            assertThat(jvm.ask("clear onnxruntime.native.path")).isEqualTo("done");
            assertThat(jvm.ask("load")).isEqualTo(first);
        }
    }

    @Test
    void aHostsEnvironmentIsUsedAsItIs() throws IOException {
        try (ForkedJvm jvm = start(List.of(), "-D" + OnnxOptions.FOLDER_PROPERTY + "=" + natives)) {
            assertThat(jvm.ask("host")).contains("OrtEnvironment");
            assertThat(jvm.ask("load 2"))
                    .startsWith("ModelLoadException: options ask for a shared pool of 2 threads")
                    .contains("made by something else")
                    .contains("before anything else uses ONNX Runtime");
            assertThat(jvm.ask("load")).isEqualTo("right");
            assertThat(in(natives)).isEmpty();
        }
    }

    @Test
    void aSharedPoolIsMadeOnce() {
        try (ForkedJvm jvm = start(List.of())) {
            assertThat(jvm.ask("load 2")).isEqualTo("right");
            assertThat(jvm.ask("load 2")).isEqualTo("right");
            assertThat(jvm.ask("load")).isEqualTo("right");
            assertThat(jvm.ask("load 3"))
                    .startsWith("ModelLoadException: options ask for a shared pool of 3 threads")
                    .contains("made with one of 2 threads");
        }
    }
}
