package io.jvmlops.serving.onnx;

import io.jvmlops.api.error.ModelLoadException;
import io.jvmlops.serving.onnx.ExternalData.Reference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an ONNX file from its bytes alone, before native code sees them: that it has the structure of a
 * {@code ModelProto}, which other files it refers to, and the class labels it holds.
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

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int BYTES = 2;
    private static final int FIXED32 = 5;

    private final byte[] bytes;
    private final String subject;
    /** Class lists that classifiers hold, and those of ZipMaps, which name the scores themselves. */
    private final Set<List<String>> ofClassifiers = new LinkedHashSet<>();

    private final Set<List<String>> ofZipMaps = new LinkedHashSet<>();

    private final Set<Reference> references = new LinkedHashSet<>();

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
     * The classes, in the order of the scores: those of the model's ZipMap, else of its classifier; empty if it has
     * neither, or several that differ.
     */
    List<String> labels() {
        Set<List<String>> lists = ofZipMaps.isEmpty() ? ofClassifiers : ofZipMaps;
        return lists.size() == 1 ? lists.iterator().next() : List.of();
    }

    /** Where the file refers to weights in other files, each place once; not checked. */
    Set<Reference> references() {
        return Collections.unmodifiableSet(references);
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
                node(in.start, in.end, depth);
            } else if (in.field == 5) {
                tensor(in.start, in.end);
            } else if (in.field == 15) {
                sparseTensor(in.start, in.end);
            } else if (depth == 0 && (in.field == 11 || in.field == 12)) {
                value(in.start, in.end, in.field == 11 ? "input" : "output");
            }
        }
    }

    /** Kinds of values that the runtime's Java interface refuses without their names, or takes for others. */
    private void value(int start, int end, String side) {
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
                node(in.start, in.end, 0);
            } else if (in.field == 11 && in.wire == BYTES) {
                attribute(in.start, in.end, 0, ofClassifiers);
            }
        }
    }

    private void node(int start, int end, int depth) {
        Set<List<String>> into = ofClassifiers;
        Reader in = new Reader(start, end);
        while (in.next()) {
            if (in.field == 4 && in.wire == BYTES) {
                String operator = text(in);
                if (operator.equals("ZipMap")) {
                    into = ofZipMaps;
                } else if (operator.equals("EPContext")) {
                    throw refuse(
                            "holds a graph compiled for one device (EPContext), which can name files that would not be"
                                    + " verified; load the model that it was compiled from");
                }
            }
        }
        in = new Reader(start, end);
        while (in.next()) {
            if (in.field == 5 && in.wire == BYTES) {
                attribute(in.start, in.end, depth, into);
            }
        }
    }

    private void attribute(int start, int end, int depth, Set<List<String>> labels) {
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
        if (name.startsWith("classlabels_")) {
            List<String> found = labels(start, end);
            if (!found.isEmpty()) {
                labels.add(found);
            }
        }
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
