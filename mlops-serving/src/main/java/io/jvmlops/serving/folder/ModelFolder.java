package io.jvmlops.serving.folder;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.artifact.FileEntry;
import io.jvmlops.api.artifact.Manifest;
import io.jvmlops.api.data.Shape;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.error.IntegrityException;
import io.jvmlops.api.error.InvalidInputException;
import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.model.ModelDescriptor;
import io.jvmlops.api.model.ModelFiles;
import io.jvmlops.api.model.ModelSignature;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes model folders in MLflow's layout: an {@code MLmodel} file in YAML beside the model's files. Python's
 * MLflow opens what this writes, and this reads what Python's MLflow writes.
 *
 * <p>What MLflow has a place for stands in that place: flavors, signature, run id, input example. Names of columns, labels, provenance,
 * golden rows and digests of the files stand below {@code metadata: jvmlops:}, which MLflow keeps and does not read. Facts of
 * MLflow's own ({@code utc_time_created}, {@code mlflow_version}, {@code artifact_path}, {@code model_uuid}) are
 * provenance named {@code mlflow.*} here, and go back to their place when written.
 *
 * <p>The layout is that of MLflow 3.17; nothing is assumed of the machine that a folder comes from, and a folder is read
 * as hostile: YAML tags, cycles and sizes are bounded, paths stay inside, and bytes are compared with recorded digests.
 */
public final class ModelFolder {
    /** The most files that a folder may hold. */
    public static final int MAX_FILES = 1_000;

    /** What signs the others, by somebody whose key is known elsewhere. */
    public static final String SIGNATURE_FILE = ModelDescriptor.FILE + ".sig";

    private static final String DRAFT = "." + ModelDescriptor.FILE + ".draft";

    private static final String FLAVORS = "flavors";
    private static final String SIGNATURE = "signature";
    private static final String INPUTS = "inputs";
    private static final String OUTPUTS = "outputs";
    private static final String RUN_ID = "run_id";
    private static final String EXAMPLE = "saved_input_example_info";
    private static final String EXAMPLE_PATH = "artifact_path";
    private static final String SERVING_PATH = "serving_input_path";
    private static final String METADATA = "metadata";
    private static final String OURS = "jvmlops";
    private static final String COLUMNS = "columns";
    private static final String LABELS = "labels";
    private static final String PROVENANCE = "provenance";
    private static final String DIGESTS = "digests";
    private static final String GOLDEN = "golden_rows";

    private static final String MLFLOW_PREFIX = "mlflow.";
    private static final List<String> MLFLOW_FACTS =
            List.of("artifact_path", "utc_time_created", "model_uuid", "mlflow_version", "model_id");

    /** Settings of flavors that are paths within the folder. */
    private static final Set<String> PATHS = Set.of(ModelDescriptor.DATA, "code", "model_code_path");

    private ModelFolder() {}

