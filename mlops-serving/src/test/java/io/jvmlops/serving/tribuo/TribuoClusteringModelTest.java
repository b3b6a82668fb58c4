package io.jvmlops.serving.tribuo;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.serving.folder.ModelFolder;
import io.jvmlops.test.model.InferenceModelContract;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

class TribuoClusteringModelTest extends InferenceModelContract {
    @TempDir
    static Path folder;

    @BeforeAll
    static void export() {
        TribuoModels.export(Trained.clusters()).export(folder, null);
    }

    @Override
    protected InferenceModel open() {
        ModelFiles files = ModelFolder.files(folder);
        return new TribuoModelLoader().load(files, ModelFolder.read(files));
    }

    @Override
    protected Tensors inputs() {
        return Tensors.of("input", Trained.tensor(DataType.FP64, 20, Trained.FEATURES.size(), 11));
    }

    /** Rows are answered one by one, so to the bit. */
    @Override
    protected double tolerance() {
        return 0;
    }
}
