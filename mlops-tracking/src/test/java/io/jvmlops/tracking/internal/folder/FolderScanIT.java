package io.jvmlops.tracking.internal.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.tracking.ForkedJvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderScanIT {
    @TempDir
    Path folder;

    @Test
    void filesAreFoundWithTheirStatsInTheOrderOfTheirPaths() throws IOException {
        Random random = new Random(3);
        TreeMap<String, Integer> expected = new TreeMap<>();
        for (int i = 0; i < 1_500; i++) {
            StringBuilder path = new StringBuilder();
            for (int depth = random.nextInt(4); depth > 0; depth--) {
                path.append("dir ").append(random.nextInt(5)).append('/');
            }
            path.append("file-").append(i);
            int size = random.nextInt(30);
            write(path.toString(), "x".repeat(size));
            expected.put(path.toString(), size);
        }
        Files.createDirectories(folder.resolve("empty/below"));
        TreeMap<String, Integer> found = new TreeMap<>();
        List<ScannedFile> files = FolderScan.files("test", folder);
        for (ScannedFile file : files) {
            found.put(file.path(), (int) file.stat().size());
            assertThat(file.stat()).isEqualTo(FileStat.of(file.file()));
            assertThat(file.stat().kind()).isEqualTo(FileStat.Kind.FILE);
        }
        assertThat(found).isEqualTo(expected);
        assertThat(files).extracting(ScannedFile::path).containsExactlyElementsOf(expected.keySet());
    }

    /** A link is as long as the name that it leads to; so may be what is there. */
    @Test
    void whatALinkLeadsToThatTookTheFilesPlaceIsNotTaken() throws IOException {
        Path root = Files.createDirectory(folder.resolve("root"));
        Path outside = folder.resolve("outside");
        Files.writeString(outside, "x".repeat(outside.toString().length()));
        write("root/a", "1");
        ScannedFile file = FolderScan.files("test", root).get(0);
        assertThatThrownBy(() -> new ContentReader("test", n -> {}).read(file, in -> {
                    ArtifactStore.Stored stored = ContentReader.hash(in);
                    try {
                        if (!Files.isSymbolicLink(file.file())) {
                            Files.delete(file.file());
                            Files.createSymbolicLink(file.file(), outside);
                        }
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    return stored;
                }))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("changed each of the 4 times");
    }

    @Test
    void statsAreOfTheNanosecondAndTellFilesApart() throws IOException {
        write("a", "1");
        write("b", "1");
        FileStat a = FileStat.of(folder.resolve("a"));
        FileStat b = FileStat.of(folder.resolve("b"));
        assumeTrue(a.inode() != 0, "needs inodes");
        assertThat(a.inode()).isNotEqualTo(b.inode());
        long micros = TimeUnit.MILLISECONDS.toMicros(
                Files.getLastModifiedTime(folder.resolve("a")).toMillis());
        assertThat(TimeUnit.NANOSECONDS.toMicros(a.modified()) - micros).isBetween(0L, 999L);
        assertThat(FileStat.of(folder).kind()).isEqualTo(FileStat.Kind.FOLDER);
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("a"));
        assertThat(FileStat.of(link).kind()).isEqualTo(FileStat.Kind.LINK);
    }

    @Test
    void everythingThatCannotBeStoredIsRefusedAtOnce() throws Exception {
        Path secret = Files.createDirectory(folder.resolve("secret"));
        Files.writeString(secret.resolve("key"), "hush");
        Path root = Files.createDirectory(folder.resolve("root"));
        write("root/good", "1");
        List<String> names = List.of(
                "a:b", "tab\there", "line\nfeed", "back\\slash", "con", "Aux.txt", "lpt9.x.y", "dot.", "space ");
        for (String name : names) {
            write("root/" + name, "1");
        }
        Files.createSymbolicLink(root.resolve("file-out"), secret.resolve("key"));
        Files.createSymbolicLink(root.resolve("folder-out"), Path.of("../secret"));
        Files.createSymbolicLink(root.resolve("absolute-out"), Path.of("/"));
        Files.createSymbolicLink(root.resolve("beside"), folder.resolve("root2"));
        Files.createDirectory(folder.resolve("root2"));
        Files.createSymbolicLink(root.resolve("nowhere"), Path.of("missing"));
        Files.createSymbolicLink(root.resolve("itself"), Path.of("."));
        Files.createSymbolicLink(root.resolve("one"), Path.of("other"));
        Files.createSymbolicLink(root.resolve("other"), Path.of("one"));
        boolean pipe = works("mkfifo", root.resolve("pipe").toString());
        assertThatThrownBy(() -> FolderScan.files("dataset 'iris'", root))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageStartingWith("dataset 'iris': folder " + root.toRealPath())
                .asInstanceOf(type(InvalidInputException.class))
                .satisfies(e -> {
                    assertThat(e.mismatches()).hasSize(names.size() + 8 + (pipe ? 1 : 0));
                    assertThat(e.mismatches())
                            .contains(
                                    "link 'file-out' leads out of the folder",
                                    "link 'folder-out' leads out of the folder",
                                    "link 'absolute-out' leads out of the folder",
                                    "link 'beside' leads out of the folder",
                                    "link 'nowhere' leads nowhere",
                                    "link 'itself' leads in a circle")
                            .anyMatch(why -> why.startsWith("link 'one' cannot be followed"))
                            .anyMatch(why -> why.startsWith("link 'other' cannot be followed"))
                            .anyMatch(why -> why.contains("a:b") && why.contains("U+003A"))
                            .anyMatch(why -> why.contains("tab?here") && why.contains("U+0009"))
                            .anyMatch(why -> why.contains("'con'") && why.contains("device"))
                            .anyMatch(why -> why.contains("'dot.'"));
                    if (pipe) {
                        assertThat(e.mismatches()).contains("'pipe' is neither a file nor a folder");
                    }
                });
    }

    @Test
    void circlesOverSeveralFoldersAreFound() throws IOException {
        write("a/file", "1");
        write("b/file", "2");
        Files.createSymbolicLink(folder.resolve("a/to-b"), Path.of("../b"));
        Files.createSymbolicLink(folder.resolve("b/to-a"), Path.of("../a"));
        assertThatThrownBy(() -> FolderScan.files("test", folder))
                .asInstanceOf(type(InvalidInputException.class))
                .satisfies(e -> assertThat(e.mismatches())
                        .containsExactlyInAnyOrder(
                                "link 'a/to-b/to-a' leads in a circle", "link 'b/to-a/to-b' leads in a circle"));
    }

    @Test
    void linksThatMultiplyAreBounded() throws IOException {
        // Each folder leads twice to the next: 2^40 paths to the last.
        for (int i = 0; i < 40; i++) {
            Files.createDirectory(folder.resolve("f" + i));
        }
        for (int i = 0; i < 39; i++) {
            Files.createSymbolicLink(folder.resolve("f" + i + "/x"), Path.of("../f" + (i + 1)));
            Files.createSymbolicLink(folder.resolve("f" + i + "/y"), Path.of("../f" + (i + 1)));
        }
        assertThatThrownBy(() -> FolderScan.files("test", folder, 5_000))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("more than 5000");
    }

    @Test
    void aLinkThatIsReachedTwiceIsNoCircle() throws IOException {
        write("real/deep/file", "1");
        Files.createSymbolicLink(folder.resolve("one"), Path.of("real"));
        Files.createSymbolicLink(folder.resolve("two"), Path.of("one"));
        Files.createSymbolicLink(folder.resolve("real/again"), Path.of("deep"));
        assertThat(FolderScan.files("test", folder))
                .extracting(ScannedFile::path)
                .containsExactly(
                        "one/again/file",
                        "one/deep/file",
                        "real/again/file",
                        "real/deep/file",
                        "two/again/file",
                        "two/deep/file");
    }

    @Test
    void pathsThatAreTooLongAreRefused() throws IOException {
        Path deep = folder;
        for (int i = 0; i < 6; i++) {
            deep = Files.createDirectory(deep.resolve("x".repeat(200)));
        }
        assertThatThrownBy(() -> FolderScan.files("test", folder))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("1024");
    }

    @Test
    void longListsOfWhatIsRefusedAreCut() throws IOException {
        for (int i = 0; i < 130; i++) {
            write("bad:" + i, "");
        }
        assertThatThrownBy(() -> FolderScan.files("test", folder))
                .asInstanceOf(type(InvalidInputException.class))
                .satisfies(e -> assertThat(e.mismatches()).hasSize(101).endsWith("and 30 more"));
    }

    @Test
    void namesThatTheJvmCannotReadAreRefusedWithTheRemedy() throws Exception {
        Path root = Files.createDirectory(folder.resolve("root"));
        write("root/caf\u00e9", "1");
        // A name that really has this character is one like any other.
        write("root/\uFFFD", "1");
        assertThat(FolderScan.files("test", root)).hasSize(2);
        assumeTrue(
                works("bash", "-c", "touch \"$1\"/$'latin\\xe9'", "bash", root.toString()), "needs bash and raw names");
        assertThatThrownBy(() -> FolderScan.files("test", root))
                .asInstanceOf(type(InvalidInputException.class))
                .satisfies(e -> assertThat(e.mismatches())
                        .singleElement()
                        .asString()
                        .contains("'latin\uFFFD'", "LC_ALL=C.UTF-8", "rename"));
        try (ForkedJvm other = new ForkedJvm(List.of("env", "LC_ALL=POSIX"), ScanProgram.class, folder.toString())) {
            assertThat(other.requireLine()).isEqualTo("encoding ANSI_X3.4-1968");
            List<String> lines = other.readLines();
            assertThat(lines).hasSize(3).allMatch(line -> line.contains("run it in a UTF-8 locale"));
        }
    }

    @Test
    void whatIsNoFolderIsSaid() throws IOException {
        assertThatThrownBy(() -> FolderScan.files("test", folder.resolve("missing")))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("missing");
    }

    private void write(String path, String content) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content, StandardCharsets.UTF_8);
    }

    private static boolean works(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(new ArrayList<>(List.of(command)))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }
}
