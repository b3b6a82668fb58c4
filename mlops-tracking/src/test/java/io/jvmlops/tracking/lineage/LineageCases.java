package io.jvmlops.tracking.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.lineage.Lineage;
import io.jvmlops.api.lineage.Lineage.Cut;
import io.jvmlops.api.lineage.Lineage.Direction;
import io.jvmlops.api.lineage.Lineage.Limit;
import io.jvmlops.api.lineage.Lineage.State;
import io.jvmlops.api.lineage.LineageNode;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelExporter;
import io.jvmlops.api.model.ModelRef;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.ModelOrigin;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.registry.NewModelVersion;
import io.jvmlops.api.tracking.Run;
import io.jvmlops.api.tracking.RunTags;
import io.jvmlops.tracking.Tracking;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same graph, whatever the stores. */
abstract class LineageCases {
    private static final DatasetVersion RAW = dataset("raw", "raw bytes", "https://example.org/raw.csv");

    @SuppressWarnings("NullAway.Init")
    Tracking tracking;

    abstract Tracking.Builder builder();

    @BeforeEach
    void open() {
        tracking = builder().recordSource(false).actor(() -> "ada").build();
    }

    @AfterEach
    void close() {
        tracking.close();
    }

    static DatasetVersion dataset(String name, String content, String source) {
        return new DatasetVersion(name, Digest.of(content.getBytes(StandardCharsets.UTF_8)), source);
    }

    private static ModelExporter model(String content) {
        return (folder, runId) -> {
            try {
                Files.writeString(folder.resolve("MLmodel"), "flavors: {none: {data: weights.bin}}");
                Files.writeString(folder.resolve("weights.bin"), content);
            } catch (IOException e) {
                throw new StorageException("test", e);
            }
            return ModelDescriptor.ofFile("none", "weights.bin");
        };
    }

    private Run start(String name) {
        return tracking.experiment("iris").startRun(name);
    }

    private static List<String> edges(Lineage lineage) {
        return lineage.edges().stream()
                .map(edge -> label(edge.from()) + " " + edge.relation().term() + " " + label(edge.to()))
                .toList();
    }

    private static String label(LineageNode node) {
        if (node instanceof LineageNode.Dataset dataset) {
            return dataset.name();
        } else if (node instanceof LineageNode.Run) {
            return "run";
        } else if (node instanceof LineageNode.Artifact artifact) {
            return artifact.path();
        } else if (node instanceof LineageNode.Version version) {
            return version.ref().toString();
        }
        return "move";
    }

    /** From raw data to what is live: prepared by one run, trained in a part of another, promoted. */
    private record Story(
            String prepare, String search, String trial, DatasetVersion clean, ModelVersion model, AliasChange move) {}

    private Story story() {
        String prepare;
        DatasetVersion clean;
        try (Run run = start("prepare")) {
            prepare = run.id();
            run.logInput(RAW);
            run.logText("data/clean.csv", "clean bytes");
            clean = dataset("clean", "clean bytes", run.info().artifactUri() + "/data/clean.csv");
            run.complete();
        }
        try (Run search = start("search");
                Run trial = search.startChild("trial")) {
            trial.logInput(clean, "training");
            trial.logInput(dataset("held out", "test bytes", "file.csv"), "evaluation");
            ModelVersion model = trial.logModel("iris", model("weights"));
            AliasChange move = tracking.registry().setAlias("iris", "champion", model, "better by 2 points");
            trial.complete();
            search.complete();
            return new Story(prepare, search.id(), trial.id(), clean, model, move);
        }
    }

