package io.jvmlops.serving.folder;

import io.jvmlops.api.error.ModelLoadException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.api.lowlevel.Present;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentEndEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ImplicitTuple;
import org.snakeyaml.engine.v2.events.MappingEndEvent;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceEndEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.events.StreamEndEvent;
import org.snakeyaml.engine.v2.events.StreamStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * The little YAML that a descriptor needs: maps, lists and text. Read from events and never constructed as objects, so
 * that a tag has nothing to name; what is null is left out; numbers and booleans stay text. Bounded in bytes, depth and
 * nodes; an alias is a shared reference, and counts as many nodes as it would be if written out.
 */
final class Yaml {
    static final int MAX_BYTES = 4 << 20;
    static final int MAX_DEPTH = 24;
    static final int MAX_NODES = 200_000;

    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
    /** Text that YAML 1.1 (which Python reads) and 1.2 both take for text. */
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z_][A-Za-z0-9_./-]*");

    private static final Set<String> RESERVED =
            Set.of("y", "yes", "n", "no", "on", "off", "true", "false", "null", "nan", "inf");

    private final String what;
    private final Map<Anchor, Anchored> anchors = new HashMap<>();
    private int nodes;

    private record Anchored(Object value, int nodes) {}

    private Yaml(String what) {
        this.what = what;
    }

    /**
     * @param what names the text in messages
     * @return the root map; values are {@link String}, {@link List} or {@link Map} of such
     * @throws ModelLoadException if it is not such YAML, or over a limit
     */
    static Map<String, Object> read(byte[] bytes, String what) {
        if (bytes.length > MAX_BYTES) {
            throw new ModelLoadException(what + " has " + bytes.length + " bytes, expected at most " + MAX_BYTES);
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new ModelLoadException(what + " is not UTF-8 text", e);
        }
        LoadSettings settings = LoadSettings.builder()
                .setCodePointLimit(MAX_BYTES)
                .setLabel(what)
                .build();
        try {
            return new Yaml(what).root(new Parse(settings).parseString(text));
        } catch (YamlEngineException e) {
            throw new ModelLoadException(what + " is not the YAML that was expected: " + e.getMessage(), e);
        }
    }

    private Map<String, Object> root(Iterable<Event> events) {
        Deque<Frame> stack = new ArrayDeque<>();
        Object root = null;
        int documents = 0;
        for (Event event : events) {
            if (event instanceof DocumentStartEvent && ++documents > 1) {
                throw refuse(event, "starts a second document, expected one");
            }
            Object done;
            if (event instanceof CollectionStartEvent start) {
                if (stack.size() == MAX_DEPTH) {
                    throw refuse(event, "is nested deeper than " + MAX_DEPTH);
                }
                stack.push(new Frame(start, nodes));
                checkNode(start, start.getTag());
                continue;
            } else if (event instanceof SequenceEndEvent || event instanceof MappingEndEvent) {
                Frame frame = stack.pop();
                done = frame.value;
                register(frame.start, done, nodes - frame.nodesBefore);
            } else if (event instanceof ScalarEvent scalar) {
                checkNode(scalar, scalar.getTag());
                done = scalar.isPlain() && NULLS.contains(scalar.getValue()) ? null : scalar.getValue();
                if (done != null) {
                    register(scalar, done, 1);
                }
            } else if (event instanceof AliasEvent alias) {
                // Registered when finished, so that nothing can hold itself.
                Anchored anchored = anchors.get(alias.getAlias());
                if (anchored == null) {
                    throw refuse(event, "refers to an anchor that is not above it");
                }
                // Whoever reads the maps goes through what it stands for each time.
                count(event, anchored.nodes());
                done = anchored.value();
            } else {
                continue;
            }
            Frame parent = stack.peek();
            if (parent == null) {
                root = done;
            } else {
                parent.add(done, event);
            }
        }
        if (root instanceof Map<?, ?> map) {
            return cast(map);
        }
        throw new ModelLoadException(what + " holds no map of settings");
    }

    private void checkNode(Event event, Optional<String> tag) {
        count(event, 1);
        // "!" alone is what a quoted scalar may carry.
        if (tag.isPresent() && !tag.get().equals("!")) {
            throw refuse(event, "has the type tag '" + tag.get() + "', which is not read");
        }
    }

    private void count(Event event, int more) {
        // Neither is more than the limit, so the sum does not overflow.
        nodes += more;
        if (nodes > MAX_NODES) {
            throw refuse(event, "is one of more than " + MAX_NODES + " values");
        }
    }

    private void register(NodeEvent event, Object value, int size) {
        event.getAnchor().ifPresent(anchor -> anchors.put(anchor, new Anchored(value, size)));
    }

    private ModelLoadException refuse(Event event, String why) {
        String line = event.getStartMark()
                .map(Mark::getLine)
                .map(l -> ", line " + (l + 1))
                .orElse("");
        return new ModelLoadException(what + line + ": a value " + why);
    }

    /** An unfinished map or list. */
    private final class Frame {
        final CollectionStartEvent start;
        final int nodesBefore;
        final Object value;
        private final Set<String> seen = new HashSet<>();
        private @Nullable String key;

        Frame(CollectionStartEvent start, int nodesBefore) {
            this.start = start;
            this.nodesBefore = nodesBefore;
            this.value = start instanceof MappingStartEvent ? new LinkedHashMap<String, Object>() : new ArrayList<>();
        }

        void add(@Nullable Object child, Event event) {
            if (value instanceof List<?> list) {
                if (child != null) {
                    Yaml.<Object>cast(list).add(child);
                }
            } else if (key == null) {
                if (!(child instanceof String name)) {
                    throw refuse(event, "is a key but not text");
                }
                if (seen.contains(name)) {
                    throw refuse(event, "repeats the key '" + name + "' of its map");
                }
                seen.add(name);
                key = name;
            } else {
                if (child != null) {
                    cast((Map<?, ?>) value).put(key, child);
                }
                key = null;
            }
        }
    }

    @SuppressWarnings("unchecked") // built above, of nothing else
    private static Map<String, Object> cast(Map<?, ?> map) {
        return (Map<String, Object>) map;
    }

    @SuppressWarnings("unchecked") // built above, of nothing else
    private static <T> List<T> cast(List<?> list) {
        return (List<T>) list;
    }

    /** Block style, every text so that YAML 1.1 and 1.2 read it as text; the same map gives the same bytes. */
    static byte[] write(Map<String, ?> root) {
        List<Event> events = new ArrayList<>();
        events.add(new StreamStartEvent());
        events.add(new DocumentStartEvent(false, Optional.empty(), Map.of()));
        emit(root, events);
        events.add(new DocumentEndEvent(false));
        events.add(new StreamEndEvent());
        // ASCII, since YAML 1.1 takes some of what is beyond for line breaks.
        DumpSettings settings = DumpSettings.builder()
                .setSplitLines(false)
                .setUseUnicodeEncoding(false)
                .build();
        return new Present(settings).emitToString(events.iterator()).getBytes(StandardCharsets.UTF_8);
    }

    private static void emit(Object value, List<Event> events) {
        if (value instanceof Map<?, ?> map) {
            FlowStyle style = map.isEmpty() ? FlowStyle.FLOW : FlowStyle.BLOCK;
            events.add(new MappingStartEvent(Optional.empty(), Optional.empty(), true, style));
            map.forEach((k, v) -> {
                emit(k, events);
                emit(v, events);
            });
            events.add(new MappingEndEvent());
        } else if (value instanceof List<?> list) {
            FlowStyle style = list.isEmpty() ? FlowStyle.FLOW : FlowStyle.BLOCK;
            events.add(new SequenceStartEvent(Optional.empty(), Optional.empty(), true, style));
            list.forEach(v -> emit(v, events));
            events.add(new SequenceEndEvent());
        } else {
            String text = value.toString();
            events.add(new ScalarEvent(
                    Optional.empty(), Optional.empty(), new ImplicitTuple(true, true), text, style(text)));
        }
    }

    private static ScalarStyle style(String text) {
        if (PLAIN.matcher(text).matches() && !RESERVED.contains(text.toLowerCase(Locale.ROOT))) {
            return ScalarStyle.PLAIN;
        }
        boolean simple = text.chars().allMatch(c -> c >= ' ' && c < 0x7f);
        return simple ? ScalarStyle.SINGLE_QUOTED : ScalarStyle.DOUBLE_QUOTED;
    }
}
