package io.jvmlops.tracking.sqlite;

import io.jvmlops.api.registry.AliasChange;
import io.jvmlops.api.registry.ModelRegistry.Subscription;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who wants to know of moves, and none of whom can harm the mover. */
final class AliasListeners {
    private static final Logger LOG = LoggerFactory.getLogger(AliasListeners.class);

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    Subscription add(Consumer<AliasChange> consumer) {
        Listener listener = new Listener(Objects.requireNonNull(consumer));
        listeners.add(listener);
        return listener;
    }

    void tell(AliasChange change) {
        listeners.forEach(listener -> listener.tell(change));
    }

    private final class Listener implements Subscription {
        private final Consumer<AliasChange> consumer;
        /** Calls share the read lock, so that no call is about to begin once closing has held the write lock. */
        private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();

        private volatile boolean ended;

        Listener(Consumer<AliasChange> consumer) {
            this.consumer = consumer;
        }

        void tell(AliasChange change) {
            gate.readLock().lock();
            try {
                if (!ended) {
                    consumer.accept(change);
                }
            } catch (RuntimeException e) {
                LOG.warn("A listener failed on {}", change, e);
            } finally {
                gate.readLock().unlock();
            }
        }

        @Override
        public void close() {
            listeners.remove(this);
            if (gate.getReadHoldCount() > 0) {
                // A listener that ends itself is the call that is running.
                ended = true;
                return;
            }
            gate.writeLock().lock();
            try {
                ended = true;
            } finally {
                gate.writeLock().unlock();
            }
        }
    }
}
