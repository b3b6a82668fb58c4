package io.jvmlops.tracking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that are full, and disks that nobody may write to. In mount namespaces of their own, where the machine allows. */
class DiskIT {
    @TempDir
    Path folder;

    @Test
    void aLimitOnTheSizeOfFilesIsAClearErrorAndWhatWasThereIsKept() throws Exception {
        assumeTrue(works("bash", "-c", "ulimit -S -f 3000 && prlimit --version"), "needs bash and prlimit");
        // The library that SQLite's driver unpacks has to fit: 3 MB.
        List<String> launcher = List.of("bash", "-c", "ulimit -S -f 3000 && exec \"$@\"", "bash");
        try (ForkedJvm filling = new ForkedJvm(
                launcher,
                FillingProgram.class,
                file().toString(),
                folder.resolve("none").toString())) {
            assertThat(filling.requireLine())
                    .startsWith("failed ")
                    .contains(file().toString())
                    .contains("limit on the size of files");
            assertThat(works("prlimit", "--pid", "" + filling.pid(), "--fsize=unlimited"))
                    .isTrue();
            filling.println("go");
            assertThat(filling.readLines()).containsExactly("done ");
        }
    }

    @Test
    void aFullDiskIsAClearErrorAndWhatWasThereIsKept() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        List<String> launcher = inNamespace(
                "mount -t tmpfs -o size=12m tmpfs " + disk + " && head -c 8000000 /dev/zero > " + disk + "/ballast");
        try (ForkedJvm filling = new ForkedJvm(
                launcher,
                FillingProgram.class,
                disk.resolve("mlops.db").toString(),
                disk.resolve("ballast").toString())) {
            assertThat(filling.requireLine())
                    .startsWith("failed ")
                    .contains("mlops.db")
                    .contains("the disk is full; free some space");
            filling.println("go");
            assertThat(filling.readLines()).containsExactly("done ");
        }
    }

    @Test
    void aDiskThatIsFullOfArtifactsIsAClearErrorAndNoneIsLoggedInPart() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Path large = Files.createDirectory(folder.resolve("large"));
        List<String> launcher = inNamespace(
                "mount -t tmpfs -o size=12m tmpfs " + disk + " && head -c 8500000 /dev/zero > " + disk + "/ballast");
        try (ForkedJvm filling = new ForkedJvm(
                launcher,
                FillingArtifactsProgram.class,
                disk.toString(),
                large.toString(),
                disk.resolve("ballast").toString())) {
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThat(filling.requireLine())
                        .startsWith("failed ")
                        .contains(disk.resolve("artifacts").toString())
                        .contains("No space left")
                        .contains("its disk have room");
                assertThat(filling.requireLine()).isEqualTo("wrong []");
            }
            filling.println("go");
            assertThat(filling.readLines()).containsExactly("done []");
        }
    }

    @Test
    void aDiskThatIsFullOfADatasetIsAClearErrorAndThereIsNoVersionOfIt() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Path small = Files.createDirectory(folder.resolve("small"));
        Files.writeString(small.resolve("a"), "fits");
        Path large = Files.createDirectory(folder.resolve("large"));
        for (int i = 0; i < 60; i++) {
            byte[] content = new byte[100_000];
            new Random(i).nextBytes(content);
            Files.write(large.resolve("f" + i), content);
        }
        List<String> launcher = inNamespace(
                "mount -t tmpfs -o size=12m tmpfs " + disk + " && head -c 8500000 /dev/zero > " + disk + "/ballast");
        try (ForkedJvm filling = new ForkedJvm(
                launcher,
                FillingDatasetsProgram.class,
                disk.toString(),
                small.toString(),
                large.toString(),
                disk.resolve("ballast").toString())) {
            assertThat(filling.requireLine())
                    .startsWith("failed ")
                    .contains(disk.resolve("home/artifacts").toString())
                    .contains("No space left")
                    .contains("its disk have room");
            assertThat(filling.requireLine()).isEqualTo("wrong []");
            filling.println("go");
            assertThat(filling.readLines()).containsExactly("done []");
        }
    }

    @Test
    void aDiskThatMayOnlyBeReadIsAClearErrorAndWhatIsThereIsKept() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Path file = disk.resolve("mlops.db");
        try (StoreProgram.Stores stores = StoreProgram.open(file.toString())) {
            LoggingProgram.start(stores.runs(), "e", "run");
            LoggingProgram.write(stores.runs(), "run", 1);
        }
        byte[] before = Files.readAllBytes(file);
        List<String> launcher =
                inNamespace("mount --bind " + disk + " " + disk + " && mount -o remount,ro,bind " + disk);
        for (Path place : List.of(file, disk.resolve("new.db"))) {
            try (ForkedJvm refused = new ForkedJvm(launcher, RefusedProgram.class, place.toString())) {
                assertThat(refused.requireLine())
                        .startsWith("refused ")
                        .contains(place.toString())
                        .containsPattern("cannot be (written|created)");
                assertThat(refused.await()).isZero();
            }
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
        // And it works again as soon as it may be written.
        try (StoreProgram.Stores stores = StoreProgram.open(file.toString())) {
            LoggingProgram.write(stores.runs(), "run", 2);
            assertThat(LoggingProgram.problems(stores, "run", new LoggingProgram.Acknowledged(0, 2)))
                    .isEmpty();
        }
    }

    private Path file() {
        return folder.resolve("mlops.db");
    }

    /** A launcher that mounts something that only its process sees. */
    private static List<String> inNamespace(String mounts) throws Exception {
        List<String> launcher = new ArrayList<>(List.of("unshare", "--mount"));
        if (!works("unshare", "--mount", "bash", "-c", "mount -t tmpfs tmpfs /mnt")) {
            // An ordinary user may mount only where it is root, in a user namespace of its own.
            launcher.addAll(List.of("--user", "--map-root-user"));
            assumeTrue(
                    works("unshare", "--mount", "--user", "--map-root-user", "bash", "-c", "mount -t tmpfs tmpfs /mnt"),
                    "needs a Linux on which this user may mount");
        }
        launcher.addAll(List.of("bash", "-c", mounts + " && exec \"$@\"", "bash"));
        return launcher;
    }

    private static boolean works(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(Arrays.asList(command))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }
}