    @Test
    void whatIsLiveIsTracedBackToTheRawData() {
        Story story = story();
        Lineage lineage = tracking.lineage().upstream(LineageNode.of(story.move));
        assertThat(edges(lineage))
                .containsExactlyInAnyOrder(
                        "move pointedAt iris/1",
                        "iris/1 wasGeneratedBy run",
                        "iris/1 wasDerivedFrom clean",
                        "iris/1 hadMember models/iris/MLmodel",
                        "iris/1 hadMember models/iris/weights.bin",
                        "models/iris/MLmodel wasGeneratedBy run",
                        "models/iris/weights.bin wasGeneratedBy run",
                        "run used clean",
                        "run used held out",
                        "run isPartOf run",
                        "clean wasDerivedFrom data/clean.csv",
                        "data/clean.csv wasGeneratedBy run",
                        "run used raw");
        assertThat(lineage.isComplete()).isTrue();
        assertThat(lineage.nodes(LineageNode.Run.class))
                .containsExactlyInAnyOrder(
                        new LineageNode.Run(story.prepare),
                        new LineageNode.Run(story.search),
                        new LineageNode.Run(story.trial));
        assertThat(lineage.upstream()).hasSize(lineage.nodes().size() - 1).contains(LineageNode.of(RAW));
        assertThat(lineage.downstream()).isEmpty();
        assertThat(lineage.entries())
                .allSatisfy(
                        entry -> assertThat(entry.state()).as(entry.node().id()).isEqualTo(State.PRESENT));
        assertThat(lineage.entry(LineageNode.of(story.move)).facts())
                .containsEntry("who", "ada")
                .containsEntry("why", "better by 2 points")
                .containsEntry("from", "none")
                .containsEntry("to", "1")
                .containsEntry("move", "SET");
        assertThat(lineage.entry(LineageNode.of(story.model)).facts())
                .containsEntry("created_by", "ada")
                .containsEntry("aliases", "champion")
                .containsEntry("digest", story.model.digest().toString());
        assertThat(lineage.entry(LineageNode.ofRun(story.trial)).facts())
                .containsEntry("name", "trial")
                .containsEntry("status", "FINISHED")
                .containsEntry("experiment", "iris");
        assertThat(lineage.entry(LineageNode.of(RAW)).facts()).containsEntry("source", RAW.source());
    }

    @Test
    void rawDataAreFollowedToWhatIsLive() {
        Story story = story();
        Lineage lineage = tracking.lineage().downstream(LineageNode.of(RAW));
        assertThat(edges(lineage))
                .containsExactlyInAnyOrder(
                        "run used raw",
                        "data/clean.csv wasGeneratedBy run",
                        "clean wasDerivedFrom data/clean.csv",
                        "run used clean",
                        "iris/1 wasDerivedFrom clean",
                        "iris/1 wasGeneratedBy run",
                        "models/iris/MLmodel wasGeneratedBy run",
                        "models/iris/weights.bin wasGeneratedBy run",
                        "iris/1 hadMember models/iris/MLmodel",
                        "iris/1 hadMember models/iris/weights.bin",
                        "move pointedAt iris/1");
        assertThat(lineage.downstream()).contains(LineageNode.of(story.move));
        assertThat(lineage.isComplete()).isTrue();
    }

    @Test
    void bothWaysAreOneGraph() {
        Story story = story();
        Lineage both = tracking.lineage().of(LineageNode.of(story.model));
        assertThat(both.root()).isEqualTo(LineageNode.of(story.model));
        assertThat(both.upstream()).contains(LineageNode.of(RAW)).doesNotContain(LineageNode.of(story.move));
        assertThat(both.downstream()).containsExactly(LineageNode.of(story.move));
        Lineage ofRun = tracking.lineage().of(LineageNode.ofRun(story.search));
        assertThat(ofRun.downstream())
                .contains(LineageNode.ofRun(story.trial), LineageNode.of(story.model), LineageNode.of(story.move));
        LineageNode weights = new LineageNode.Artifact(
                story.trial, "models/iris/weights.bin", Digest.of("weights".getBytes(StandardCharsets.UTF_8)));
        Lineage ofFile = tracking.lineage().of(weights);
        assertThat(ofFile.upstream()).contains(LineageNode.ofRun(story.trial), LineageNode.of(RAW));
        assertThat(ofFile.downstream()).containsExactly(LineageNode.of(story.model), LineageNode.of(story.move));
    }

    @Test
    void movesAwayFromAVersionAreToldToo() {
        Story story = story();
        ModelVersion next;
        try (Run run = start("next")) {
            next = run.logModel("iris", model("other weights"));
            run.complete();
        }
        AliasChange promoted = tracking.registry().setAlias("iris", "champion", next, "newer");
        AliasChange back = tracking.registry().rollback("iris", "champion", "worse on Mondays");
        assertThat(edges(tracking.lineage().downstream(LineageNode.of(story.model))))
                .containsExactly("move pointedAt iris/1", "move replaced iris/1", "move pointedAt iris/1");
        Lineage lineage = tracking.lineage().of(LineageNode.of(next));
        assertThat(lineage.downstream()).containsExactly(LineageNode.of(promoted), LineageNode.of(back));
        assertThat(lineage.entry(LineageNode.of(back)).facts())
                .containsEntry("move", "ROLLBACK")
                .containsEntry("why", "worse on Mondays");
        AliasChange removed = tracking.registry().compareAndSetAlias("iris", "champion", 1, null, "retired");
        assertThat(tracking.lineage().upstream(LineageNode.of(removed)).entries())
                .singleElement()
                .satisfies(entry -> assertThat(entry.facts()).containsEntry("to", "none"));
        assertThat(tracking.lineage().downstream(LineageNode.of(story.model)).nodes())
                .contains(LineageNode.of(removed));
    }