    /**
     * Writes the folder's {@code MLmodel}, with the digests of the files that lie in it. Atomic: a descriptor that was
     * there stays until the new one is whole. Writing the same descriptor beside the same files gives the same bytes.
     *
     * @param folder holds the model's files
     * @return the descriptor as {@link #read} gives it
     * @throws ModelLoadException if a flavor names a file that is not there, nor are the golden rows, the input example is not there or not JSON,
     *     or the folder is one that {@link #files} refuses
     * @throws StorageException if the folder cannot be read or written
     */
    public static ModelDescriptor write(Path folder, ModelDescriptor descriptor) {
        Map<String, Path> realPaths = list(folder);
        realPaths.remove(ModelDescriptor.FILE);
        // Left by a process that died between writing and moving it.
        realPaths.remove(DRAFT);
        // It is made of MLmodel, so MLmodel cannot know it.
        realPaths.remove(SIGNATURE_FILE);
        Map<String, String> digests = new LinkedHashMap<>();
        for (FileEntry entry : manifest(folder, realPaths).files()) {
            digests.put(entry.path(), entry.digest().toString());
        }
        descriptor.flavors().forEach((flavor, settings) -> {
            String data = settings.get(ModelDescriptor.DATA);
            if (data != null && digests.keySet().stream().noneMatch(p -> p.equals(data) || p.startsWith(data + "/"))) {
                throw new ModelLoadException("model folder " + folder + ": flavor '" + flavor + "' names the file '"
                        + data + "', but the folder holds " + digests.keySet());
            }
        });
        String golden = descriptor.goldenRows();
        if (golden != null && !digests.containsKey(golden)) {
            throw new ModelLoadException("model folder " + folder + ": its golden rows '" + golden
                    + "' are not there; the folder holds " + digests.keySet());
        }
        byte[] bytes = Yaml.write(toYaml(descriptor, digests, exampleInfo(folder, descriptor, realPaths)));
        ModelDescriptor written = parse(bytes, "MLmodel of model folder " + folder);
        Path target = folder.resolve(ModelDescriptor.FILE);
        Path draft = folder.resolve(DRAFT);
        try {
            Files.write(draft, bytes);
            Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new StorageException("model folder " + folder + ": its MLmodel cannot be written", e);
        }
        return written;
    }

    /**
     * Reads and checks the {@code MLmodel} of a model.
     *
     * <p>Settings of a flavor are text; lists and maps among them are left out. A signature of columns becomes one
     * tensor of shape {@code [-1]} per column; {@link #reconcile} gives such names to the model's own tensors. A side of
     * the signature that has tensors without names, as MLflow infers them from arrays, is left empty.
     *
     * @throws IntegrityException if {@code MLmodel} differs from the manifest, or a file's digest from the one that
     *     {@code MLmodel} records
     * @throws ModelLoadException if there is no {@code MLmodel}, it is malformed or over a limit, or names a path outside
     *     the folder
     * @throws StorageException if it cannot be read
     */
    public static ModelDescriptor read(ModelFiles files) {
        String what = "MLmodel of model " + files.name();
        files.manifest().find(ModelDescriptor.FILE).ifPresent(entry -> {
            if (entry.size() > Yaml.MAX_BYTES) {
                throw new ModelLoadException(
                        what + " has " + entry.size() + " bytes, expected at most " + Yaml.MAX_BYTES);
            }
        });
        ModelDescriptor descriptor = parse(files.read(ModelDescriptor.FILE), what);
        descriptor.digests().forEach((path, expected) -> {
            String found = files.manifest()
                    .find(path)
                    .map(entry -> entry.digest().toString())
                    .orElse("no such file");
            if (!found.equals(expected.toString())) {
                throw new IntegrityException("file '" + path + "' of model " + files.name()
                        + " is not the one that its exporter wrote: expected " + expected + ", found " + found
                        + ". Restore the file, or export the model again");
            }
        });
        return descriptor;
    }

    /**
     * Lists and hashes what is in a folder now. Links are resolved once, here; what is read later has to be the bytes
     * that were hashed.
     *
     * @return the files, under the folder's path as their name
     * @throws IntegrityException if the folder's {@code MLmodel} records another digest for a file
     * @throws ModelLoadException if there is no such folder, a link leads out of it or to a folder, a file is neither
     *     regular nor a link to one, a name is none that {@link FileEntry#checkPath} allows, there are more than
     *     {@value #MAX_FILES} files, or {@link #read} refuses {@code MLmodel}
     * @throws StorageException if something cannot be read
     */
    public static ModelFiles files(Path folder) {
        ModelFiles files = hash(folder);
        if (files.contains(ModelDescriptor.FILE)) {
            read(files);
        }
        return files;
    }

    /**
     * As {@link #files}, but nothing is parsed: what has to be verified first is read later.
     *
     * @throws ModelLoadException as {@link #files}, but for what {@code MLmodel} says
     */
    public static ModelFiles hash(Path folder) {
        Map<String, Path> realPaths = list(folder);
        return ModelFiles.of(
                folder.toString(), manifest(folder, realPaths), entry -> open(realPaths.get(entry.path()), entry));
    }

