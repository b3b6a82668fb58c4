package io.jvmlops.tracking;

import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.StorageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Adds a folder that does not fit, after one that does: {@code <disk> <small> <large> <ballast>}. Prints {@code failed
 * <message>} and {@code wrong <what>}; when it is sent a line it deletes the ballast, adds again, restores, and prints {@code
 * done <what is wrong>}.
 */
final class FillingDatasetsProgram {
    private FillingDatasetsProgram() {}

    public static void main(String[] arguments) throws Exception {
        Path disk = Path.of(arguments[0]);
        Path large = Path.of(arguments[2]);
        try (Tracking tracking = Tracking.open(disk.resolve("home"))) {
            StoredDataset first = tracking.datasets().add("d", Path.of(arguments[1]));
            try {
                tracking.datasets().add("d", large);
                System.out.println("added");
            } catch (StorageException e) {
                System.out.println("failed " + String.valueOf(e.getMessage()).replace('\n', ' '));
            }
            System.out.println("wrong " + wrong(tracking, List.of(first)));
            StoreProgram.awaitLine();
            Files.delete(Path.of(arguments[3]));
            StoredDataset second = tracking.datasets().add("d", large);
            System.out.println("done " + wrong(tracking, List.of(first, second)));
        }
    }

    private static String wrong(Tracking tracking, List<StoredDataset> expected) {
        if (!tracking.datasets().versions("d").equals(expected)) {
            return tracking.datasets().versions("d").toString();
        }
        return expected.stream()
                .map(version -> tracking.datasets().verify(version))
                .filter(found -> !found.isIntact())
                .toList()
                .toString();
    }
}
