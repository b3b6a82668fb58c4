package io.jvmlops.tracking.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.artifact.ManifestDiff;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.test.dataset.InMemoryDatasetStore;
import io.jvmlops.tracking.internal.FolderDeletion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/** Whatever is done to a folder, the cache never changes an answer. */
class StatusPropertyIT {
    /** More than a tick of any kernel's clock, and much less than the two seconds that the cache leaves. */
    private static final Duration TICKS = Duration.ofMillis(25);

    /** By which a file is settled after {@link #TICKS}, so that the trial need not wait for two seconds each time. */
    private static final InstantSource SOON =
            () -> InstantSource.system().instant().plusSeconds(2).minus(TICKS);

    @Property(tries = 25, shrinking = ShrinkingMode.OFF)
    void statusIsThatOfTheContents(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        Path folder = Files.createTempDirectory("jvmlops-status");
        try (ArtifactStore artifacts = new InMemoryArtifactStore();
                InMemoryDatasetStore store = new InMemoryDatasetStore(artifacts)) {
            Path root = Files.createDirectory(folder.resolve("root"));
            Datasets datasets = Datasets.of(store, artifacts).withCache(folder.resolve("cache"), SOON);
            List<StoredDataset> versions = new ArrayList<>();
            for (int round = 0; round < 5; round++) {
                for (int edits = random.nextInt(6); edits >= 0; edits--) {
                    edit(root, random);
                }
                if (random.nextBoolean()) {
                    spin();
                }
                Manifest real = manifest(root);
                if (versions.isEmpty() || random.nextInt(3) == 0) {
                    StoredDataset added = datasets.add("d", root);
                    assertThat(datasets.manifest(added)).isEqualTo(real);
                    versions.add(added);
                }
                // Right behind what has been read, too.
                if (random.nextBoolean()) {
                    edit(root, random);
                }
                StoredDataset version = versions.get(random.nextInt(versions.size()));
                assertThat(datasets.status(version, root))
                        .isEqualTo(ManifestDiff.between(datasets.manifest(version), manifest(root)));
            }
            StoredDataset last = versions.get(versions.size() - 1);
            datasets.restore(last, folder.resolve("restored"));
            assertThat(manifest(folder.resolve("restored"))).isEqualTo(datasets.manifest(last));
        } finally {
            FolderDeletion.delete(folder);
        }
    }

    private static void edit(Path root, Random random) throws IOException {
        Path file = root.resolve("d" + random.nextInt(2) + "/f" + random.nextInt(4));
        Files.createDirectories(file.getParent());
        switch (random.nextInt(7)) {
            case 0 -> Files.deleteIfExists(file);
            case 1 -> {
                // The same size and time as before, which only the time of change gives away.
                if (Files.exists(file)) {
                    FileTime time = Files.getLastModifiedTime(file);
                    byte[] content = new byte[(int) Files.size(file)];
                    random.nextBytes(content);
                    Files.write(file, content);
                    Files.setLastModifiedTime(file, time);
                }
            }
            case 2 -> {
                if (Files.exists(file)) {
                    Files.setLastModifiedTime(file, FileTime.fromMillis(random.nextInt(1_000_000)));
                }
            }
            case 3 -> {
                Path other = root.resolve("d" + random.nextInt(2) + "/f" + random.nextInt(4));
                if (Files.exists(file) && Files.exists(other.getParent()) && !other.equals(file)) {
                    Files.move(file, other, StandardCopyOption.REPLACE_EXISTING);
                }
            }
            default -> {
                // Few sizes and contents, so that files are often each other's twins.
                byte[] content = new byte[random.nextInt(3)];
                for (int i = 0; i < content.length; i++) {
                    content[i] = (byte) random.nextInt(3);
                }
                Files.write(file, content);
            }
        }
    }

    private static void spin() {
        long end = System.nanoTime() + TICKS.plusMillis(10).toNanos();
        while (System.nanoTime() - end < 0) {
            Thread.onSpinWait();
        }
    }

    private static Manifest manifest(Path root) throws IOException {
        List<FileEntry> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                byte[] content = Files.readAllBytes(file);
                files.add(new FileEntry(root.relativize(file).toString(), content.length, Digest.of(content)));
            }
        }
        return new Manifest(files);
    }
}