    // What is gone

    @Test
    void whatWasDeletedIsThereAndMarked() {
        Story story = story();
        tracking.deleteRun(story.prepare);
        tracking.registry().compareAndSetAlias("iris", "champion", 1, null, "retired");
        tracking.registry().deleteVersion(new ModelRef.Version("iris", 1));
        Lineage lineage = tracking.lineage().of(LineageNode.of(story.move));
        assertThat(lineage.entries()).hasSize(2);
        assertThat(lineage.entry(LineageNode.of(story.model)).state()).isEqualTo(State.DELETED);
        assertThat(lineage.entry(LineageNode.of(story.move)).state()).isEqualTo(State.PRESENT);
        Lineage data = tracking.lineage().upstream(LineageNode.of(story.clean));
        assertThat(data.entry(LineageNode.ofRun(story.prepare)).state()).isEqualTo(State.DELETED);
        assertThat(data.entry(LineageNode.ofRun(story.prepare)).facts()).containsEntry("name", "prepare");
        assertThat(data.nodes(LineageNode.Artifact.class))
                .singleElement()
                .satisfies(file -> assertThat(data.entry(file).state()).isEqualTo(State.DELETED));
        assertThat(data.nodes()).contains(LineageNode.of(RAW));
        assertThat(tracking.lineage().downstream(LineageNode.of(RAW)).nodes())
                .contains(LineageNode.ofRun(story.prepare));
    }

    @Test
    void whatNobodyKnowsIsThereAlone() {
        String run = story().prepare;
        for (LineageNode node : List.of(
                LineageNode.ofRun("0123"),
                LineageNode.of(dataset("unheard", "of", "of")),
                new LineageNode.Version("iris", 7),
                new LineageNode.AliasMove("iris", "champion", 7),
                new LineageNode.Artifact("0123", "a/b", RAW.digest()),
                // A run and data that there are, and a file that never was.
                new LineageNode.Artifact(run, "a/b", RAW.digest()))) {
            Lineage lineage = tracking.lineage().of(node);
            assertThat(lineage.nodes()).containsExactly(node);
            assertThat(lineage.entries().get(0).state()).isEqualTo(State.UNKNOWN);
        }
    }

    @Test
    void aFileThatWasOverwrittenIsGone() {
        try (Run run = start("twice")) {
            run.logText("notes.txt", "first");
            LineageNode first = new LineageNode.Artifact(
                    run.id(), "notes.txt", Digest.of("first".getBytes(StandardCharsets.UTF_8)));
            run.logText("notes.txt", "second");
            Lineage lineage = tracking.lineage().of(first);
            assertThat(lineage.entry(first).state()).isEqualTo(State.DELETED);
            assertThat(tracking.lineage()
                            .downstream(LineageNode.ofRun(run.id()))
                            .nodes())
                    .hasSize(2)
                    .doesNotContain(first);
            run.complete();
        }
    }

    @Test
    void aRunThatNeverWasIsToldAsUnknown() {
        ModelVersion imported = tracking.registry()
                .register(NewModelVersion.builder("iris", new Manifest(List.of()))
                        .origin(new ModelOrigin("of-another-store", List.of(RAW), null, Map.of(), Map.of()))
                        .build());
        Lineage lineage = tracking.lineage().upstream(LineageNode.of(imported));
        assertThat(lineage.entry(LineageNode.ofRun("of-another-store")).state()).isEqualTo(State.UNKNOWN);
        assertThat(lineage.entry(LineageNode.of(RAW)).state()).isEqualTo(State.PRESENT);
        assertThat(tracking.lineage().downstream(LineageNode.of(RAW)).nodes()).contains(LineageNode.of(imported));
    }

    // Sources

    @Test
    void sourcesThatNameNoArtifactNameTheirRun() {
        try (Run first = start("first");
                Run second = start("second")) {
            first.logText("parts/a.csv", "a");
            DatasetVersion folder = dataset("folder", "manifest", "runs:/" + first.id() + "/parts/");
            DatasetVersion hostile = dataset("hostile", "x", "runs:/../../etc/passwd");
            DatasetVersion gone = dataset("gone", "y", "runs:/0123/some.csv");
            second.logInput(folder);
            second.logInput(hostile);
            second.logInput(gone);
            Lineage lineage = tracking.lineage().upstream(LineageNode.ofRun(second.id()));
            assertThat(edges(lineage))
                    .containsExactlyInAnyOrder(
                            "run used folder",
                            "run used hostile",
                            "run used gone",
                            "folder wasGeneratedBy run",
                            "gone wasGeneratedBy run");
            assertThat(lineage.entry(LineageNode.ofRun("0123")).state()).isEqualTo(State.UNKNOWN);
            first.complete();
            second.complete();
        }
    }

