package io.jvmlops.tracking;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FaceIT extends FaceCases {
    @TempDir
    Path folder;

    @Override
    Tracking.Builder builder() {
        return Tracking.builder().folder(folder);
    }
}
