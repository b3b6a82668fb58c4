package io.jvmlops.tracking.files;

import io.jvmlops.api.artifact.Digest;
import java.nio.file.Path;

/** Deletes an artifact: {@code <folder> <digest>}. Prints {@code deleting}, and then {@code deleted <whether it was>}. */
final class DeletingProgram {
    private DeletingProgram() {}

    public static void main(String[] arguments) {
        try (LocalArtifactStore store = LocalArtifactStore.open(Path.of(arguments[0]))) {
            System.out.println("deleting");
            boolean deleted = store.delete(new Digest(arguments[1]), store.now().plusSeconds(60));
            System.out.println("deleted " + deleted);
        }
    }
}