    @Test
    void theSameContentUnderTwoNamesIsLinked() {
        DatasetVersion alias = new DatasetVersion("copy", RAW.digest(), "copy.csv");
        try (Run first = start("first");
                Run second = start("second")) {
            first.logInput(RAW);
            second.logInput(alias);
            Lineage lineage = tracking.lineage().downstream(LineageNode.of(RAW));
            assertThat(edges(lineage))
                    .containsExactlyInAnyOrder("raw alternateOf copy", "run used raw", "run used copy");
            assertThat(lineage.downstream()).contains(LineageNode.ofRun(second.id()));
            assertThat(tracking.lineage().downstream(LineageNode.of(alias)).edges())
                    .containsExactlyInAnyOrderElementsOf(lineage.edges());
            first.complete();
            second.complete();
        }
    }

    @Test
    void storedDatasetsSayAsWhatTheyAreStored(@TempDir Path files) throws IOException {
        Files.writeString(files.resolve("a.csv"), "1,2,3");
        StoredDataset stored = tracking.datasets().add("flowers", files);
        LineageNode node = LineageNode.of(stored.reference());
        assertThat(tracking.lineage().of(node).entry(node).state())
                .as("read by nobody, but stored")
                .isEqualTo(State.PRESENT);
        try (Run run = start("reader")) {
            run.logInput(stored.reference());
            run.complete();
        }
        Lineage lineage = tracking.lineage().of(node);
        assertThat(edges(lineage)).containsExactly("run used flowers");
        assertThat(lineage.entry(node).facts())
                .containsEntry("stored_as", "flowers/1")
                .containsEntry("files", "1")
                .containsEntry("bytes", "5")
                .containsEntry("created_by", "ada")
                .containsEntry("source", stored.source());
        tracking.datasets().store().delete("flowers", 1);
        assertThat(tracking.lineage().of(node).entry(node).facts()).containsOnlyKeys("source");
    }

    // Limits

    @Test
    void aCircleEnds() {
        try (Run first = start("first");
                Run second = start("second")) {
            first.setTag(RunTags.PARENT, second.id());
            second.setTag(RunTags.PARENT, first.id());
            Lineage lineage = tracking.lineage().of(LineageNode.ofRun(first.id()));
            assertThat(lineage.nodes()).hasSize(2);
            assertThat(lineage.edges()).hasSize(2);
            assertThat(lineage.isComplete()).isTrue();
            assertThat(lineage.toText()).hasLineCount(7);
            second.setTag(RunTags.PARENT, second.id());
            assertThat(tracking.lineage().of(LineageNode.ofRun(second.id())).isComplete())
                    .isTrue();
            first.complete();
            second.complete();
        }
    }

    @Test
    void whatIsTooDeepIsCutAndSaid() {
        Story story = story();
        LineageNode root = LineageNode.of(story.move);
        Lineage one = tracking.lineage().withMaxDepth(1).of(root);
        assertThat(one.nodes()).containsExactly(root, LineageNode.of(story.model));
        assertThat(one.cuts()).containsExactly(new Cut(LineageNode.of(story.model), Direction.UPSTREAM, Limit.DEPTH));
        assertThat(one.isComplete()).isFalse();
        assertThat(one.toText()).contains("more, not followed: limit of depth");
        Lineage none = tracking.lineage().withMaxDepth(0).of(root);
        assertThat(none.nodes()).containsExactly(root);
        assertThat(none.cuts()).containsExactly(new Cut(root, Direction.UPSTREAM, Limit.DEPTH));
        // As deep as it is, nothing is cut.
        Lineage exact = tracking.lineage().withMaxDepth(5).of(root);
        assertThat(exact.isComplete()).isTrue();
        assertThat(exact.nodes()).isEqualTo(tracking.lineage().of(root).nodes());
        assertThat(tracking.lineage().withMaxDepth(4).of(root).isComplete()).isFalse();
    }

