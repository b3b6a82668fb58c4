package io.jvmlops.tracking.lineage;

import io.jvmlops.tracking.Tracking;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class LineageIT extends LineageCases {
    @TempDir
    Path folder;

    @Override
    Tracking.Builder builder() {
        return Tracking.builder().folder(folder);
    }
}
