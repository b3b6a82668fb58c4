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
    public long deleteLevel(int level) {
        TreeMap<Long, byte[]> pages = levels.remove(level);
        return pages == null ? 0 : bytes(pages);
    }

    Set<Integer> levels() {
        return levels.keySet();
    }

    long bytes() {
        return levels.values().stream().mapToLong(MemoryPages::bytes).sum();
    }

    private static long bytes(Map<Long, byte[]> pages) {
        return pages.values().stream().mapToLong(page -> page.length).sum();
    }
}