    /**
     * The signature of a loaded model together with what its folder adds: names of columns. Where the folder says
     * nothing of a tensor the model's word stands; where both speak they have to agree on type and shape. A folder that
     * lists columns gives their names to a model that takes, or gives, them as one tensor of rank 2; their types are
     * then the model's.
     *
     * @param model names the model in messages
     * @param own what the model says of itself
     * @throws ModelLoadException if they do not agree; the message lists every difference
     */
    public static ModelSignature reconcile(String model, ModelSignature own, ModelDescriptor descriptor) {
        ModelSignature said = descriptor.signature();
        if (said == null) {
            return own;
        }
        List<String> differences = new ArrayList<>();
        ModelSignature result = new ModelSignature(
                reconcile("input", own.inputs(), said.inputs(), differences),
                reconcile("output", own.outputs(), said.outputs(), differences));
        if (!differences.isEmpty()) {
            throw new ModelLoadException(
                    "model " + model + " is not what its MLmodel says: " + String.join("; ", differences));
        }
        return result;
    }

    private static List<TensorSpec> reconcile(
            String side, List<TensorSpec> own, List<TensorSpec> said, List<String> differences) {
        if (said.isEmpty()) {
            return own;
        }
        if (own.size() == 1 && own.get(0).shape().rank() == 2 && said.stream().allMatch(ModelFolder::isColumn)) {
            TensorSpec only = own.get(0);
            long width = only.shape().dim(1);
            if (width == said.size() || width == Shape.DYNAMIC) {
                return List.of(
                        only.withColumns(said.stream().map(TensorSpec::name).toList()));
            }
            differences.add("it lists " + said.size() + " " + side + " columns, the model has " + only);
            return own;
        }
        Map<String, TensorSpec> byName = new LinkedHashMap<>();
        said.forEach(spec -> byName.put(spec.name(), spec));
        List<TensorSpec> result = new ArrayList<>();
        for (TensorSpec spec : own) {
            TensorSpec other = byName.remove(spec.name());
            if (other == null) {
                // A folder may leave outputs out; a model needs all its inputs.
                if (side.equals("input")) {
                    differences.add("it does not list " + side + " " + spec);
                }
                result.add(spec);
            } else if (other.type() != spec.type() && !isColumn(other) || !agree(spec, other)) {
                differences.add(side + " is " + spec + " in the model, " + other + " in MLmodel");
                result.add(spec);
            } else {
                result.add(named(side, spec, other.columns(), differences));
            }
        }
        byName.values().forEach(spec -> differences.add("the model has no " + side + " " + spec));
        return result;
    }

    private static TensorSpec named(String side, TensorSpec own, List<String> columns, List<String> differences) {
        if (columns.isEmpty()) {
            return own;
        }
        long width = own.shape().rank() == 0 ? 1 : own.shape().dim(own.shape().rank() - 1);
        if (width != columns.size() && width != Shape.DYNAMIC) {
            differences.add(side + " is " + own + " in the model, with " + columns.size() + " columns in MLmodel");
            return own;
        }
        return own.withColumns(columns);
    }

    private static boolean isColumn(TensorSpec spec) {
        return spec.shape().rank() == 1 && spec.shape().dim(0) == Shape.DYNAMIC;
    }

    private static boolean agree(TensorSpec own, TensorSpec said) {
        // A column of MLflow's is [-1]; models take it as [-1] or [-1, 1].
        if (isColumn(said) && own.shape().rank() == 2 && own.shape().dim(1) == 1) {
            return true;
        }
        if (own.shape().rank() != said.shape().rank()) {
            return false;
        }
        for (int axis = 0; axis < own.shape().rank(); axis++) {
            long a = own.shape().dim(axis);
            long b = said.shape().dim(axis);
            if (a != b && a != Shape.DYNAMIC && b != Shape.DYNAMIC) {
                return false;
            }
        }
        return true;
    }

