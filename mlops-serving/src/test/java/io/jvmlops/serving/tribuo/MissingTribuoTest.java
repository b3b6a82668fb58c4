package io.jvmlops.serving.tribuo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.MissingDependencyException;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelLoader;
import io.jvmlops.serving.folder.ModelFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Model;

/** The loader where parts of Tribuo are not on the class path. */
class MissingTribuoTest {
    @TempDir
    Path folder;

    @Test
    void isThereWithoutTribuoAndNamesTheCoordinates() throws Exception {
        TribuoModels.export(Trained.logistic()).export(folder, null);
        ModelFiles files = ModelFolder.files(folder);
        try (IsolatedClasses without =
                new IsolatedClasses(MissingTribuoTest::own, hides("org.tribuo.", "com.oracle.", "com.google."))) {
            ModelLoader loader = loader(without);
            assertThat(loader.flavor()).isEqualTo("tribuo");
            assertThatThrownBy(() -> loader.load(files, ModelFolder.read(files)))
                    .isInstanceOf(MissingDependencyException.class)
                    .hasMessageContaining("org.tribuo:tribuo-core:4.3.2");
        }
    }

    @Test
    void namesTheArtifactOfTheModelsKind() throws Exception {
        TribuoModels.export(Trained.logistic()).export(folder, null);
        ModelFiles files = ModelFolder.files(folder);
        try (IsolatedClasses without =
                new IsolatedClasses(MissingTribuoTest::own, hides("org.tribuo.classification.sgd."))) {
            ModelLoader loader = loader(without);
            assertThatThrownBy(() -> loader.load(files, ModelFolder.read(files)))
                    .isInstanceOf(MissingDependencyException.class)
                    .hasMessageContaining("org.tribuo:tribuo-classification-sgd:4.3.2");
        }
    }

    @Test
    void namesTheArtifactsOfClustersAndAnomalies() throws Exception {
        Map<String, Model<?>> models = Trained.all();
        for (String[] kind : new String[][] {
            {"k-means", "org.tribuo.clustering.kmeans.", "tribuo-clustering-kmeans"},
            {"k-means", "org.tribuo.clustering.", "tribuo-clustering-kmeans"},
            {"hdbscan", "org.tribuo.clustering.hdbscan.", "tribuo-clustering-hdbscan"},
            {"one-class svm", "org.tribuo.anomaly.libsvm.", "tribuo-anomaly-libsvm"},
            {"libsvm", "org.tribuo.classification.libsvm.", "tribuo-classification-libsvm"},
            {"libsvm regression", "org.tribuo.regression.", "tribuo-regression-libsvm"}
        }) {
            Path target = Files.createTempDirectory(folder, "model");
            TribuoModels.export(Objects.requireNonNull(models.get(kind[0]))).export(target, null);
            ModelFiles files = ModelFolder.files(target);
            try (IsolatedClasses without = new IsolatedClasses(MissingTribuoTest::own, hides(kind[1]))) {
                ModelLoader loader = loader(without);
                assertThatThrownBy(() -> loader.load(files, ModelFolder.read(files)))
                        .isInstanceOf(MissingDependencyException.class)
                        .hasMessageContaining("org.tribuo:" + kind[2] + ":4.3.2");
            }
        }
    }

    @Test
    void loadsATreeWithoutTheRest() throws Exception {
        TribuoModels.export(Objects.requireNonNull(Trained.all().get("tree"))).export(folder, null);
        ModelFiles files = ModelFolder.files(folder);
        try (IsolatedClasses without = new IsolatedClasses(
                        MissingTribuoTest::own,
                        hides(
                                "org.tribuo.classification.sgd.",
                                "org.tribuo.common.sgd.",
                                "org.tribuo.regression.",
                                "org.tribuo.clustering.",
                                "org.tribuo.anomaly.",
                                "org.tribuo.common.libsvm.",
                                "libsvm."));
                InferenceModel model = loader(without).load(files, ModelFolder.read(files))) {
            assertThat(model.predict(Tensors.of("input", Trained.tensor(DataType.FP64, 3, 5, 1))))
                    .isNotNull();
        }
    }

    private static boolean own(String name) {
        return name.startsWith("io.jvmlops.serving.")
                || name.startsWith("org.tribuo.")
                || name.startsWith("com.oracle.");
    }

    private static ModelLoader loader(ClassLoader classes) {
        return ServiceLoader.load(ModelLoader.class, classes).stream()
                .filter(p -> p.type().getName().equals(TribuoModelLoader.class.getName()))
                .filter(p -> p.type().getClassLoader() == classes)
                .findFirst()
                .orElseThrow()
                .get();
    }

    private static Predicate<String> hides(String... prefixes) {
        return name -> {
            for (String prefix : prefixes) {
                if (name.startsWith(prefix)) {
                    return true;
                }
            }
            return false;
        };
    }
}
