package io.jvmlops.tracking.dataset;

import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.tracking.Tracking;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * Changes a folder and adds it as the next version, again and again: {@code <tracking's folder> <data> <seed>}. Begins when it
 * is sent a line. Says {@code adding}, and then what it knows to be durable: {@code added <version> <digest>}.
 */
final class AddingProgram {
    private AddingProgram() {}

    public static void main(String[] arguments) throws IOException {
        Path data = Path.of(arguments[1]);
        Random random = new Random(Long.parseLong(arguments[2]));
        if (System.in.read() < 0) {
            return;
        }
        try (Tracking tracking = Tracking.open(Path.of(arguments[0]))) {
            while (true) {
                change(data, random);
                System.out.println("adding");
                StoredDataset added = tracking.datasets().add("d", data);
                System.out.println(
                        "added " + added.version() + " " + added.digest().hex());
            }
        }
    }

    private static void change(Path data, Random random) throws IOException {
        for (int i = 0; i < 6; i++) {
            Path file = data.resolve("d" + random.nextInt(3) + "/f" + random.nextInt(6));
            Files.createDirectories(file.getParent());
            byte[] content = new byte[random.nextInt(4) == 0 ? 300_000 : 100];
            random.nextBytes(content);
            Files.write(file, content);
        }
    }
}
