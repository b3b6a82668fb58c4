package io.jvmlops.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.ArtifactStore;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.tracking.MetricStore;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunTags;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.serving.Serving;
import io.jvmlops.test.ManualClock;
import io.jvmlops.test.artifact.InMemoryArtifactStore;
import io.jvmlops.test.dataset.InMemoryDatasetStore;
import io.jvmlops.test.registry.InMemoryModelRegistry;
import io.jvmlops.test.tracking.InMemoryTrackingStore;
import io.jvmlops.tracking.Tracking;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

class MlopsTrackingAutoConfigurationTest {
    @TempDir
    private Path folder;

    @Test
    void opensTheFolder() {
        Contexts.in(folder.resolve("new")).run(context -> {
            assertThat(context).hasSingleBean(Tracking.class).hasSingleBean(ModelRegistry.class);
            Tracking tracking = context.getBean(Tracking.class);
            assertThat(tracking.location()).isEqualTo(folder.resolve("new").toString());
            assertThat(folder.resolve("new/mlops.db")).exists();
            assertThat(context.getBean(ModelRegistry.class)).isSameAs(tracking.registry());
        });
    }

    @Test
    void whatWasTrackedIsThereAfterARestart() {
        Contexts.in(folder).run(context -> IrisModel.register(context.getBean(Tracking.class)));
        Contexts.in(folder)
                .run(context -> assertThat(context.getBean(ModelRegistry.class).models())
                        .containsExactly("iris"));
    }

    @Test
    void whatStartedARunIsRecordedUnlessTheApplicationSaysNo() {
        Contexts.in(folder)
                .run(context -> assertThat(context.getBean(Tracking.class)
                                .experiment("e")
                                .run("r", run -> {})
                                .tags())
                        .containsKey(RunTags.SOURCE_NAME));
        Contexts.in(folder)
                .withPropertyValues("mlops.tracking.record-source=false")
                .run(context -> assertThat(context.getBean(Tracking.class)
                                .experiment("e")
                                .run("r", run -> {})
                                .tags())
                        .isEmpty());
    }

