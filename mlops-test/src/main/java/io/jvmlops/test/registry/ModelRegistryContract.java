package io.jvmlops.test.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jvmlops.api.artifact.ArtifactReferences;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.artifact.Verification;
import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.ConflictException;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.metadata.Keys;
import io.jvmlops.api.metadata.MetadataChanges;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.model.ModelSignature;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.ModelInfo;
import io.jvmlops.api.registry.ModelOrigin;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.api.registry.VersionTags;
import io.jvmlops.test.Concurrently;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What every {@link ModelRegistry} does. Extend it, and give it a registry. */
public abstract class ModelRegistryContract extends AliasCases {
    @Test
    void anEmptyRegistryHasNothing() {
        assertThat(registry.models()).isEmpty();
        assertThat(registry.versions("iris")).isEmpty();
        assertThat(registry.aliases("iris")).isEmpty();
        assertThat(registry.aliasHistory("iris", "champion")).isEmpty();
        assertThat(registry.versionsFromRun(RUN)).isEmpty();
        assertThat(registry.find(ModelRef.parse("iris/1"))).isEmpty();
        assertThat(registry.find(ModelRef.parse("iris@champion"))).isEmpty();
    }

    @Test
    void versionsCountUpFromOne() {
        Manifest files = manifest("one");
        Map<String, String> provenance = Map.of("trainer", "it's \"sgd\" ☃", "empty", "");
        ModelOrigin origin = new ModelOrigin(RUN, List.of(), null, Map.of(), provenance);
        ModelVersion first = registry.register(
                NewModelVersion.builder("iris", files).origin(origin).build());
        assertThat(first).isEqualTo(bare("iris", 1, files.digest(), T0, "ada", origin));
        clock.advance(Duration.ofSeconds(1));
        actor = "bob";
        ModelVersion second = register("iris", "two");
        assertThat(second)
                .isEqualTo(bare("iris", 2, manifest("two").digest(), T0.plusSeconds(1), "bob", ModelOrigin.none()));
        assertThat(register("wine", "one").version()).isEqualTo(1);
        assertThat(registry.versions("iris")).containsExactly(first, second);
        assertThat(registry.models()).containsExactly("iris", "wine");
        assertThat(registry.get(ModelRef.parse("iris/1"))).isEqualTo(first);
        assertThat(registry.find(ModelRef.parse("iris/3"))).isEmpty();
    }

    @Test
    void theSameBytesMayBeRegisteredTwice() {
        ModelVersion first = register("iris", "same");
        ModelVersion second = register("iris", "same");
        assertThat(second.version()).isEqualTo(2);
        assertThat(second.digest()).isEqualTo(first.digest());
    }

    @Test
    void modelsAreSortedAndNamesAreExact() {
        for (String name : List.of("b", "a", "B", "a b", "%", "ünï☃")) {
            register(name, name);
        }
        assertThat(registry.models()).isSorted().containsExactlyInAnyOrder("b", "a", "B", "a b", "%", "ünï☃");
        assertThat(registry.versions("%")).hasSize(1);
    }

    @Test
    void aMissingFileIsNotRegistered() {
        FileEntry missing = new FileEntry("weights.bin", 3, Digest.of("abc".getBytes(UTF_8)));
        Manifest files = new Manifest(List.of(entry("MLmodel", "x"), missing));
        assertThatThrownBy(() ->
                        registry.register(NewModelVersion.builder("iris", files).build()))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("weights.bin")
                .hasMessageContaining("iris");
        assertThat(registry.versions("iris")).isEmpty();
        assertThat(registry.models()).isEmpty();
    }

