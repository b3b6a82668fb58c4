package io.jvmlops.tracking.internal.series;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Pages in a map. */
final class MemoryPages implements PageStore {
    private final TreeMap<Integer, TreeMap<Long, byte[]>> levels = new TreeMap<>();

    @Override
    public byte @Nullable [] read(int level, long page) {
        return levels.getOrDefault(level, new TreeMap<>()).get(page);
    }

    @Override
    public void write(int level, long page, byte[] bytes) {
        levels.computeIfAbsent(level, any -> new TreeMap<>()).put(page, bytes);
    }

    @Override
    public void forEach(int level, long firstPage, long lastPage, PageConsumer consumer) {
        if (firstPage <= lastPage) {
            levels.getOrDefault(level, new TreeMap<>())
                    .subMap(firstPage, true, lastPage, true)
                    .forEach(consumer::accept);
        }
    }

    @Override
    public void deleteLevel(int level) {
        levels.remove(level);
    }

    Set<Integer> levels() {
        return levels.keySet();
    }

    int nodes(int level) {
        int nodes = 0;
        for (Map.Entry<Long, byte[]> page : levels.get(level).entrySet()) {
            nodes += PageCodec.decode(level, page.getKey(), page.getValue()).size();
        }
        return nodes;
    }

    long bytes() {
        return levels.values().stream()
                .flatMap(pages -> pages.values().stream())
                .mapToLong(page -> page.length)
                .sum();
    }
}