    @Test
    void whatAreTooManyAreCutAndSaid() {
        for (int i = 0; i < 12; i++) {
            try (Run run = start("reader " + i)) {
                run.logInput(RAW);
                run.complete();
            }
        }
        LineageNode root = LineageNode.of(RAW);
        assertThat(tracking.lineage().of(root).nodes()).hasSize(13);
        for (int limit : new int[] {1, 2, 12}) {
            Lineage some = tracking.lineage().withMaxNodes(limit).of(root);
            assertThat(some.nodes()).hasSize(limit);
            assertThat(some.edges()).hasSize(limit - 1);
            assertThat(some.cuts()).containsExactly(new Cut(root, Direction.DOWNSTREAM, Limit.NODES));
        }
        Lineage all = tracking.lineage().withMaxNodes(13).of(root);
        assertThat(all.nodes()).hasSize(13);
        assertThat(all.isComplete()).isTrue();
        assertThatThrownBy(() -> tracking.lineage().withMaxNodes(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> tracking.lineage().withMaxDepth(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aLongChainIsFollowedToItsEnd() {
        int length = 60;
        String before = "https://example.org/0";
        String last = "";
        for (int i = 0; i < length; i++) {
            try (Run run = start("step " + i)) {
                run.logInput(dataset("step " + i, "content " + i, before));
                run.logText("out.csv", "content " + (i + 1));
                before = run.info().artifactUri() + "/out.csv";
                last = run.id();
                run.complete();
            }
        }
        Lineage lineage = tracking.lineage().withMaxDepth(1_000).upstream(LineageNode.ofRun(last));
        assertThat(lineage.isComplete()).isTrue();
        assertThat(lineage.nodes()).hasSize(3 * length - 1);
        assertThat(lineage.toText()).contains("step 0").hasLineCount(3 * length + 2);
        assertThat(lineage.toText().lines()).allMatch(line -> line.length() < 400);
        assertThat(tracking.lineage().upstream(LineageNode.ofRun(last)).isComplete())
                .isFalse();
    }

    // JSON

    @Test
    void jsonHasTheDocumentedForm() {
        Story story = story();
        Lineage lineage = tracking.lineage().withMaxDepth(1).upstream(LineageNode.of(story.move));
        String json = LineageJson.toJson(lineage);
        assertThat(json)
                .isEqualTo(
                        "{\"format\":1,\"root\":\"alias_move:1:iris@champion\",\"nodes\":["
                                + "{\"id\":\"alias_move:1:iris@champion\",\"kind\":\"alias_move\",\"model\":\"iris\","
                                + "\"alias\":\"champion\",\"sequence\":1,\"state\":\"present\",\"facts\":{\"move\":\"SET\","
                                + "\"from\":\"none\",\"to\":\"1\",\"who\":\"ada\",\"when\":\"" + story.move.when()
                                + "\",\"why\":\"better by 2 points\"}},"
                                + "{\"id\":\"model_version:iris/1\",\"kind\":\"model_version\",\"model\":\"iris\",\"version\":1,"
                                + "\"state\":\"present\",\"facts\":{\"digest\":\"" + story.model.digest()
                                + "\",\"created_at\":\"" + story.model.createdAt()
                                + "\",\"created_by\":\"ada\",\"aliases\":\"champion\"}}],"
                                + "\"edges\":[{\"from\":\"alias_move:1:iris@champion\",\"relation\":\"pointedAt\","
                                + "\"to\":\"model_version:iris/1\"}],\"complete\":false,"
                                + "\"cuts\":[{\"node\":\"model_version:iris/1\",\"direction\":\"upstream\",\"limit\":\"depth\"}]}");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        LineageJson.write(lineage, bytes);
        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo(json);
        assertThatThrownBy(() -> LineageJson.write(lineage, new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("full");
                    }
                }))
                .isInstanceOf(StorageException.class);
    }

    @Test
    void everyNodeOfAGraphIsReadBackFromItsId() {
        Story story = story();
        for (LineageNode node :
                tracking.lineage().of(LineageNode.of(story.model)).nodes()) {
            assertThat(LineageNode.parse(node.id())).isEqualTo(node);
        }
    }

    @Test
    void theTextIsForALog() {
        Story story = story();
        String text = tracking.lineage().of(LineageNode.of(story.model)).toText();
        assertThat(text)
                .startsWith("model_version:iris/1  digest=sha256:")
                .contains("\ncame from:\n  wasGeneratedBy run:" + story.trial + "  name=trial  status=FINISHED")
                .contains("\n    used dataset:" + story.clean.digest().abbreviated() + ":clean  source=runs:/")
                .contains("\nwhat came from it:\n  pointedAt by alias_move:1:iris@champion  move=SET")
                .contains("why=better by 2 points");
    }
}
