package io.jvmlops.api.registry;

import io.jvmlops.api.registry.ModelRegistry.Subscription;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is told of an alias's moves: for a registry to implement {@link ModelRegistry#subscribe} with. A listener that
 * throws is logged and harms nobody; closing a subscription waits for a call that is running, unless it is that call
 * which closes it. Thread-safe.
 */
public final class AliasListeners {
    private static final Logger LOG = LoggerFactory.getLogger(AliasListeners.class);

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    /** Nobody, yet. */
    public AliasListeners() {}

    /** @return close it to be told no more */
    public Subscription add(Consumer<AliasChange> consumer) {
        Listener listener = new Listener(Objects.requireNonNull(consumer));
        listeners.add(listener);
        return listener;
    }

    /** Tells everybody, on the caller's thread, which holds no lock of the registry. */
    public void tell(AliasChange change) {
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
            } catch (Throwable e) {
                // An Error too: the alias has moved, and neither the mover nor the others are to blame.
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
