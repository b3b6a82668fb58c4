package io.jvmlops.tracking.lineage;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.dataset.DatasetStore;
import io.jvmlops.api.dataset.DatasetVersion;
import io.jvmlops.api.dataset.StoredDataset;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.NotFoundException;
import io.jvmlops.api.lineage.Lineage.Direction;
import io.jvmlops.api.lineage.Lineage.Entry;
import io.jvmlops.api.lineage.Lineage.State;
import io.jvmlops.api.lineage.LineageEdge;
import io.jvmlops.api.lineage.LineageNode;
import io.jvmlops.api.lineage.LineageNode.AliasMove;
import io.jvmlops.api.lineage.LineageNode.Artifact;
import io.jvmlops.api.lineage.LineageNode.Dataset;
import io.jvmlops.api.lineage.LineageNode.Run;
import io.jvmlops.api.lineage.LineageNode.Version;
import io.jvmlops.api.lineage.LineageRelation;
import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.ModelRegistry;
import io.jvmlops.api.registry.ModelVersion;
import io.jvmlops.api.search.Fields;
import io.jvmlops.api.search.Filter;
import io.jvmlops.api.search.Page;
import io.jvmlops.api.tracking.ExperimentInfo;
import io.jvmlops.api.tracking.RunInfo;
import io.jvmlops.api.tracking.RunQuery;
import io.jvmlops.api.tracking.RunTags;
import io.jvmlops.api.tracking.TrackingStore;
import io.jvmlops.api.tracking.View;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the stores say of one node at a time, remembered for the making of one graph. */
final class LineageSource {
    private static final int PAGE = 1_000;
    /** How a dataset's source names what a run has written, as {@link RunInfo#artifactUri} does. */
    private static final Pattern OF_RUN = Pattern.compile("runs:/([A-Za-z0-9][A-Za-z0-9_-]{0,255})(?:/(.*?)/?)?");

    private static final Manifest NO_FILES = new Manifest(List.of());

    private final TrackingStore store;
    private final ModelRegistry registry;
    private final @Nullable DatasetStore datasets;
    private final int limit;

    private final Map<String, Optional<RunInfo>> runs = new HashMap<>();
    private final Map<String, Manifest> artifacts = new HashMap<>();
    private final Map<String, String> experiments = new HashMap<>();
    private final Map<Digest, Data> data = new HashMap<>();
    private final Map<String, List<AliasChange>> moves = new HashMap<>();

    /**
     * @param more whether there are more than are told
     */
    record Neighbours(List<LineageEdge> edges, boolean more) {}

    /** Everything that refers to some content. */
    private record Data(List<RunInfo> readers, boolean more, List<ModelVersion> models, List<StoredDataset> stored) {
        List<DatasetVersion> references() {
            List<DatasetVersion> all = new ArrayList<>();
            stored.forEach(dataset -> all.add(dataset.reference()));
            readers.forEach(run -> run.inputs().forEach(input -> all.add(input.dataset())));
            models.forEach(model -> all.addAll(model.origin().datasets()));
            return all;
        }
    }

    /** @param limit about so many neighbours of a node are of use */
    LineageSource(TrackingStore store, ModelRegistry registry, @Nullable DatasetStore datasets, int limit) {
        this.store = store;
        this.registry = registry;
        this.datasets = datasets;
        this.limit = limit;
    }

    // Neighbours

    Neighbours neighbours(LineageNode node, Direction direction) {
        Set<LineageEdge> edges = new LinkedHashSet<>();
        boolean up = direction == Direction.UPSTREAM;
        boolean more = false;
        if (node instanceof Dataset dataset) {
            alternates(dataset, edges);
            if (up) {
                madeBy(dataset, edges);
            } else {
                more = madeFrom(dataset, edges);
            }
        } else if (node instanceof Run run) {
            more = up ? madeBy(run, edges) : madeFrom(run, edges);
        } else if (node instanceof Artifact artifact) {
            if (state(artifact) == State.UNKNOWN) {
                // Of what was never logged, no run and no data are to be told as if it had been.
                return new Neighbours(List.of(), false);
            }
            if (up) {
                edges.add(new LineageEdge(artifact, LineageRelation.WAS_GENERATED_BY, new Run(artifact.runId())));
            } else {
                more = madeFrom(artifact, edges);
            }
        } else if (node instanceof Version version) {
            if (up) {
                madeBy(version, edges);
            } else {
                madeFrom(version, edges);
            }
        } else if (node instanceof AliasMove move && up) {
            find(move)
                    .map(AliasChange::to)
                    .ifPresent(to -> edges.add(
                            new LineageEdge(move, LineageRelation.POINTED_AT, new Version(move.model(), to))));
        }
        return new Neighbours(List.copyOf(edges), more);
    }

