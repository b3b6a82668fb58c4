package io.jvmlops.tracking.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** Stores an artifact that never ends: {@code <folder>}. Prints {@code storing} when some of it is on disk. */
final class StoringProgram {
    private StoringProgram() {}

    public static void main(String[] arguments) {
        LocalArtifactStore store = LocalArtifactStore.open(Path.of(arguments[0]));
        store.put(new InputStream() {
            private int reads;

            @Override
            public int read() throws IOException {
                return 1;
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                if (reads++ == 3) {
                    System.out.println("storing");
                    // Until it is killed.
                    return System.in.read(into, offset, length);
                }
                return length;
            }
        });
        System.out.println("stored");
        store.close();
    }
}
