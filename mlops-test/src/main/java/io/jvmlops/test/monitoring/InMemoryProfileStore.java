package io.jvmlops.test.monitoring;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.monitoring.ProfileStore;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** A profile store that lasts as long as the object. Thread-safe; not bounded. */
public final class InMemoryProfileStore implements ProfileStore {
    private final Map<Digest, NavigableMap<String, byte[]>> profiles = new ConcurrentHashMap<>();

    @Override
    public void put(Digest model, String name, byte[] profile) {
        profiles.computeIfAbsent(model, m -> new ConcurrentSkipListMap<>())
                .put(ProfileStore.checkName(name), profile.clone());
    }

    @Override
    public Optional<byte[]> get(Digest model, String name) {
        return Optional.ofNullable(of(model).get(ProfileStore.checkName(name))).map(byte[]::clone);
    }

    @Override
    public List<String> names(Digest model) {
        return List.copyOf(of(model).keySet());
    }

    private Map<String, byte[]> of(Digest model) {
        Map<String, byte[]> found = profiles.get(model);
        return found == null ? Map.of() : found;
    }
}