    @Test
    void registrationsAtOnceGetDifferentNumbers() {
        Manifest files = manifest("x");
        List<Integer> numbers = Concurrently.run(
                8,
                thread -> registry.register(
                                NewModelVersion.builder("iris", files).build())
                        .version());
        assertThat(numbers).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7, 8);
    }

    @Test
    void theVersionsOfARunAreFound() {
        ModelVersion iris = registry.register(fromRun("iris", "a", RUN));
        register("iris", "b");
        registry.register(fromRun("iris", "c", RUN.replace('0', '1')));
        ModelVersion wine = registry.register(fromRun("a wine", "d", RUN));
        assertThat(registry.versionsFromRun(RUN)).containsExactly(iris, wine);
    }

    @Test
    void theHistoryOfAModelIsThatOfAllItsAliases() {
        ModelVersion one = register("iris", "one");
        ModelVersion two = register("iris", "two");
        AliasChange first = registry.setAlias("iris", "champion", one);
        registry.setAlias("wine", "champion", register("wine", "one"));
        AliasChange second = registry.setAlias("iris", "challenger", two);
        AliasChange third = registry.compareAndSetAlias("iris", "challenger", 2, null, "gone");
        AliasChange fourth = registry.rollback("iris", "challenger", "back");
        assertThat(registry.aliasHistory("iris")).containsExactly(first, second, third, fourth);
        assertThat(registry.aliasHistory("Iris")).isEmpty();
        assertThat(registry.aliasHistory("no\0thing")).isEmpty();
    }

    @Test
    void aReferenceToNothingSaysWhatThereIs() {
        assertThatThrownBy(() -> registry.get(ModelRef.parse("iris@champion")))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("iris");
        registry.setAlias("iris", "challenger", register("iris", "one"));
        assertThatThrownBy(() -> registry.get(ModelRef.parse("iris@champion")))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("challenger")
                .hasMessageContaining("[1]");
    }

    @Test
    void filesAreVerifiedAsTheyAreRead() {
        ModelVersion version = register("iris", "content");
        ModelFiles files = registry.files(version);
        assertThat(files.name()).isEqualTo("iris/1");
        assertThat(files.digest()).isEqualTo(version.digest());
        assertThat(files.manifest()).isEqualTo(manifest("content"));
        assertThat(new String(files.read("MLmodel"), UTF_8)).isEqualTo("content");

        Digest digest = Digest.of("content".getBytes(UTF_8));
        for (String altered : List.of("Content", "content and more", "")) {
            artifacts.damage(digest, altered.getBytes(UTF_8));
            assertThatThrownBy(() -> files.read("MLmodel"))
                    .isInstanceOf(IntegrityException.class)
                    .hasMessageContaining("iris/1")
                    .hasMessageContaining("MLmodel");
        }
        artifacts.lose(digest);
        assertThatThrownBy(() -> files.read("MLmodel"))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("missing");
    }

    @Test
    void filesOfAVersionThatIsNotThisRegistrysAreRefused() {
        ModelVersion version = register("iris", "content");
        ModelVersion other = bare("iris", 1, Digest.of("other".getBytes(UTF_8)), T0, "ada", ModelOrigin.none());
        ModelVersion absent = bare("iris", 7, version.digest(), T0, "ada", ModelOrigin.none());
        assertThatThrownBy(() -> registry.files(other)).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> registry.files(absent)).isInstanceOf(NotFoundException.class);
    }

    private static final DatasetVersion TRAINING = new DatasetVersion("iris", digest("training"), "s3://bucket/iris ☃");
    private static final DatasetVersion OLDER = new DatasetVersion("a", digest("older"), "");

    private static Digest digest(String content) {
        return Digest.of(content.getBytes(UTF_8));
    }

    @Test
    void aModelMayBeDescribedBeforeItHasVersions() {
        assertThat(registry.findModel("iris")).isEmpty();
        ModelInfo created = registry.createModel(
                "iris", new MetadataChanges("it's \"good\" ☃", Map.of("team", "blue", "empty", ""), Set.of("x")));
        assertThat(created)
                .isEqualTo(new ModelInfo(
                        "iris", "it's \"good\" ☃", Map.of("team", "blue", "empty", ""), T0, T0, 0, Map.of()));
        assertThat(registry.findModel("iris")).contains(created);
        assertThat(registry.models()).containsExactly("iris");
        assertThat(registry.versions("iris")).isEmpty();
        clock.advance(Duration.ofSeconds(1));
        register("iris", "one");
        register("wine", "one");
        assertThat(registry.findModel("iris"))
                .contains(new ModelInfo(
                        "iris", created.description(), created.tags(), T0, T0.plusSeconds(1), 1, Map.of()));
        for (String name : List.of("iris", "wine")) {
            assertThatThrownBy(() -> registry.createModel(name, MetadataChanges.describe("other")))
                    .isInstanceOf(ConflictException.class)
                    .hasMessageContaining(name);
        }
        for (String name : List.of("", " ", "a/b", "a@b", "a:b", "a\nb", "\ud800", "x".repeat(257))) {
            assertThatThrownBy(() -> registry.createModel(name, MetadataChanges.describe("")))
                    .isInstanceOf(InvalidInputException.class);
        }
        assertThat(registry.models()).containsExactly("iris", "wine");
    }

    @Test
    void whatIsSaidOfAModelChangesAllOrNothing() {
        register("iris", "one");
        register("iris", "two");
        registry.compareAndSetAlias("iris", "champion", null, 2, "");
        registry.compareAndSetAlias("iris", "Challenger", null, 1, "");
        assertThat(registry.findModel("iris"))
                .contains(new ModelInfo("iris", "", Map.of(), T0, T0, 2, Map.of("champion", 2, "Challenger", 1)));
        clock.advance(Duration.ofSeconds(5));
        registry.updateModel("iris", new MetadataChanges("first", Map.of("a", "1", "b", "1"), Set.of()));
        clock.advance(Duration.ofSeconds(5));
        ModelInfo changed = registry.updateModel(
                "iris", new MetadataChanges(null, Map.of("b", "2", "c", "3"), Set.of("a", "c", "never", "a\0b")));
        assertThat(changed.description()).isEqualTo("first");
        assertThat(changed.tags()).isEqualTo(Map.of("b", "2", "c", "3"));
        assertThat(changed.createdAt()).isEqualTo(T0);
        assertThat(changed.updatedAt()).isEqualTo(T0.plusSeconds(10));
        assertThat(registry.findModel("iris")).contains(changed);
        assertThat(registry.updateModel("iris", MetadataChanges.describe("")).description())
                .isEmpty();
        assertThatThrownBy(() -> registry.updateModel("wine", MetadataChanges.tag("a", "1")))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("wine");
        assertThat(registry.models()).containsExactly("iris");
    }

    @Test
    void aModelIsDeletedWithItsVersionsOnceNothingPointsAtIt() {
        registry.createModel("iris", new MetadataChanges("old", Map.of("a", "1"), Set.of()));
        ModelVersion first = registry.register(fromRun("iris", "one", RUN));
        register("iris", "two");
        register("wine", "one");
        registry.compareAndSetAlias("iris", "champion", null, 1, "");
        assertThatThrownBy(() -> registry.deleteModel("iris"))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("champion")
                .hasMessageContaining("iris");
        assertThat(registry.versions("iris")).hasSize(2);
        registry.compareAndSetAlias("iris", "champion", 1, null, "");
        registry.deleteModel("iris");
        assertThat(registry.findModel("iris")).isEmpty();
        assertThat(registry.models()).containsExactly("wine");
        assertThat(registry.versions("iris")).isEmpty();
        assertThat(registry.find(first.ref())).isEmpty();
        assertThat(registry.versionsFromRun(RUN)).isEmpty();
        assertThat(registry.aliases("iris")).isEmpty();
        assertThat(registry.aliasHistory("iris", "champion")).hasSize(2);
        assertThatThrownBy(() -> registry.deleteModel("iris")).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> registry.updateModel("iris", MetadataChanges.describe("")))
                .isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> registry.files(first)).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> registry.compareAndSetAlias("iris", "champion", null, 1, ""))
                .isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> registry.rollback("iris", "champion", null, ""))
                .isInstanceOf(ConflictException.class);

        clock.advance(Duration.ofSeconds(9));
        ModelVersion later = register("iris", "three");
        assertThat(later.version()).isEqualTo(3);
        assertThat(registry.versions("iris")).containsExactly(later);
        assertThat(registry.findModel("iris"))
                .contains(new ModelInfo("iris", "", Map.of(), T0.plusSeconds(9), T0.plusSeconds(9), 1, Map.of()));
        registry.compareAndSetAlias("iris", "champion", null, 3, "");
        assertThatThrownBy(() -> registry.rollback("iris", "champion", 3, "")).isInstanceOf(ConflictException.class);

        registry.deleteModel("wine");
        assertThat(registry.createModel("wine", MetadataChanges.describe("again"))
                        .versions())
                .isZero();
        assertThat(register("wine", "four").version()).isEqualTo(2);
    }

    @Test
    void allThatIsKnownOfAVersionIsKept() {
        FileEntry example = entry("input_example.json", "[1]");
        Manifest files = new Manifest(List.of(entry("MLmodel", "m"), example));
        ModelOrigin origin = new ModelOrigin(
                RUN,
                List.of(TRAINING, OLDER, TRAINING),
                "0123abc",
                Map.of("jvm", "it's 17", "os", "", "ünï", "☃"),
                Map.of("trainer", "sgd", "empty", "", "long", "x".repeat(NewModelVersion.MAX_FACT)));
        ModelSignature signature = new ModelSignature(
                List.of(
                        TensorSpec.of("x \"☃\" \u0000\ud800", DataType.FP32, -1, 2)
                                .withColumns(List.of("petal width", "")),
                        TensorSpec.of("", DataType.BYTES)),
                List.of(TensorSpec.of("y", DataType.INT64, -1, 0, Long.MAX_VALUE)));
        NewModelVersion registered = NewModelVersion.builder("iris", files)
                .origin(origin)
                .signature(signature)
                .inputExample("input_example.json")
                .description("it's \"good\" ☃\nsecond line")
                .tag("team", "blue")
                .tag("mlflow.stage", "Production")
                .build();
        ModelVersion version = registry.register(registered);
        assertThat(version)
                .isEqualTo(new ModelVersion(
                        "iris",
                        1,
                        files.digest(),
                        T0,
                        "ada",
                        T0,
                        origin,
                        signature,
                        "input_example.json",
                        registered.description(),
                        registered.tags()));
        assertThat(version.origin().datasets()).containsExactly(TRAINING, OLDER, TRAINING);
        assertThat(version.legacyStage()).contains("Production");
        registry.compareAndSetAlias("iris", "champion", null, 1, "");
        assertThat(registry.find(version.ref())).contains(version);
        assertThat(registry.find(ModelRef.parse("iris@champion"))).contains(version);
        assertThat(registry.versions("iris")).containsExactly(version);
        assertThat(registry.versionsFromRun(RUN)).containsExactly(version);
        ModelVersion bare = register("iris", "one");
        assertThat(bare.legacyStage()).isEmpty();
        assertThat(registry.versions("iris")).containsExactly(version, bare);
    }

    @Test
    void whatIsOverTheLimitsIsNotRegistered() {
        Manifest files = manifest("one");
        String tooLong = "x".repeat(Keys.MAX_DESCRIPTION + 1);
        List<Supplier<NewModelVersion.Builder>> bad = List.of(
                () -> NewModelVersion.builder("a@b", files),
                () -> NewModelVersion.builder("\udc00", files),
                () -> NewModelVersion.builder("iris", files).description(tooLong),
                () -> NewModelVersion.builder("iris", files).description("a\0b"),
                () -> NewModelVersion.builder("iris", files).tag("", "x"),
                () -> NewModelVersion.builder("iris", files).tag("a", "x".repeat(Keys.MAX_TAG_VALUE + 1)),
                () -> NewModelVersion.builder("iris", files).tag(VersionTags.LEGACY_STAGE, "production"),
                () -> NewModelVersion.builder("iris", files).inputExample("other.json"),
                () -> NewModelVersion.builder("iris", files).origin(ModelOrigin.ofRun("")),
                () -> NewModelVersion.builder("iris", files)
                        .origin(new ModelOrigin(null, List.of(), "a\0b", Map.of(), Map.of())),
                () -> NewModelVersion.builder("iris", files)
                        .origin(new ModelOrigin(null, List.of(), null, Map.of("a\nb", ""), Map.of())),
                () -> NewModelVersion.builder("iris", files)
                        .origin(new ModelOrigin(null, List.of(), null, Map.of(), Map.of("a", "\ud800"))));
        for (Supplier<NewModelVersion.Builder> each : bad) {
            assertThatThrownBy(() -> each.get().build()).isInstanceOf(InvalidInputException.class);
        }
        for (String stage : List.of("None", "Staging", "Production", "Archived")) {
            assertThat(registry.register(NewModelVersion.builder("iris", files)
                                    .tag(VersionTags.LEGACY_STAGE, stage)
                                    .build())
                            .legacyStage())
                    .contains(stage);
        }
    }

    @Test
    void whatIsSaidOfAVersionChangesAllOrNothing() {
        ModelVersion first = registry.register(NewModelVersion.builder("iris", manifest("one"))
                .tag(VersionTags.LEGACY_STAGE, "Staging")
                .tag("a", "1")
                .tag("b", "1")
                .build());
        register("iris", "two");
        clock.advance(Duration.ofSeconds(3));
        ModelVersion changed = registry.updateVersion(
                first.ref(), new MetadataChanges("checked", Map.of("b", "2", "c", "3"), Set.of("a", "never")));
        assertThat(changed)
                .isEqualTo(new ModelVersion(
                        "iris",
                        1,
                        first.digest(),
                        T0,
                        "ada",
                        T0.plusSeconds(3),
                        first.origin(),
                        null,
                        null,
                        "checked",
                        Map.of("b", "2", "c", "3", VersionTags.LEGACY_STAGE, "Staging")));
        assertThat(registry.find(first.ref())).contains(changed);
        assertThat(registry.updateVersion(first.ref(), MetadataChanges.tag("d", "4"))
                        .description())
                .isEqualTo("checked");
        for (MetadataChanges stage : List.of(
                MetadataChanges.tag(VersionTags.LEGACY_STAGE, "Production"),
                MetadataChanges.removeTag(VersionTags.LEGACY_STAGE))) {
            assertThatThrownBy(() -> registry.updateVersion(first.ref(), stage))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("alias");
        }
        for (ModelRef.Version none : List.of(new ModelRef.Version("iris", 3), new ModelRef.Version("wine", 1))) {
            assertThatThrownBy(() -> registry.updateVersion(none, MetadataChanges.describe("")))
                    .isInstanceOf(NotFoundException.class);
        }
        assertThat(registry.get(first.ref()).legacyStage()).contains("Staging");
        assertThat(registry.get(new ModelRef.Version("iris", 2)).tags()).isEmpty();
    }

    @Test
    void aDeletedVersionIsNotFoundAndItsNumberIsNotUsedAgain() {
        register("iris", "one");
        ModelVersion second = registry.register(fromRun("iris", "two", RUN));
        registry.compareAndSetAlias("iris", "champion", null, 2, "");
        registry.compareAndSetAlias("iris", "challenger", null, 2, "");
        assertThatThrownBy(() -> registry.deleteVersion(second.ref()))
                .isInstanceOf(ConflictException.class)
                .hasMessageContaining("iris/2")
                .hasMessageContaining("champion")
                .hasMessageContaining("challenger");
        assertThat(registry.find(second.ref())).contains(second);
        registry.compareAndSetAlias("iris", "champion", 2, 1, "");
        registry.compareAndSetAlias("iris", "challenger", 2, null, "");
        clock.advance(Duration.ofSeconds(3));
        registry.deleteVersion(second.ref());
        assertThat(registry.find(second.ref())).isEmpty();
        assertThat(registry.versions("iris")).extracting(ModelVersion::version).containsExactly(1);
        assertThat(registry.versionsFromRun(RUN)).isEmpty();
        assertThat(registry.versionsWithFile(digest("two"))).isEmpty();
        assertThat(registry.findModel("iris").orElseThrow().versions()).isEqualTo(1);
        assertThat(registry.findModel("iris").orElseThrow().updatedAt()).isEqualTo(T0.plusSeconds(3));
        assertThat(registry.aliasHistory("iris", "champion"))
                .extracting(AliasChange::to)
                .containsExactly(2, 1);
        for (Runnable call : List.<Runnable>of(
                () -> registry.files(second),
                () -> registry.verify(second),
                () -> registry.deleteVersion(second.ref()),
                () -> registry.updateVersion(second.ref(), MetadataChanges.describe("")),
                () -> registry.compareAndSetAlias("iris", "champion", 1, 2, ""),
                () -> registry.setAlias("iris", "champion", second),
                () -> registry.deleteVersion(new ModelRef.Version("wine", 1)))) {
            assertThatThrownBy(call::run).isInstanceOf(NotFoundException.class);
        }
        assertThat(register("iris", "three").version()).isEqualTo(3);
        registry.deleteVersion(new ModelRef.Version("iris", 3));
        assertThat(register("iris", "four").version()).isEqualTo(4);
    }

    @Test
    void versionsAreFoundByWhatTheyWereTrainedOnAndByWhatTheyHold() {
        ModelVersion wine = registry.register(NewModelVersion.builder("wine", manifest("a"))
                .origin(new ModelOrigin(null, List.of(OLDER, TRAINING, TRAINING), null, Map.of(), Map.of()))
                .build());
        Manifest twice = new Manifest(List.of(entry("MLmodel", "b"), entry("x", "shared"), entry("y", "shared")));
        ModelVersion iris = registry.register(NewModelVersion.builder("iris", twice)
                .origin(new ModelOrigin(RUN, List.of(TRAINING), null, Map.of(), Map.of()))
                .build());
        ModelVersion last = registry.register(NewModelVersion.builder("a", new Manifest(List.of(entry("z", "shared"))))
                .build());
        assertThat(registry.versionsTrainedOn(TRAINING.digest())).containsExactly(wine, iris);
        assertThat(registry.versionsTrainedOn(OLDER.digest())).containsExactly(wine);
        assertThat(registry.versionsTrainedOn(digest("shared"))).isEmpty();
        assertThat(registry.versionsWithFile(digest("shared"))).containsExactly(iris, last);
        assertThat(registry.versionsWithFile(digest("a"))).containsExactly(wine);
        assertThat(registry.versionsWithFile(TRAINING.digest())).isEmpty();
    }

    @Test
    void whatCannotBeANameIsNotThere() {
        register("iris", "one");
        for (String odd : List.of("iris\0", "\0", "\ud800", "iris\ud800")) {
            assertThat(registry.findModel(odd)).isEmpty();
            assertThat(registry.versions(odd)).isEmpty();
            assertThat(registry.versionsFromRun(odd)).isEmpty();
            assertThat(registry.aliases(odd)).isEmpty();
            assertThat(registry.aliasHistory(odd, "champion")).isEmpty();
            assertThat(registry.aliasHistory("iris", odd)).isEmpty();
            assertThatThrownBy(() -> registry.deleteModel(odd)).isInstanceOf(NotFoundException.class);
        }
    }

    @Test
    void verifyingNamesEveryFileThatDiffers() {
        Manifest files = new Manifest(List.of(
                entry("MLmodel", "m"),
                entry("a/weights.bin", "weights"),
                entry("b.txt", "b"),
                entry("c.txt", "c"),
                entry("empty", "")));
        ModelVersion version =
                registry.register(NewModelVersion.builder("iris", files).build());
        assertThat(registry.verify(version)).isEqualTo(new Verification("model iris/1", 5, 10, List.of()));
        registry.verify(version).requireIntact();

        artifacts.damage(digest("weights"), "weightz".getBytes(UTF_8));
        artifacts.damage(digest("b"), "bb".getBytes(UTF_8));
        artifacts.damage(digest("c"), new byte[0]);
        artifacts.lose(digest(""));
        Verification found = registry.verify(version);
        assertThat(found.isIntact()).isFalse();
        assertThat(found.files()).isEqualTo(5);
        assertThat(found.problems())
                .extracting(Verification.Problem::path, Verification.Problem::kind, Verification.Problem::expected)
                .containsExactly(
                        tuple("a/weights.bin", Verification.Kind.ALTERED, digest("weights")),
                        tuple("b.txt", Verification.Kind.ALTERED, digest("b")),
                        tuple("c.txt", Verification.Kind.ALTERED, digest("c")),
                        tuple("empty", Verification.Kind.MISSING, digest("")));
        assertThatThrownBy(found::requireIntact)
                .isInstanceOf(IntegrityException.class)
                .hasMessageContaining("iris/1")
                .hasMessageContaining("a/weights.bin");
        artifacts.close();
        assertThatThrownBy(() -> registry.verify(version)).isInstanceOf(ClosedException.class);
    }

    @Test
    void whatIsRegisteredWhileGarbageIsCollectedIsRefusedOrKept() {
        assumeTrue(registry instanceof ArtifactReferences);
        ArtifactReferences references = (ArtifactReferences) registry;
        Manifest files = manifest("one");
        references.beginCollection(T0.minusSeconds(60));
        references.beginCollection(T0);
        ModelVersion first =
                registry.register(NewModelVersion.builder("iris", files).build());
        // Half a millisecond is enough.
        references.beginCollection(T0.plusNanos(500_000));
        references.beginCollection(T0.minusSeconds(1));
        for (String model : List.of("iris", "wine")) {
            assertThatThrownBy(() -> registry.register(
                            NewModelVersion.builder(model, files).build()))
                    .isInstanceOfSatisfying(
                            StorageException.class,
                            e -> assertThat(e.retryable()).isTrue())
                    .hasMessageContaining(model);
        }
        assertThat(registry.models()).containsExactly("iris");
        assertThat(registry.versions("iris")).containsExactly(first);
        clock.advance(Duration.ofMillis(1));
        assertThat(register("iris", "two").version()).isEqualTo(2);
    }

    @Test
    void registeringMakesItsFilesNewAgain() {
        Manifest files = manifest("one");
        clock.advance(Duration.ofDays(30));
        registry.register(NewModelVersion.builder("iris", files).build());
        List<Instant> storedAt = new ArrayList<>();
        artifacts.list(entry -> storedAt.add(entry.storedAt()));
        assertThat(storedAt).containsExactly(clock.instant());
    }

    @Test
    void theFilesOfAllVersionsButDeletedOnesAreReferredTo() {
        assumeTrue(registry instanceof ArtifactReferences);
        Set<Digest> expected = new HashSet<>();
        for (int i = 0; i < 70; i++) {
            Manifest files = new Manifest(List.of(entry("MLmodel", "m" + i), entry("weights", "w" + i)));
            registry.register(NewModelVersion.builder("m" + i % 3, files).build());
            files.files().forEach(file -> expected.add(file.digest()));
        }
        registry.deleteVersion(new ModelRef.Version("m0", 1));
        expected.removeAll(List.of(digest("m0"), digest("w0")));
        registry.deleteModel("m1");
        for (int i = 1; i < 70; i += 3) {
            expected.removeAll(List.of(digest("m" + i), digest("w" + i)));
        }
        List<ArtifactReferences.Reference> told = new ArrayList<>();
        ((ArtifactReferences) registry).forEachReference(told::add);
        assertThat(told).noneMatch(ArtifactReferences.Reference::isManifest);
        assertThat(told).extracting(ArtifactReferences.Reference::digest).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void aClosedRegistrySaysSo() {
        ModelVersion version = register("iris", "one");
        Manifest files = manifest("two");
        registry.close();
        registry.close();
        List<Runnable> calls = List.of(
                () -> registry.register(NewModelVersion.builder("iris", files).build()),
                () -> registry.find(version.ref()),
                () -> registry.versions("iris"),
                () -> registry.versionsFromRun(RUN),
                () -> registry.models(),
                () -> registry.aliases("iris"),
                () -> registry.compareAndSetAlias("iris", "champion", null, 1, ""),
                () -> registry.aliasHistory("iris", "champion"),
                () -> registry.files(version),
                () -> registry.verify(version),
                () -> registry.createModel("wine", MetadataChanges.describe("")),
                () -> registry.findModel("iris"),
                () -> registry.updateModel("iris", MetadataChanges.describe("")),
                () -> registry.deleteModel("iris"),
                () -> registry.updateVersion(version.ref(), MetadataChanges.describe("")),
                () -> registry.deleteVersion(version.ref()),
                () -> registry.versionsTrainedOn(version.digest()),
                () -> registry.versionsWithFile(version.digest()),
                () -> registry.rollback("iris", "champion", 1, ""),
                () -> registry.aliasChanges(0, 1),
                () -> registry.subscribe(change -> {}));
        for (Runnable call : calls) {
            assertThatThrownBy(call::run).isInstanceOf(ClosedException.class);
        }
    }
}
