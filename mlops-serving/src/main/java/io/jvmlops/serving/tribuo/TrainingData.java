package io.jvmlops.serving.tribuo;

import com.oracle.labs.mlrg.olcut.provenance.ListProvenance;
import com.oracle.labs.mlrg.olcut.provenance.PrimitiveProvenance;
import com.oracle.labs.mlrg.olcut.provenance.Provenance;
import com.oracle.labs.mlrg.olcut.provenance.ProvenanceUtil.HashType;
import com.oracle.labs.mlrg.olcut.provenance.primitives.FileProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.HashProvenance;
import com.oracle.labs.mlrg.olcut.provenance.primitives.URLProvenance;
import com.oracle.labs.mlrg.olcut.util.Pair;
import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.dataset.DatasetVersion;
import java.net.URL;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tribuo.Example;
import org.tribuo.ImmutableDataset;
import org.tribuo.MutableDataset;
import org.tribuo.provenance.DataProvenance;
import org.tribuo.provenance.DatasetProvenance;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/**
 * Which data a model was trained or evaluated on, told from Tribuo's provenance of it and, where that does not suffice,
 * from the examples.
 *
 * <ul>
 *   <li>A file that was read whole is known by the SHA-256 that Tribuo has taken of it: {@code resource-hash}.
 *   <li>Everything else (one half of a split, a fold, several sources together, transformed features, what was made in
 *       memory) is known by its examples, see {@link ExampleDigest}: two halves of a split differ because their examples
 *       do. The files that it was made from, so far as Tribuo has hashed them, are {@link #sources}.
 * </ul>
 *
 * @param data what was read
 * @param sources the files behind it, unless it is such a file itself
 */
record TrainingData(DatasetVersion data, List<DatasetVersion> sources) {
    private static final int MAX_SOURCES = 100;
    private static final int MAX_DEPTH = 16;
    private static final int MAX_TEXT = 4_000;
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    TrainingData {
        sources = List.copyOf(sources);
    }

    /** @param examples in their order; read only if the provenance does not suffice, and not kept */
    static TrainingData of(DataProvenance provenance, Iterable<? extends Example<?>> examples) {
        DataProvenance source = withoutWrapping(provenance);
        List<DataProvenance> leaves = new ArrayList<>();
        collectLeaves(source, leaves, 0);
        Set<DatasetVersion> files = new LinkedHashSet<>();
        Set<String> names = new LinkedHashSet<>();
        for (DataProvenance leaf : leaves) {
            names.add(name(leaf));
            Digest digest = hash(leaf);
            if (digest != null && files.size() < MAX_SOURCES) {
                files.add(version(name(leaf), digest, place(leaf)));
            }
        }
        if (leaves.size() == 1 && leaves.get(0) == source && files.size() == 1) {
            return new TrainingData(files.iterator().next(), List.of());
        }
        String name = String.join(" + ", names);
        return new TrainingData(version(name, ExampleDigest.of(examples), describe(source, 0)), List.copyOf(files));
    }

    private static DatasetVersion version(String name, Digest digest, String source) {
        return new DatasetVersion(Texts.key(name), digest, Texts.value(source, MAX_TEXT));
    }

    /** What a dataset that only holds the examples of its source came from. */
    private static DataProvenance withoutWrapping(DataProvenance provenance) {
        DataProvenance inner = provenance;
        for (int depth = 0; depth < MAX_DEPTH; depth++) {
            if (inner.getClass() != DatasetProvenance.class) {
                return inner;
            }
            DatasetProvenance dataset = (DatasetProvenance) inner;
            boolean holdsOnly = dataset.getClassName().equals(MutableDataset.class.getName())
                    || dataset.getClassName().equals(ImmutableDataset.class.getName());
            if (!holdsOnly
                    || !dataset.getTransformationProvenance().getList().isEmpty()
                    || dataset.getSourceProvenance() == null) {
                return inner;
            }
            inner = dataset.getSourceProvenance();
        }
        return inner;
    }