    /** Spring makes a Path out of a resource where the class path has one of that name. */
    @Test
    void aRelativeFolderIsBelowTheWorkingDirectoryEvenIfTheClassPathHasOneOfThatName() {
        assertThat(getClass().getResource("/models")).isNotNull();
        new ApplicationContextRunner()
                .withUserConfiguration(PropertiesOnly.class)
                .withPropertyValues("mlops.tracking.folder=models")
                .run(context -> assertThat(context.getBean(MlopsProperties.class)
                                .tracking()
                                .folder())
                        .isEqualTo("models"));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableConfigurationProperties(MlopsProperties.class)
    static class PropertiesOnly {}

    @Test
    void backsOffForTheApplicationsTracking() {
        Tracking own = Tracking.open(folder.resolve("own"));
        Contexts.in(folder.resolve("default"))
                .withBean("own", Tracking.class, () -> own)
                .run(context -> {
                    assertThat(context.getBean(Tracking.class)).isSameAs(own);
                    assertThat(context.getBean(ModelRegistry.class)).isSameAs(own.registry());
                    assertThat(folder.resolve("default")).doesNotExist();
                });
    }

    @Test
    void backsOffForTheApplicationsRegistry() {
        ModelRegistry own = new InMemoryModelRegistry(new InMemoryArtifactStore());
        Contexts.in(folder).withBean("own", ModelRegistry.class, () -> own).run(context -> {
            assertThat(context.getBean(ModelRegistry.class)).isSameAs(own);
            assertThat(context).hasSingleBean(Tracking.class).hasSingleBean(Serving.class);
            // Without the artifact store that it reads from, runs cannot put a model's files there.
            assertThat(context.getBean(Tracking.class).registry()).isNotSameAs(own);
        });
    }

    @Test
    void runsLogModelsIntoTheApplicationsRegistryAndArtifactStore() {
        ArtifactStore artifacts = new InMemoryArtifactStore();
        ModelRegistry own = new InMemoryModelRegistry(artifacts);
        Contexts.in(folder)
                .withBean("ownArtifacts", ArtifactStore.class, () -> artifacts)
                .withBean("ownRegistry", ModelRegistry.class, () -> own)
                .run(context -> {
                    assertThat(context).hasSingleBean(Tracking.class);
                    ModelVersion version = IrisModel.register(context.getBean(Tracking.class));
                    assertThat(own.versions("iris")).containsExactly(version);
                });
    }

    @Test
    void usesTheApplicationsDatasets() {
        ArtifactStore artifacts = new InMemoryArtifactStore();
        InMemoryDatasetStore own = new InMemoryDatasetStore(artifacts);
        Contexts.in(folder)
                .withBean("ownArtifacts", ArtifactStore.class, () -> artifacts)
                .withBean("ownDatasets", DatasetStore.class, () -> own)
                .run(context -> assertThat(
                                context.getBean(Tracking.class).datasets().store())
                        .isSameAs(own));
    }

    @Test
    void usesTheApplicationsStoresOfRunsAndMetrics() {
        InMemoryTrackingStore runs = new InMemoryTrackingStore();
        Contexts.in(folder)
                .withBean("runs", TrackingStore.class, () -> runs)
                .withBean("metrics", MetricStore.class, runs::metrics)
                .run(context -> {
                    context.getBean(Tracking.class).experiment("iris");
                    assertThat(runs.experiments()).hasSize(1);
                });
    }

    @Test
    void readsTheTimeFromTheApplicationsClock() {
        Instant then = Instant.parse("2001-02-03T04:05:06Z");
        Contexts.in(folder)
                .withBean("clock", Clock.class, () -> Clock.fixed(then, ZoneOffset.UTC))
                .run(context -> {
                    try (Run run =
                            context.getBean(Tracking.class).experiment("iris").startRun("a")) {
                        assertThat(run.info().startedAt()).isEqualTo(then);
                    }
                });
    }

    @Test
    void ofTwoClocksNeitherIsTaken() {
        Contexts.in(folder)
                .withBean("one", InstantSource.class, () -> InstantSource.fixed(Instant.EPOCH))
                .withBean("two", InstantSource.class, () -> new ManualClock(Instant.EPOCH))
                .run(context -> {
                    try (Run run =
                            context.getBean(Tracking.class).experiment("iris").startRun("a")) {
                        assertThat(run.info().startedAt()).isAfter(Instant.EPOCH);
                    }
                });
    }

    @Test
    void customizersHaveTheLastWord() {
        Contexts.in(folder)
                .withBean("actor", TrackingCustomizer.class, () -> builder -> builder.actor(() -> "nightly job"))
                .run(context -> assertThat(IrisModel.register(context.getBean(Tracking.class))
                                .createdBy())
                        .isEqualTo("nightly job"));
    }

    @Test
    void thereIsNoneWhereItIsDisabled() {
        Contexts.in(folder)
                .withPropertyValues("mlops.tracking.enabled=false")
                .run(context -> assertThat(context)
                        .doesNotHaveBean(Tracking.class)
                        .doesNotHaveBean(ModelRegistry.class)
                        .doesNotHaveBean(Serving.class));
    }

    @Test
    void closesWithTheContext() {
        Tracking[] left = new Tracking[1];
        Contexts.in(folder).run(context -> left[0] = context.getBean(Tracking.class));
        assertThatThrownBy(() -> left[0].experiment("iris")).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> left[0].registry().models()).isInstanceOf(ClosedException.class);
    }

    @Test
    void aFolderThatCannotBeOneFailsTheStartWithOurMessage() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        Contexts.in(file)
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasStackTraceContaining(StorageException.class.getName())
                        .hasStackTraceContaining(file.toString()));
    }
}