    private void alternates(Dataset dataset, Set<LineageEdge> edges) {
        Set<String> names = new TreeSet<>();
        for (DatasetVersion reference : data(dataset.digest()).references()) {
            if (reference.digest().equals(dataset.digest()) && !reference.name().equals(dataset.name())) {
                names.add(reference.name());
            }
        }
        for (String name : names) {
            Dataset other = new Dataset(name, dataset.digest());
            // It holds both ways, and is told one way.
            boolean first = name.compareTo(dataset.name()) < 0;
            edges.add(new LineageEdge(first ? dataset : other, LineageRelation.ALTERNATE_OF, first ? other : dataset));
        }
    }

    private void madeBy(Dataset dataset, Set<LineageEdge> edges) {
        Set<String> sources = data(dataset.digest()).references().stream()
                .filter(reference -> LineageNode.of(reference).equals(dataset))
                .map(DatasetVersion::source)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        for (String source : sources) {
            Matcher ofRun = OF_RUN.matcher(source);
            if (!ofRun.matches()) {
                continue;
            }
            String runId = ofRun.group(1);
            String path = ofRun.group(2);
            Optional<FileEntry> file =
                    path == null ? Optional.empty() : artifacts(runId).find(path);
            if (file.isPresent()) {
                edges.add(new LineageEdge(
                        dataset,
                        LineageRelation.WAS_DERIVED_FROM,
                        new Artifact(runId, path, file.get().digest())));
            } else {
                // A folder of its artifacts, or one that is gone.
                edges.add(new LineageEdge(dataset, LineageRelation.WAS_GENERATED_BY, new Run(runId)));
            }
        }
    }

    private boolean madeFrom(Dataset dataset, Set<LineageEdge> edges) {
        Data of = data(dataset.digest());
        for (RunInfo run : of.readers) {
            if (run.inputs().stream()
                    .anyMatch(input -> LineageNode.of(input.dataset()).equals(dataset))) {
                edges.add(new LineageEdge(new Run(run.id()), LineageRelation.USED, dataset));
            }
        }
        for (ModelVersion model : of.models) {
            if (model.origin().datasets().stream()
                    .anyMatch(d -> LineageNode.of(d).equals(dataset))) {
                edges.add(new LineageEdge(LineageNode.of(model), LineageRelation.WAS_DERIVED_FROM, dataset));
            }
        }
        return of.more;
    }

    private boolean madeBy(Run run, Set<LineageEdge> edges) {
        find(run.runId()).ifPresent(info -> {
            info.inputs()
                    .forEach(input ->
                            edges.add(new LineageEdge(run, LineageRelation.USED, LineageNode.of(input.dataset()))));
            info.parentId()
                    .flatMap(LineageSource::runNode)
                    .ifPresent(parent -> edges.add(new LineageEdge(run, LineageRelation.IS_PART_OF, parent)));
        });
        return false;
    }

    private boolean madeFrom(Run run, Set<LineageEdge> edges) {
        for (ModelVersion version : registry.versionsFromRun(run.runId())) {
            edges.add(new LineageEdge(LineageNode.of(version), LineageRelation.WAS_GENERATED_BY, run));
        }
        Found children = search(Fields.tag(RunTags.PARENT).eq(run.runId()));
        for (RunInfo child : children.runs) {
            edges.add(new LineageEdge(new Run(child.id()), LineageRelation.IS_PART_OF, run));
        }
        for (FileEntry file : artifacts(run.runId()).files()) {
            edges.add(new LineageEdge(
                    new Artifact(run.runId(), file.path(), file.digest()), LineageRelation.WAS_GENERATED_BY, run));
        }
        return children.more;
    }

    private boolean madeFrom(Artifact artifact, Set<LineageEdge> edges) {
        for (ModelVersion version : registry.versionsWithFile(artifact.digest())) {
            // Files of other runs' models may be equal; they are not this one.
            if (artifact.runId().equals(version.runId()) && members(version).contains(artifact)) {
                edges.add(new LineageEdge(LineageNode.of(version), LineageRelation.HAD_MEMBER, artifact));
            }
        }
        Data same = data(artifact.digest());
        for (DatasetVersion reference : same.references()) {
            if (reference.digest().equals(artifact.digest())) {
                edges.add(new LineageEdge(LineageNode.of(reference), LineageRelation.WAS_DERIVED_FROM, artifact));
            }
        }
        return same.more;
    }

