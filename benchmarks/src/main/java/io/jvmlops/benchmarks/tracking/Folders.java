package io.jvmlops.benchmarks.tracking;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Folders of files that nobody has compressed, made from a fixed seed. */
final class Folders {
    private static final int PER_FOLDER = 500;
    private static final int BLOCK = 1 << 16;

    private Folders() {}

    /** Files of a tenth to nineteen tenths of the mean, in folders of 500. */
    static void make(Path folder, int files, long bytes) throws IOException {
        SplittableRandom random = new SplittableRandom(20_260_301);
        double mean = (double) bytes / files;
        for (int i = 0; i < files; i++) {
            Path within = folder.resolve("part-" + i / PER_FOLDER);
            if (i % PER_FOLDER == 0) {
                Files.createDirectories(within);
            }
            makeFile(within.resolve("file-" + i), (long) (mean * (0.1 + 1.8 * random.nextDouble())), random.split());
        }
    }

    static void makeFile(Path file, long bytes, SplittableRandom random) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] block = new byte[(int) Math.min(BLOCK, Math.max(1, bytes))];
            for (long left = bytes; left > 0; left -= block.length) {
                random.nextBytes(block);
                out.write(block, 0, (int) Math.min(left, block.length));
            }
        }
    }

    /** Harmless if it is not there. */
    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path each, @Nullable IOException e) throws IOException {
                Files.delete(each);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
