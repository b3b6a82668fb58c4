package io.jvmlops.serving.tribuo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.data.Feature;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.predict.Classification;
import io.jvmlops.api.predict.Predictor;
import io.jvmlops.api.predict.Regression;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.serving.Serving;
import io.jvmlops.serving.folder.ModelFolder;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.test.registry.InMemoryModelRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tribuo.Model;
import org.tribuo.anomaly.Event;
import org.tribuo.clustering.ClusterID;
import org.tribuo.impl.ArrayExample;

/** Clusters and anomalies, out of a registry and into a caller's own types. */
class TribuoKindsIT {
    @TempDir
    Path root;

    private final InMemoryArtifactStore artifacts = new InMemoryArtifactStore();
    private final InMemoryModelRegistry registry = new InMemoryModelRegistry(artifacts);
    private Serving serving;

    private record Thing(
            double width,
            double height,
            double age,
            @Feature("Zeta") double zeta,
            @Feature("colour=red") double red) {
        static Thing of(double[] row) {
            return new Thing(row[0], row[1], row[2], row[3], row[4]);
        }
    }

    private record Group(long cluster, double distance) {}

    private record Verdict(String label, double score) {}

    @BeforeEach
    void open() {
        serving = Serving.builder(registry).build();
    }

    @AfterEach
    void close() {
        serving.close();
        registry.close();
        artifacts.close();
    }

    private void register(String name, ModelExporter exporter) throws IOException {
        Path folder = Files.createDirectory(root.resolve(name));
        exporter.export(folder, null);
        List<FileEntry> files = new ArrayList<>();
        for (FileEntry file : ModelFolder.files(folder).manifest().files()) {
            try (InputStream in = Files.newInputStream(folder.resolve(file.path()))) {
                ArtifactStore.Stored stored = artifacts.put(in);
                files.add(new FileEntry(file.path(), stored.size(), stored.digest()));
            }
        }
        registry.register(NewModelVersion.builder(name, new Manifest(files)).build());
    }

    @Test
    void aClusterAndItsDistance() throws IOException {
        Model<ClusterID> trained = Trained.clusters();
        register("groups", TribuoModels.export(trained));
        Predictor<Thing, Group> groups = serving.predictor("groups/1", Thing.class, Group.class);
        Predictor<Thing, Regression> distances = serving.predictor("groups/1", Thing.class, Regression.class);
        for (double[] row : Trained.rows(30, 5, 21)) {
            Group group = groups.predict(Thing.of(row));
            assertThat(group.cluster())
                    .isEqualTo(trained.predict(
                                    new ArrayExample<>(new ClusterID(-1), Trained.FEATURES.toArray(String[]::new), row))
                            .getOutput()
                            .getID());
            assertThat(group.distance()).isPositive();
            assertThat(distances.predict(Thing.of(row)).value()).isEqualTo(group.distance());
        }
        // The greatest of distances is not the class.
        assertThatThrownBy(() -> serving.predictor("groups/1", Thing.class, Classification.class))
                .isInstanceOf(InvalidInputException.class);
    }

    @Test
    void anEventAndItsScore() throws IOException {
        Model<Event> trained = Trained.anomalies();
        register("events", TribuoModels.export(trained));
        Predictor<Thing, Verdict> verdicts = serving.predictor("events/1", Thing.class, Verdict.class);
        Predictor<Thing, Classification> classes = serving.predictor("events/1", Thing.class, Classification.class);
        List<String> seen = new ArrayList<>();
        for (double[] row : Trained.rows(50, 5, 22)) {
            Event expected = trained.predict(new ArrayExample<>(
                            new Event(Event.EventType.UNKNOWN), Trained.FEATURES.toArray(String[]::new), row))
                    .getOutput();
            Verdict verdict = verdicts.predict(Thing.of(row));
            assertThat(verdict).isEqualTo(new Verdict(expected.getType().name(), expected.getScore()));
            Classification c = classes.predict(Thing.of(row));
            assertThat(c.labels()).containsExactly("EXPECTED", "ANOMALOUS");
            assertThat(c.label()).isEqualTo(verdict.label());
            assertThat(c.score()).isEqualTo(Math.abs(verdict.score()));
            seen.add(verdict.label());
        }
        assertThat(seen).contains("EXPECTED", "ANOMALOUS");
    }

    @Test
    void aTransformedClusteringHasNoDistance() throws IOException {
        register(
                "scaled",
                TribuoModels.export(Objects.requireNonNull(Trained.all().get("transformed k-means"))));
        assertThat(serving.predictor("scaled/1", Thing.class, Cluster.class)
                        .predict(Thing.of(Trained.rows(1, 5, 23)[0]))
                        .cluster())
                .isBetween(0L, 3L);
        assertThatThrownBy(() -> serving.predictor("scaled/1", Thing.class, Group.class))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'distance' is no output");
    }

    private record Cluster(long cluster) {}
}