    private static void collectLeaves(DataProvenance provenance, List<DataProvenance> to, int depth) {
        List<DataProvenance> parts = depth < MAX_DEPTH ? parts(provenance) : List.of();
        if (parts.isEmpty() && to.size() < MAX_SOURCES) {
            to.add(provenance);
        }
        parts.forEach(part -> collectLeaves(part, to, depth + 1));
    }

    private static List<DataProvenance> parts(DataProvenance provenance) {
        List<DataProvenance> parts = new ArrayList<>();
        for (Pair<String, Provenance> entry : provenance) {
            if (entry.getB() instanceof DataProvenance part) {
                parts.add(part);
            } else if (entry.getB() instanceof ListProvenance<?> list) {
                for (Provenance element : list.getList()) {
                    if (!(element instanceof DataProvenance part)) {
                        break;
                    }
                    parts.add(part);
                }
            }
        }
        return parts;
    }

    /** The SHA-256 of the one resource that it read; null if there is none, or several. */
    private static @Nullable Digest hash(DataProvenance leaf) {
        Digest digest = null;
        for (Pair<String, Provenance> entry : leaf) {
            if (entry.getB() instanceof HashProvenance hash) {
                String hex = String.valueOf(hash.getValue()).toLowerCase(Locale.ROOT);
                if (digest != null
                        || hash.getType() != HashType.SHA256
                        || !SHA_256.matcher(hex).matches()) {
                    return null;
                }
                digest = new Digest(hex);
            }
        }
        return digest;
    }

    private static String name(DataProvenance leaf) {
        String place = place(leaf);
        String last = place.substring(Math.max(place.lastIndexOf('/'), place.lastIndexOf('\\')) + 1);
        return last.isBlank() ? place : last;
    }

    /** Where it was read from: a path, an address without user and query, what its maker called it, or its class. */
    private static String place(DataProvenance leaf) {
        String described = null;
        for (Pair<String, Provenance> entry : leaf) {
            if (entry.getB() instanceof FileProvenance file) {
                return file.getValue().getPath();
            }
            if (entry.getB() instanceof URLProvenance url) {
                return address(url.getValue());
            }
            if (entry.getA().equals(SimpleDataSourceProvenance.DESCRIPTION)
                    && entry.getB() instanceof PrimitiveProvenance<?> text) {
                described = Secrets.hidden(String.valueOf(text.getValue()));
            }
        }
        return described == null || described.isBlank() ? simpleName(leaf) : described;
    }

    private static String address(URL url) {
        String host = url.getHost() == null || url.getHost().isEmpty() ? "" : "//" + url.getHost();
        String port = url.getPort() < 0 ? "" : ":" + url.getPort();
        return url.getProtocol() + ":" + host + port + url.getPath();
    }

    private static String simpleName(DataProvenance provenance) {
        String name = provenance.getClassName();
        return name.substring(Math.max(name.lastIndexOf('.'), name.lastIndexOf('$')) + 1);
    }

    /** Like {@code TrainTestSplitter(is-train=true, seed=1, size=150, train-proportion=0.7) of iris.csv}. */
    private static String describe(DataProvenance provenance, int depth) {
        List<DataProvenance> parts = depth < MAX_DEPTH ? parts(provenance) : List.of();
        if (parts.isEmpty()) {
            return place(provenance);
        }
        Map<String, String> settings = new TreeMap<>();
        for (Pair<String, Provenance> entry : provenance) {
            if (entry.getB() instanceof PrimitiveProvenance<?> primitive
                    && !entry.getA().equals("class-name")) {
                settings.put(entry.getA(), Secrets.hidden(entry.getA(), primitive));
            }
        }
        String of = parts.stream()
                .limit(MAX_SOURCES)
                .map(part -> describe(part, depth + 1))
                .collect(Collectors.joining(" and "));
        return simpleName(provenance)
                + settings.entrySet().stream()
                        .map(setting -> setting.getKey() + "=" + setting.getValue())
                        .collect(Collectors.joining(", ", "(", ")"))
                + " of " + of;
    }
}