    // Writing

    /** What MLflow has to know of the input example; empty if there is none. */
    private static Map<String, String> exampleInfo(
            Path folder, ModelDescriptor descriptor, Map<String, Path> realPaths) {
        String path = descriptor.inputExample();
        if (path == null) {
            return Map.of();
        }
        String what = "model folder " + folder + ": its input example '" + path + "'";
        Path file = realPaths.get(path);
        if (file == null) {
            throw new ModelLoadException(what + " is not there; the folder holds " + realPaths.keySet());
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            bytes = in.readNBytes(Yaml.MAX_BYTES + 1);
        } catch (IOException e) {
            throw new StorageException(what + " cannot be read", e);
        }
        if (bytes.length > Yaml.MAX_BYTES) {
            throw new ModelLoadException(what + " has more than " + Yaml.MAX_BYTES + " bytes");
        }
        Map<String, String> info = new TreeMap<>();
        try {
            info.putAll(ExampleJson.describe(bytes));
        } catch (IOException e) {
            throw new ModelLoadException(what + " is not JSON: " + e.getMessage(), e);
        }
        info.put(EXAMPLE_PATH, path);
        if (realPaths.containsKey(InputExample.SERVING_FILE)) {
            info.put(SERVING_PATH, InputExample.SERVING_FILE);
        }
        return info;
    }

    private static Map<String, Object> toYaml(
            ModelDescriptor descriptor, Map<String, String> digests, Map<String, String> exampleInfo) {
        // In the order of the alphabet, as MLflow has it.
        Map<String, Object> root = new TreeMap<>();
        root.put(FLAVORS, descriptor.flavors());
        if (!exampleInfo.isEmpty()) {
            root.put(EXAMPLE, exampleInfo);
        }
        if (descriptor.runId() != null) {
            root.put(RUN_ID, descriptor.runId());
        }
        Map<String, Object> ours = new LinkedHashMap<>();
        ModelSignature signature = descriptor.signature();
        if (signature != null) {
            root.put(
                    SIGNATURE,
                    Map.of(
                            INPUTS, SignatureJson.write(signature.inputs()),
                            OUTPUTS, SignatureJson.write(signature.outputs())));
            Map<String, Object> columns = new LinkedHashMap<>();
            putColumns(columns, INPUTS, signature.inputs());
            putColumns(columns, OUTPUTS, signature.outputs());
            if (!columns.isEmpty()) {
                ours.put(COLUMNS, columns);
            }
        }
        if (!descriptor.labels().isEmpty()) {
            ours.put(LABELS, descriptor.labels());
        }
        Map<String, String> provenance = new LinkedHashMap<>(descriptor.provenance());
        for (String fact : MLFLOW_FACTS) {
            String value = provenance.remove(MLFLOW_PREFIX + fact);
            if (value != null) {
                root.put(fact, value);
            }
        }
        // MLflow draws it at random; from the content it is as unique, and the same when exported again.
        root.putIfAbsent(
                "model_uuid",
                Digest.of(Yaml.write(Map.of(DIGESTS, digests))).hex().substring(0, 32));
        if (!provenance.isEmpty()) {
            ours.put(PROVENANCE, provenance);
        }
        if (descriptor.goldenRows() != null) {
            ours.put(GOLDEN, descriptor.goldenRows());
        }
        ours.put(DIGESTS, digests);
        root.put(METADATA, Map.of(OURS, ours));
        return root;
    }

    private static void putColumns(Map<String, Object> columns, String side, List<TensorSpec> specs) {
        Map<String, List<String>> named = new LinkedHashMap<>();
        for (TensorSpec spec : specs) {
            if (!spec.columns().isEmpty()) {
                named.put(spec.name(), spec.columns());
            }
        }
        if (!named.isEmpty()) {
            columns.put(side, named);
        }
    }

    // Reading

