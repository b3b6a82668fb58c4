package io.jvmlops.serving.cache;

import io.jvmlops.api.predict.PredictionCacheStore;
import io.jvmlops.test.predict.InMemoryPredictionCacheStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;

/** A store that keeps what it is given, does to its callers what a test says, and tells what it was asked. */
final class FaultyStore implements PredictionCacheStore {
    /** What happens at the beginning of a call. */
    @FunctionalInterface
    interface Fault {
        Fault NONE = () -> {};

        void strike();

        /** One that throws whatever it is given, a checked exception too. */
        static Fault throwing(Throwable thrown) {
            return () -> FaultyStore.<RuntimeException>sneak(thrown);
        }
    }

    final InMemoryPredictionCacheStore kept;
    volatile Fault reading = Fault.NONE;
    volatile Fault writing = Fault.NONE;
    /** What becomes of a list of values before it is given. */
    volatile BiFunction<List<byte[]>, List<Optional<byte[]>>, List<Optional<byte[]>>> answer = (keys, values) -> values;

    /** Keys of every call. */
    final List<Integer> reads = new CopyOnWriteArrayList<>();

    final List<Integer> writes = new CopyOnWriteArrayList<>();
    final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    FaultyStore() {
        this(new InMemoryPredictionCacheStore());
    }

    FaultyStore(InMemoryPredictionCacheStore kept) {
        this.kept = kept;
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> void sneak(Throwable thrown) throws T {
        throw (T) thrown;
    }

    /** Changes each value that is there. */
    void distort(BiFunction<byte[], byte[], byte[]> change) {
        answer = (keys, values) -> {
            List<Optional<byte[]>> changed = new ArrayList<>();
            for (int i = 0; i < keys.size(); i++) {
                byte[] key = keys.get(i);
                changed.add(values.get(i).map(value -> change.apply(key, value)));
            }
            return changed;
        };
    }

    @Override
    public Optional<byte[]> get(byte[] key) {
        throw new IllegalStateException("the cache asks for many at once");
    }

    @Override
    public void put(byte[] key, byte[] value) {
        throw new IllegalStateException("the cache writes many at once");
    }

    @Override
    public List<Optional<byte[]>> getAll(List<byte[]> keys) {
        threads.add(Thread.currentThread());
        reads.add(keys.size());
        reading.strike();
        return answer.apply(keys, kept.getAll(keys));
    }

    @Override
    public void putAll(List<Entry> entries) {
        threads.add(Thread.currentThread());
        writes.add(entries.size());
        writing.strike();
        kept.putAll(entries);
    }
}