    private void madeBy(Version node, Set<LineageEdge> edges) {
        find(node).ifPresent(version -> {
            String runId = version.runId();
            if (runId != null) {
                runNode(runId)
                        .ifPresent(run -> edges.add(new LineageEdge(node, LineageRelation.WAS_GENERATED_BY, run)));
            }
            version.origin()
                    .datasets()
                    .forEach(dataset -> edges.add(
                            new LineageEdge(node, LineageRelation.WAS_DERIVED_FROM, LineageNode.of(dataset))));
            members(version).forEach(file -> edges.add(new LineageEdge(node, LineageRelation.HAD_MEMBER, file)));
        });
    }

    private void madeFrom(Version node, Set<LineageEdge> edges) {
        for (AliasChange move : moves(node.model())) {
            if (Integer.valueOf(node.version()).equals(move.to())) {
                edges.add(new LineageEdge(LineageNode.of(move), LineageRelation.POINTED_AT, node));
            } else if (Integer.valueOf(node.version()).equals(move.from())) {
                edges.add(new LineageEdge(LineageNode.of(move), LineageRelation.REPLACED, node));
            }
        }
    }

    /** The files of a version among the artifacts of its run, where {@code Run.logModel} puts them. */
    private List<Artifact> members(ModelVersion version) {
        String runId = version.runId();
        if (runId == null) {
            return List.of();
        }
        Manifest files;
        try {
            files = registry.files(version).manifest();
        } catch (NotFoundException | IntegrityException deletedOrDamaged) {
            return List.of();
        }
        Map<String, Digest> logged = new HashMap<>();
        artifacts(runId).files().forEach(file -> logged.put(file.path(), file.digest()));
        List<Artifact> members = new ArrayList<>();
        for (FileEntry file : files.files()) {
            String path = "models/" + version.name() + "/" + file.path();
            if (file.digest().equals(logged.get(path))) {
                members.add(new Artifact(runId, path, file.digest()));
            }
        }
        return members;
    }

    /** What calls itself a run's id may have been written by anybody. */
    private static Optional<LineageNode> runNode(String runId) {
        try {
            return Optional.of(new Run(runId));
        } catch (InvalidInputException noId) {
            return Optional.empty();
        }
    }

    // Facts

    Entry entry(LineageNode node) {
        Map<String, String> facts = new LinkedHashMap<>();
        State state;
        if (node instanceof Dataset dataset) {
            state = describe(dataset, facts);
        } else if (node instanceof Run run) {
            state = describe(run, facts);
        } else if (node instanceof Artifact artifact) {
            state = describe(artifact, facts);
        } else if (node instanceof Version version) {
            state = describe(version, facts);
        } else {
            state = describe((AliasMove) node, facts);
        }
        return new Entry(node, state, facts);
    }

    private State describe(Dataset dataset, Map<String, String> facts) {
        Data of = data(dataset.digest());
        boolean known = false;
        for (DatasetVersion reference : of.references()) {
            if (LineageNode.of(reference).equals(dataset)) {
                known = true;
                put(facts, "source", reference.source());
                break;
            }
        }
        List<StoredDataset> stored = of.stored.stream()
                .filter(version -> version.name().equals(dataset.name()))
                .toList();
        if (!stored.isEmpty()) {
            StoredDataset first = stored.get(0);
            facts.put("stored_as", stored.stream().map(StoredDataset::label).collect(Collectors.joining(", ")));
            facts.put("files", Integer.toString(first.files()));
            facts.put("bytes", Long.toString(first.size()));
            facts.put("created_at", first.createdAt().toString());
            put(facts, "created_by", first.createdBy());
        }
        return known ? State.PRESENT : State.UNKNOWN;
    }

    private State describe(Run run, Map<String, String> facts) {
        Optional<RunInfo> found = find(run.runId());
        if (found.isEmpty()) {
            return State.UNKNOWN;
        }
        RunInfo info = found.get();
        put(facts, "name", info.name());
        facts.put("status", info.status().name());
        put(facts, "experiment", experiment(info.experimentId()));
        facts.put("started_at", info.startedAt().toString());
        if (info.endedAt() != null) {
            facts.put("ended_at", info.endedAt().toString());
        }
        put(facts, "user", info.tags().get(RunTags.USER));
        put(facts, "commit", info.tags().get(RunTags.GIT_COMMIT));
        return info.isDeleted() ? State.DELETED : State.PRESENT;
    }

    private State describe(Artifact artifact, Map<String, String> facts) {
        artifacts(artifact.runId())
                .find(artifact.path())
                .filter(file -> file.digest().equals(artifact.digest()))
                .ifPresent(file -> facts.put("bytes", Long.toString(file.size())));
        return state(artifact);
    }