    private static ModelDescriptor parse(byte[] bytes, String what) {
        Map<String, Object> root = Yaml.read(bytes, what);
        Map<String, Map<String, String>> flavors = new LinkedHashMap<>();
        map(root, FLAVORS, what).forEach((flavor, settings) -> {
            if (!(settings instanceof Map<?, ?> map)) {
                throw new ModelLoadException(what + ": flavor '" + flavor + "' has no settings");
            }
            Map<String, String> texts = new LinkedHashMap<>();
            map.forEach((key, value) -> {
                if (value instanceof String text) {
                    if (PATHS.contains(key)) {
                        checkPath(text, "flavor '" + flavor + "'", what);
                    }
                    texts.put((String) key, text);
                }
            });
            flavors.put(flavor, texts);
        });
        if (flavors.isEmpty()) {
            throw new ModelLoadException(what + " names no flavor, so there is nothing to load");
        }
        Map<String, Object> ours = map(map(root, METADATA, what), OURS, what);
        Map<String, String> provenance = new LinkedHashMap<>();
        for (String fact : MLFLOW_FACTS) {
            String value = text(root, fact, what);
            if (value != null) {
                provenance.put(MLFLOW_PREFIX + fact, value);
            }
        }
        map(ours, PROVENANCE, what).forEach((key, value) -> {
            if (value instanceof String text) {
                provenance.put(key, text);
            }
        });
        Map<String, Digest> digests = new LinkedHashMap<>();
        map(ours, DIGESTS, what).forEach((path, value) -> {
            checkPath(path, "the list of digests", what);
            try {
                digests.put(path, Digest.parse(String.valueOf(value)));
            } catch (IllegalArgumentException e) {
                throw new ModelLoadException(what + ": digest of file '" + path + "': " + e.getMessage(), e);
            }
        });
        return new ModelDescriptor(
                flavors,
                signature(root, ours, what),
                texts(ours, LABELS, what),
                text(root, RUN_ID, what),
                provenance,
                digests,
                example(root, what),
                golden(ours, what));
    }

    private static @Nullable String golden(Map<String, Object> ours, String what) {
        String path = text(ours, GOLDEN, what);
        if (path != null) {
            checkPath(path, "'" + GOLDEN + "'", what);
        }
        return path;
    }

    private static @Nullable String example(Map<String, Object> root, String what) {
        String path = text(map(root, EXAMPLE, what), EXAMPLE_PATH, what);
        if (path != null) {
            checkPath(path, "'" + EXAMPLE + "'", what);
        }
        return path;
    }

    private static @Nullable ModelSignature signature(Map<String, Object> root, Map<String, Object> ours, String what) {
        Map<String, Object> signature = map(root, SIGNATURE, what);
        Map<String, Object> columns = map(ours, COLUMNS, what);
        List<TensorSpec> inputs = side(signature, columns, INPUTS, what);
        List<TensorSpec> outputs = side(signature, columns, OUTPUTS, what);
        return inputs.isEmpty() && outputs.isEmpty() ? null : new ModelSignature(inputs, outputs);
    }

    private static List<TensorSpec> side(
            Map<String, Object> signature, Map<String, Object> columns, String side, String what) {
        String json = text(signature, side, what);
        if (json == null) {
            return List.of();
        }
        Map<String, Object> names = map(columns, side, what);
        List<TensorSpec> specs = new ArrayList<>();
        for (TensorSpec spec : SignatureJson.read(json, what + ": signature of its " + side)) {
            try {
                specs.add(spec.withColumns(texts(names, spec.name(), what)));
            } catch (IllegalArgumentException e) {
                throw new ModelLoadException(what + ": " + e.getMessage(), e);
            }
        }
        return specs;
    }

    private static void checkPath(String path, String where, String what) {
        try {
            FileEntry.checkPath(path);
        } catch (InvalidInputException e) {
            throw new ModelLoadException(
                    what + ": " + where + " names a file outside of the model's folder: " + e.getMessage(), e);
        }
    }

