package io.jvmlops.serving.onnx;

import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.serving.onnx.ExternalData.Reference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an ONNX file from its bytes alone, before native code sees them: that it has the structure of a
 * {@code ModelProto}, which other files it refers to, whether it draws random numbers, and the class labels it holds.
 *
 * <p>Field numbers are those of onnx.proto3 (ONNX 1.x, IR version 3 and newer), wire format that of Protocol Buffers.
 */
final class OnnxFile {
    /** Subgraphs within attributes nest; no real model comes near this. */
    private static final int MAX_DEPTH = 64;

    /** Classes beyond this are no names that a person reads; bounds what a small file can make of itself. */
    private static final int MAX_LABELS = 100_000;

    /** Places where weights lie elsewhere; a large language model has some thousands. */
    private static final int MAX_REFERENCES = 1_000_000;

    /** What every reader of it takes for the same number. */
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,17}");

    /** Operators of ONNX whose answers differ from run to run; a seed only says where a session begins. */
    private static final Set<String> RANDOM = Set.of(
            "Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike");

    /** As {@code TensorProto} numbers types. */
    private static final int BOOL = 9;

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final byte[] bytes;
    private final String subject;
    private final Classes classes = new Classes();
    private final Set<Reference> references = new LinkedHashSet<>();
    private boolean random;
    /** What says whether a dropout drops anything, and the constants that say no. */
    private final Set<String> trainingModes = new HashSet<>();

    private final Set<String> constantsOfFalse = new HashSet<>();

    private OnnxFile(byte[] bytes, String subject) {
        this.bytes = bytes;
        this.subject = subject;
    }

    /** @throws ModelLoadException if the bytes are no ONNX model, or its references to other files cannot be told */
    static OnnxFile parse(byte[] bytes, String subject) {
        OnnxFile file = new OnnxFile(bytes, subject);
        if (bytes.length == 0) {
            throw file.refuse("is empty");
        }
        file.model();
        return file;
    }

    /**
     * The classes, in the order of the scores: those of the model's ZipMap, else of the classifier whose choice the model gives
     * as it is; empty if it has neither, or several that differ.
     */
    List<String> labels() {
        return classes.labels();
    }

    /** Where the file refers to weights in other files, each place once; not checked. */
    Set<Reference> references() {
        return Collections.unmodifiableSet(references);
    }

    /**
     * Whether it has no operator that draws random numbers, in the graph, graphs within it, or functions: those of ONNX for
     * that, and a dropout with a training mode that is not a constant of false.
     */
    boolean isDeterministic() {
        return !random && constantsOfFalse.containsAll(trainingModes);
    }

    private void model() {
        boolean version = false;
        boolean graph = false;
        Reader in = new Reader(0, bytes.length);
        while (in.next()) {
            if (in.field == 1 && in.wire == VARINT) {
                version = true;
            } else if (in.field == 7 && in.wire == BYTES) {
                graph = true;
                graph(in.start, in.end, 0);
            } else if (in.field == 20 && in.wire == BYTES) {
                throw refuse("holds training information; export it for inference");
            } else if (in.field == 25 && in.wire == BYTES) {
                function(in.start, in.end);
            }
        }
        if (!version || !graph) {
            throw refuse("is not an ONNX model: it has no " + (version ? "graph" : "IR version"));
        }
    }

    private void graph(int start, int end, int depth) {
        if (depth > MAX_DEPTH) {
            throw refuse("nests graphs deeper than " + MAX_DEPTH);
        }
        Reader in = new Reader(start, end);
        while (in.next()) {
            if (in.wire != BYTES) {
                continue;
            }
            if (in.field == 1) {
                List<String> labels = node(in.start, in.end, depth);
                if (depth == 0) {
                    classes.node(in.start, in.end, labels);
                }
            } else if (in.field == 5) {
                tensor(in.start, in.end);
                constant(in.start, in.end);
            } else if (in.field == 15) {
                sparseTensor(in.start, in.end);
            } else if (depth == 0 && in.field == 11) {
                value(in.start, in.end, "input");
            } else if (depth == 0 && in.field == 12) {
                classes.outputs.add(value(in.start, in.end, "output"));
            }
        }
    }

    /** The name; kinds of values that the runtime's Java interface refuses without it, or takes for others, are refused. */
    private String value(int start, int end, String side) {
        String name = "";
        String kind = "";
        Reader in = new Reader(start, end);
        while (in.next()) {
            if (in.field == 1 && in.wire == BYTES) {
                name = text(in);
            } else if (in.field == 2 && in.wire == BYTES) {
                Reader type = new Reader(in.start, in.end);
                while (type.next()) {
                    kind = switch (type.field) {
                        case 4 -> type.wire == BYTES ? unsigned(type.start, type.end) : kind;
                        case 8 -> "sparse tensor";
                        case 9 -> "optional";
                        default -> kind;
                    };
                }
            }
        }
        if (!kind.isEmpty()) {
            throw refuse("has the " + side + " '" + name + "' of kind " + kind + ", which cannot be carried to Java");
        }
        return name;
    }

    /** A sequence of tensors of integers that Java's have no sign to spare for; else empty. */
    private String unsigned(int start, int end) {
        String kind = "";
        Reader sequence = new Reader(start, end);
        while (sequence.next()) {
            Reader element = new Reader(sequence.start, sequence.wire == BYTES ? sequence.end : sequence.start);
            while (element.next()) {
                Reader tensor = new Reader(element.start, element.wire == BYTES ? element.end : element.start);
                while (element.field == 1 && tensor.next()) {
                    if (tensor.field == 1 && tensor.wire == VARINT) {
                        kind = switch ((int) tensor.value) {
                            case 4 -> "sequence of UINT16";
                            case 12 -> "sequence of UINT32";
                            case 13 -> "sequence of UINT64";
                            default -> kind;
                        };
                    }
                }
            }
        }
        return kind;
    }

    private void function(int start, int end) {
        Reader in = new Reader(start, end);
        while (in.next()) {
            if (in.field == 7 && in.wire == BYTES) {
                List<String> unused = node(in.start, in.end, 0);
            } else if (in.field == 11 && in.wire == BYTES) {
                List<String> unused = attribute(in.start, in.end, 0);
            }
        }
    }

    /** The classes that it names, in the order of the scores; empty if it does not. */
    private List<String> node(int start, int end, int depth) {
        List<String> labels = List.of();
        String operator = "";
        String domain = "";
        Reader in = new Reader(start, end);
        while (in.next()) {
            if (in.field == 4 && in.wire == BYTES) {
                operator = text(in);
                if (operator.equals("EPContext")) {
                    throw refuse(
                            "holds a graph compiled for one device (EPContext), which can name files that would not be"
                                    + " verified; load the model that it was compiled from");
                }
            }
            if (in.field == 7 && in.wire == BYTES) {
                domain = text(in);
            }
            if (in.field == 5 && in.wire == BYTES) {
                List<String> found = attribute(in.start, in.end, depth);
                labels = found.isEmpty() ? labels : found;
            }
        }
        if (domain.isEmpty() || domain.equals("ai.onnx")) {
            random |= RANDOM.contains(operator);
            if (operator.equals("Dropout")) {
                dropout(start, end);
            }
        }
        return labels;
    }

    /** Since operator set 12, a third input says whether it drops anything; if there is none, it does not. */
    private void dropout(int start, int end) {
        int position = 0;
        Reader in = new Reader(start, end);
        while (in.next()) {
            if (in.field == 1 && in.wire == BYTES) {
                if (position == 2 && in.end > in.start) {
                    trainingModes.add(text(in));
                }
                position++;
            }
        }
    }

    /** Looks whether it is a single {@code false}. */
    private void constant(int start, int end) {
        boolean bool = false;
        boolean zero = true;
        String name = "";
        Reader in = new Reader(start, end);
        while (in.next()) {
            switch (in.field) {
                case 2 -> bool = in.value == BOOL;
                case 5, 9 -> {
                    zero &= in.value == 0;
                    for (int i = in.start; in.wire == BYTES && i < in.end; i++) {
                        zero &= bytes[i] == 0;
                    }
                }
                case 8 -> name = bool && in.wire == BYTES ? text(in) : name;
                // Elsewhere, which nobody has looked at.
                case 13, 14 -> zero = false;
                default -> {}
            }
        }
        if (bool && zero && !name.isEmpty()) {
            constantsOfFalse.add(name);
        }
    }

    private List<String> attribute(int start, int end, int depth) {
        String name = "";
        Reader in = new Reader(start, end);
        while (in.next()) {
            if (in.wire != BYTES) {
                continue;
            }
            switch (in.field) {
                case 1 -> name = text(in);
                case 5, 10 -> tensor(in.start, in.end);
                case 6, 11 -> graph(in.start, in.end, depth + 1);
                case 22, 23 -> sparseTensor(in.start, in.end);
                default -> {}
            }
        }
        // Classifiers of the ai.onnx.ml domain call them classlabels_strings, _ints or _int64s. Nothing else is made
        // into objects: trees have millions of integers.
        return name.startsWith("classlabels_") ? labels(start, end) : List.of();
    }

    private List<String> labels(int start, int end) {
        List<String> found = new ArrayList<>();
        Reader in = new Reader(start, end);
        while (in.next()) {
            if (in.field == 8 && in.wire == VARINT) {
                add(Long.toString(in.value), found);
            } else if (in.field == 8 && in.wire == BYTES) {
                Reader packed = new Reader(in.start, in.end);
                while (packed.position < in.end) {
                    add(Long.toString(packed.varint()), found);
                }
            } else if (in.field == 9 && in.wire == BYTES) {
                add(text(in), found);
            }
        }
        return found;
    }

    private void add(String label, List<String> found) {
        if (found.size() == MAX_LABELS) {
            throw refuse("names more than " + MAX_LABELS + " classes");
        }
        found.add(label);
    }

    private String text(Reader in) {
        return new String(bytes, in.start, in.end - in.start, StandardCharsets.UTF_8);
    }

    private void sparseTensor(int start, int end) {
        Reader in = new Reader(start, end);
        while (in.next()) {
            if ((in.field == 1 || in.field == 2) && in.wire == BYTES) {
                tensor(in.start, in.end);
            }
        }
    }

    private void tensor(int start, int end) {
        boolean external = false;
        Map<String, String> entries = new HashMap<>();
        Reader in = new Reader(start, end);
        while (in.next()) {
            if (in.field == 13 && in.wire == BYTES) {
                external = true;
                entry(in.start, in.end, entries);
            } else if (in.field == 14 && in.value != 0) {
                external = true;
            }
        }
        if (external) {
            String location = entries.get("location");
            if (location == null) {
                throw refuse("keeps weights in other files (external data), but does not say in which");
            }
            if (references.size() == MAX_REFERENCES) {
                throw refuse("refers to other files (external data) in more than " + MAX_REFERENCES + " places");
            }
            Long offset = number("offset", entries);
            references.add(new Reference(location, offset == null ? 0 : offset, number("length", entries)));
        }
    }

    private void entry(int start, int end, Map<String, String> entries) {
        String key = "";
        String value = "";
        Reader in = new Reader(start, end);
        while (in.next()) {
            if (in.field == 1 && in.wire == BYTES) {
                key = text(in);
            } else if (in.field == 2 && in.wire == BYTES) {
                value = text(in);
            }
        }
        // Of two, the runtime might take the other.
        if (entries.put(key, value) != null) {
            throw refuse("keeps weights in other files (external data), and says '" + key + "' of one twice");
        }
    }

    private @Nullable Long number(String key, Map<String, String> entries) {
        String text = entries.get(key);
        if (text == null) {
            return null;
        }
        if (!NUMBER.matcher(text).matches()) {
            throw refuse(
                    "keeps weights in other files (external data), at an " + key + " that is not a number of bytes");
        }
        return Long.parseLong(text);
    }

    private ModelLoadException refuse(String why) {
        return new ModelLoadException(subject + " " + why);
    }

    /**
     * Which class each score is of, as far as the graph tells. What a classifier calls its classes need not be what the model
     * calls them: a vote, or a stack of classifiers, counts classes within, and looks up what they are called in the end.
     */
    private final class Classes {
        /** Operators that hand on what they are given, as far as classes and their order go. */
        private static final Set<String> HANDING_ON =
                Set.of("Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Normalizer");

        private final Set<String> outputs = new HashSet<>();
        private final Set<List<String>> ofZipMaps = new LinkedHashSet<>();
        private final List<Classifier> classifiers = new ArrayList<>();
        /** By the name of a value. */
        private final Map<String, Classifier> chosen = new HashMap<>();

        private final Map<String, Classifier> scores = new HashMap<>();

        /** Nodes come in an order in which each follows what it reads. */
        void node(int start, int end, List<String> labels) {
            if (labels.isEmpty() && chosen.isEmpty() && scores.isEmpty()) {
                return;
            }
            String operator = "";
            List<String> reads = new ArrayList<>();
            List<String> writes = new ArrayList<>();
            Reader in = new Reader(start, end);
            while (in.next()) {
                if (in.wire == BYTES && in.field == 1) {
                    reads.add(text(in));
                } else if (in.wire == BYTES && in.field == 2) {
                    writes.add(text(in));
                } else if (in.wire == BYTES && in.field == 4) {
                    operator = text(in);
                }
            }
            for (String read : reads) {
                hand(chosen, read, operator, writes);
                hand(scores, read, operator, writes);
            }
            if (operator.equals("ZipMap")) {
                if (!labels.isEmpty()) {
                    ofZipMaps.add(labels);
                }
            } else if (!labels.isEmpty() && !writes.isEmpty()) {
                Classifier classifier = new Classifier(labels);
                classifiers.add(classifier);
                chosen.put(writes.get(0), classifier);
                if (writes.size() > 1) {
                    scores.put(writes.get(1), classifier);
                }
            }
        }

        private void hand(Map<String, Classifier> values, String read, String operator, List<String> writes) {
            Classifier of = values.get(read);
            if (of == null) {
                return;
            }
            if (HANDING_ON.contains(operator) && !writes.isEmpty()) {
                values.put(writes.get(0), of);
            } else if (values == chosen) {
                of.renamed = true;
            }
        }

        List<String> labels() {
            Set<List<String>> lists = new LinkedHashSet<>(ofZipMaps);
            if (lists.isEmpty()) {
                for (Classifier classifier : classifiers) {
                    if (gives(chosen, classifier) || !classifier.renamed && gives(scores, classifier)) {
                        lists.add(classifier.labels);
                    }
                }
            }
            return lists.size() == 1 ? lists.iterator().next() : List.of();
        }

        /** Whether it is an output of the model. */
        private boolean gives(Map<String, Classifier> values, Classifier of) {
            return values.entrySet().stream().anyMatch(e -> e.getValue() == of && outputs.contains(e.getKey()));
        }
    }

    /** A node that chooses among classes. */
    private static final class Classifier {
        private final List<String> labels;
        /** Whether something else is made of what it chose. */
        private boolean renamed;

        Classifier(List<String> labels) {
            this.labels = labels;
        }
    }

    /** Walks the fields of one message. */
    private final class Reader {
        private final int end0;
        private int position;
        private int field;
        private int wire;
        /** Of a varint field. */
        private long value;
        /** Of a field with bytes. */
        private int start;

        private int end;

        Reader(int start, int end) {
            this.position = start;
            this.end0 = end;
            this.end = end;
        }

        boolean next() {
            if (position >= end0) {
                return false;
            }
            end = end0;
            int at = position;
            long tag = varint();
            field = (int) (tag >>> 3);
            wire = (int) (tag & 7);
            value = 0;
            if (field <= 0 || tag >>> 32 != 0) {
                throw malformed(at);
            }
            switch (wire) {
                case VARINT -> value = varint();
                case FIXED64 -> skip(8, at);
                case FIXED32 -> skip(4, at);
                case BYTES -> {
                    long length = varint();
                    if (length < 0 || length > end0 - position) {
                        throw malformed(at);
                    }
                    start = position;
                    end = position + (int) length;
                    position = end;
                }
                default -> throw malformed(at);
            }
            return true;
        }

        long varint() {
            long result = 0;
            int at = position;
            for (int shift = 0; shift < 64; shift += 7) {
                if (position >= end0) {
                    throw malformed(at);
                }
                byte b = bytes[position++];
                result |= (long) (b & 0x7f) << shift;
                if (b >= 0) {
                    return result;
                }
            }
            throw malformed(at);
        }

        private void skip(int length, int at) {
            if (length > end0 - position) {
                throw malformed(at);
            }
            position += length;
        }

        private ModelLoadException malformed(int at) {
            return refuse("is not an ONNX model: byte " + at + " of " + bytes.length
                    + " is not where a field can begin or end; it is truncated, altered or of another format");
        }
    }
}