    private State state(Artifact artifact) {
        Optional<FileEntry> file = artifacts(artifact.runId()).find(artifact.path());
        if (file.isEmpty()) {
            return State.UNKNOWN;
        }
        boolean runIsDeleted = find(artifact.runId()).map(RunInfo::isDeleted).orElse(false);
        return runIsDeleted || !file.get().digest().equals(artifact.digest()) ? State.DELETED : State.PRESENT;
    }

    private State describe(Version node, Map<String, String> facts) {
        Optional<ModelVersion> found;
        try {
            found = registry.find(node.ref());
        } catch (IntegrityException e) {
            put(facts, "damaged", e.getMessage());
            found = find(node);
        }
        if (found.isEmpty()) {
            boolean was = moves(node.model()).stream()
                    .anyMatch(move -> Integer.valueOf(node.version()).equals(move.to())
                            || Integer.valueOf(node.version()).equals(move.from()));
            return was ? State.DELETED : State.UNKNOWN;
        }
        ModelVersion version = found.get();
        facts.put("digest", version.digest().toString());
        facts.put("created_at", version.createdAt().toString());
        put(facts, "created_by", version.createdBy());
        put(facts, "description", version.description());
        put(facts, "commit", version.origin().commit());
        put(
                facts,
                "aliases",
                registry.aliases(node.model()).entrySet().stream()
                        .filter(alias -> alias.getValue() == node.version())
                        .map(Map.Entry::getKey)
                        .collect(Collectors.joining(", ")));
        return State.PRESENT;
    }

    private State describe(AliasMove node, Map<String, String> facts) {
        Optional<AliasChange> found = find(node);
        found.ifPresent(move -> {
            facts.put("move", move.kind().name());
            facts.put("from", move.from() == null ? "none" : Integer.toString(move.from()));
            facts.put("to", move.to() == null ? "none" : Integer.toString(move.to()));
            put(facts, "who", move.who());
            facts.put("when", move.when().toString());
            put(facts, "why", move.why());
        });
        return found.isPresent() ? State.PRESENT : State.UNKNOWN;
    }

    private static void put(Map<String, String> facts, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            facts.put(name, value);
        }
    }

    // What the stores say, asked once

    private Optional<RunInfo> find(String runId) {
        return runs.computeIfAbsent(runId, store::findRun);
    }

    private Manifest artifacts(String runId) {
        return artifacts.computeIfAbsent(runId, id -> {
            try {
                return store.artifacts(id);
            } catch (NotFoundException noSuchRun) {
                return NO_FILES;
            }
        });
    }

    private String experiment(String id) {
        return experiments.computeIfAbsent(
                id, key -> store.findExperiment(key).map(ExperimentInfo::name).orElse(key));
    }

    /** Also one of which {@link ModelRegistry#find} says that it is damaged. */
    private Optional<ModelVersion> find(Version node) {
        try {
            return registry.find(node.ref());
        } catch (IntegrityException damaged) {
            return registry.versions(node.model()).stream()
                    .filter(version -> version.version() == node.version())
                    .findFirst();
        }
    }

    private Optional<AliasChange> find(AliasMove node) {
        return registry.aliasChanges(node.sequence() - 1, 1).stream()
                .filter(move -> LineageNode.of(move).equals(node))
                .findFirst();
    }

    private List<AliasChange> moves(String model) {
        return moves.computeIfAbsent(model, registry::aliasHistory);
    }

    private Data data(Digest digest) {
        return data.computeIfAbsent(digest, of -> {
            Found readers = search(Fields.DATASET_DIGEST.eq(of.hex()));
            return new Data(
                    readers.runs,
                    readers.more,
                    registry.versionsTrainedOn(of),
                    datasets == null ? List.of() : datasets.withDigest(of));
        });
    }

    private record Found(List<RunInfo> runs, boolean more) {}

    /** The newest runs first, the deleted ones too. */
    private Found search(Filter filter) {
        List<RunInfo> found = new ArrayList<>();
        String cursor = null;
        do {
            Page<RunInfo> page = store.search(RunQuery.all()
                    .where(filter)
                    .view(View.ALL)
                    .limitedTo(Math.min(PAGE, limit + 1 - found.size()))
                    .after(cursor));
            found.addAll(page.items());
            cursor = page.next();
        } while (cursor != null && found.size() <= limit);
        found.forEach(run -> runs.putIfAbsent(run.id(), Optional.of(run)));
        return new Found(found, cursor != null);
    }
}
