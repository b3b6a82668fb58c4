package io.jvmlops.tracking.internal.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmlops.api.artifact.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatCacheIT {
    /** By which all files of the tests have long been settled. */
    private static final InstantSource TOMORROW =
            () -> InstantSource.system().instant().plus(Duration.ofDays(1));

    @TempDir
    Path folder;

    private Path root;
    private Path home;
    private StatCache cache;

    @BeforeEach
    void open() throws IOException {
        root = Files.createDirectory(folder.toRealPath().resolve("root"));
        home = folder.resolve("cache");
        cache = StatCache.in(home, TOMORROW);
        Files.createDirectory(root.resolve("sub"));
        Files.writeString(root.resolve("a"), "1111");
        Files.writeString(root.resolve("sub/\u00fc \u2603"), "2222");
        Files.writeString(root.resolve("z"), "");
    }

    @Test
    void whatWasSavedIsFound() throws IOException {
        assertThat(known()).containsExactly(null, null, null);
        save();
        assertThat(known()).isEqualTo(digests());
        List<ScannedFile> others = Stream.of("0", "a/a", "aa", "zz")
                .map(path -> new ScannedFile(path, root, stat("a")))
                .toList();
        assertThat(StatCache.in(home, TOMORROW).begin(root).find(others)).containsOnlyNulls();
    }

    @Test
    void aTouchedFileIsNotTrusted() throws IOException {
        save();
        Files.setLastModifiedTime(root.resolve("a"), FileTime.fromMillis(1_000_000));
        assertThat(known().get(0)).isNull();
        assertThat(known().get(1)).isNotNull();
    }

    @Test
    void otherContentOfTheSameSizeAndTimeIsNotTrusted() throws IOException {
        Path file = root.resolve("a");
        FileTime time = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(file, time);
        save();
        FileStat before = FileStat.of(file);
        assumeTrue(before.inode() != 0, "needs a platform that keeps the time of a change");
        // Until the file system's clock has ticked: an earlier write leaves no trace, see the other test for that.
        for (int i = 0; i < 100_000 && FileStat.of(file).changed() == before.changed(); i++) {
            Files.writeString(file, "3333");
            Files.setLastModifiedTime(file, time);
        }
        assertThat(FileStat.of(file).size()).isEqualTo(before.size());
        assertThat(FileStat.of(file).modified()).isEqualTo(before.modified());
        assertThat(known().get(0)).isNull();
    }

    @Test
    void aFileThatHasJustChangedIsNotRemembered() throws IOException {
        StatCache now = StatCache.in(home, InstantSource.system());
        save(now);
        assertThat(known(now)).containsExactly(null, null, null);
        // Nor is one from the future.
        Files.setLastModifiedTime(
                root.resolve("a"), FileTime.from(TOMORROW.instant().plus(Duration.ofDays(1))));
        save();
        assertThat(known().get(0)).isNull();
        assertThat(known().get(1)).isNotNull();
        // Nor one whose time is more than can be told.
        Files.setLastModifiedTime(root.resolve("a"), FileTime.fromMillis(Long.MIN_VALUE / 2_000));
        save();
        if (FileStat.of(root.resolve("a")).modified() == Long.MIN_VALUE) {
            assertThat(known().get(0)).isNull();
        }
    }

    @Test
    void aReplacedFileIsNotTrusted() throws IOException {
        Path file = root.resolve("a");
        Path other = Files.writeString(folder.resolve("other"), "4444");
        Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
        save();
        Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(known().get(0)).isNull();
    }

    @Test
    void aRenamedFileIsUnknownUnderItsNewName() throws IOException {
        save();
        Files.move(root.resolve("a"), root.resolve("b"));
        assertThat(known()).startsWith((Digest) null).hasSize(3);
        // And two that swapped their names are those of their stats.
        Files.writeString(root.resolve("c"), "5555");
        save();
        Files.move(root.resolve("b"), root.resolve("t"));
        Files.move(root.resolve("c"), root.resolve("b"));
        Files.move(root.resolve("t"), root.resolve("c"));
        assertThat(known().subList(0, 2)).containsExactly(null, null);
    }

    @Test
    void filesThatAreGoneAreForgotten() throws IOException {
        save();
        long before = Files.size(cacheFile());
        Files.delete(root.resolve("sub/\u00fc \u2603"));
        save();
        assertThat(Files.size(cacheFile())).isLessThan(before);
        assertThat(known()).isEqualTo(digests());
    }

    @Test
    void anyDamageMakesItEmpty() throws IOException {
        save();
        Path file = cacheFile();
        byte[] intact = Files.readAllBytes(file);
        for (int i = 0; i < intact.length; i++) {
            byte[] flipped = intact.clone();
            flipped[i] ^= (byte) (1 << i % 8);
            Files.write(file, flipped);
            assertThat(known()).as("byte %s", i).containsExactly(null, null, null);
        }
        for (int length = 0; length < intact.length; length += 7) {
            Files.write(file, Arrays.copyOf(intact, length));
            assertThat(known()).as("length %s", length).containsExactly(null, null, null);
        }
        Files.write(file, Arrays.copyOf(intact, intact.length + 1));
        assertThat(known()).containsExactly(null, null, null);
        // And it is made anew.
        save();
        assertThat(known()).isEqualTo(digests());
    }

    @Test
    void thatOfAnotherFolderIsNotTrusted() throws IOException {
        save();
        Path mine = cacheFile();
        Path other = Files.createDirectory(folder.resolve("another"));
        cache.begin(other.toRealPath()).save(List.of(), List.of());
        save(cache, other.toRealPath());
        Path theirs;
        try (Stream<Path> files = Files.list(home)) {
            theirs = files.filter(each -> !each.equals(mine)).findFirst().orElse(mine);
        }
        Files.copy(mine, theirs, StandardCopyOption.REPLACE_EXISTING);
        List<ScannedFile> files = FolderScan.files("test", root);
        StatCache.Session session = cache.begin(other.toRealPath());
        assertThat(session.find(files)).containsOnlyNulls();
    }

    @Test
    void itIsItsOwnersAlone() throws IOException {
        save();
        assumeTrue(home.getFileSystem().supportedFileAttributeViews().contains("posix"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cacheFile())))
                .isEqualTo("rw-------");
    }

    @Test
    void savingWhatIsKnownWritesNothing() throws IOException {
        save();
        Path file = cacheFile();
        Object before = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        save();
        assertThat(Files.readAttributes(file, BasicFileAttributes.class).fileKey())
                .isEqualTo(before);
    }

    @Test
    void aPlaceThatCannotBeWrittenCostsTimeOnly() throws IOException {
        Path blocked = Files.writeString(folder.resolve("blocked"), "a file");
        StatCache nowhere = StatCache.in(blocked, TOMORROW);
        save(nowhere);
        assertThat(known(nowhere)).containsExactly(null, null, null);
        save(StatCache.none());
        assertThat(known(StatCache.none())).containsExactly(null, null, null);
    }

    @Test
    void theFoldersThatWereNotAskedForTheLongestAreForgotten() throws IOException {
        save();
        Files.setLastModifiedTime(cacheFile(), FileTime.fromMillis(1));
        Files.createFile(home.resolve("left.tmp"));
        Path kept = Files.createDirectory(root.resolve("kept")).toRealPath();
        Files.writeString(kept.resolve("x"), "x");
        save(cache, kept);
        for (int i = 0; i < StatCache.MAX_FOLDERS - 1; i++) {
            Path other = Files.createDirectory(folder.resolve("other" + i)).toRealPath();
            Files.writeString(other.resolve("x"), "x");
            save(cache, other);
        }
        assertThat(known(cache, root).get(0)).isNull();
        assertThat(known(cache, kept).get(0)).isNotNull();
        try (Stream<Path> files = Files.list(home)) {
            assertThat(files.filter(each -> each.toString().endsWith(".stat"))).hasSize(StatCache.MAX_FOLDERS);
        }
        assertThat(home.resolve("left.tmp")).doesNotExist();
    }

    private FileStat stat(String path) {
        try {
            return FileStat.of(root.resolve(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path cacheFile() throws IOException {
        try (Stream<Path> files = Files.list(home)) {
            return files.findFirst().orElseThrow();
        }
    }

    private void save() throws IOException {
        save(cache);
    }

    private void save(StatCache cache) throws IOException {
        save(cache, root);
    }

    private static void save(StatCache cache, Path root) throws IOException {
        StatCache.Session session = cache.begin(root);
        List<ScannedFile> files = FolderScan.files("test", root);
        session.save(files, digests(files));
    }

    private List<Digest> digests() throws IOException {
        return digests(FolderScan.files("test", root));
    }

    private static List<Digest> digests(List<ScannedFile> files) throws IOException {
        List<Digest> digests = new ArrayList<>();
        for (ScannedFile file : files) {
            digests.add(Digest.of(Files.readString(file.file()).getBytes(StandardCharsets.UTF_8)));
        }
        return digests;
    }

    private List<@Nullable Digest> known() {
        return known(cache);
    }

    private List<@Nullable Digest> known(StatCache cache) {
        return known(cache, root);
    }

    private static List<@Nullable Digest> known(StatCache cache, Path root) {
        return cache.begin(root).find(FolderScan.files("test", root));
    }
}