    @SuppressWarnings("unchecked") // Yaml builds maps with text as keys only
    private static Map<String, Object> map(Map<String, Object> parent, String key, String what) {
        Object value = parent.get(key);
        if (value == null) {
            return Map.of();
        }
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw new ModelLoadException(what + ": '" + key + "' is not a map");
    }

    private static @Nullable String text(Map<String, Object> parent, String key, String what) {
        Object value = parent.get(key);
        if (value == null || value instanceof String) {
            return (String) value;
        }
        throw new ModelLoadException(what + ": '" + key + "' is not text");
    }

    private static List<String> texts(Map<String, Object> parent, String key, String what) {
        Object value = parent.get(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list && list.stream().allMatch(String.class::isInstance)) {
            return list.stream().map(String.class::cast).toList();
        }
        throw new ModelLoadException(what + ": '" + key + "' is not a list of texts");
    }

    // Files

    /** Every file below the folder, by its path in the folder, with the real path behind it. */
    private static Map<String, Path> list(Path folder) {
        String what = "model folder " + folder;
        Map<String, Path> realPaths = new TreeMap<>();
        try {
            Path root = folder.toRealPath();
            if (!Files.isDirectory(root)) {
                throw new ModelLoadException(what + " is a file, expected a folder");
            }
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    String path = root.relativize(file)
                            .toString()
                            .replace(root.getFileSystem().getSeparator(), "/");
                    if (realPaths.size() == MAX_FILES) {
                        throw new ModelLoadException(what + " holds more than " + MAX_FILES + " files");
                    }
                    Path real = file;
                    if (attributes.isSymbolicLink()) {
                        real = follow(file, root, path, what);
                    }
                    if (!Files.isRegularFile(real, LinkOption.NOFOLLOW_LINKS)) {
                        throw new ModelLoadException(what + ": '" + path + "' is not a file"
                                + (attributes.isSymbolicLink() ? " but a link to a folder or device" : "")
                                + ", and only files belong to a model");
                    }
                    try {
                        FileEntry.checkPath(path);
                    } catch (InvalidInputException e) {
                        throw new ModelLoadException(what + ": " + e.getMessage() + "; rename the file", e);
                    }
                    realPaths.put(path, real);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException e) {
            throw new ModelLoadException(what + " does not exist", e);
        } catch (IOException e) {
            throw new StorageException(what + " cannot be listed", e);
        }
        return realPaths;
    }

    private static Path follow(Path link, Path root, String path, String what) throws IOException {
        Path real;
        try {
            real = link.toRealPath();
        } catch (NoSuchFileException e) {
            throw new ModelLoadException(what + ": the link '" + path + "' leads nowhere", e);
        }
        if (!real.startsWith(root)) {
            throw new ModelLoadException(what + ": the link '" + path + "' leads out of the folder, to " + real);
        }
        return real;
    }

    private static Manifest manifest(Path folder, Map<String, Path> realPaths) {
        List<FileEntry> entries = new ArrayList<>();
        byte[] buffer = new byte[1 << 16];
        for (Map.Entry<String, Path> file : realPaths.entrySet()) {
            MessageDigest hasher = Digest.newHasher();
            long size = 0;
            try (InputStream in = Files.newInputStream(file.getValue(), LinkOption.NOFOLLOW_LINKS)) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    hasher.update(buffer, 0, n);
                    size += n;
                }
            } catch (IOException e) {
                throw new StorageException(
                        "file '" + file.getKey() + "' of model folder " + folder + " cannot be read", e);
            }
            entries.add(new FileEntry(file.getKey(), size, Digest.finish(hasher)));
        }
        return new Manifest(entries);
    }

    private static InputStream open(@Nullable Path real, FileEntry entry) throws IOException {
        if (real == null) {
            throw new NoSuchFileException(entry.path());
        }
        return Files.newInputStream(real, LinkOption.NOFOLLOW_LINKS);
    }
}
