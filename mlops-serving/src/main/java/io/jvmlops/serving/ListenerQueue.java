package io.jvmlops.serving;

import io.jvmlops.api.predict.PredictionEvent;
import io.jvmlops.api.predict.PredictionListener;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stands between predictions and one listener: bounded, never blocking, with a thread of its own. */
final class ListenerQueue {
    private static final Logger LOG = LoggerFactory.getLogger(ListenerQueue.class);
    private static final Object STOP = new Object();

    private final String name;
    private final PredictionListener listener;
    private final ServingMetrics metrics;
    /** Events, latches that a flush waits for, and STOP. */
    private final BlockingQueue<Object> queue;

    private final Thread thread;
    private final AtomicBoolean failed = new AtomicBoolean();
    private final AtomicBoolean dropped = new AtomicBoolean();

    ListenerQueue(String name, PredictionListener listener, int capacity, ServingMetrics metrics) {
        this.name = name;
        this.listener = listener;
        this.metrics = metrics;
        this.queue = new ArrayBlockingQueue<>(capacity);
        this.thread = new Thread(this::work, "mlops-listener-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    void offer(PredictionEvent event) {
        if (!queue.offer(event)) {
            metrics.eventDropped(name);
            if (dropped.compareAndSet(false, true)) {
                LOG.warn("Listener {} is slower than the predictions; events are dropped and counted. Said once", name);
            }
        }
    }

    private void work() {
        try {
            while (true) {
                Object next = queue.take();
                if (next instanceof PredictionEvent event) {
                    tell(event);
                } else if (next instanceof CountDownLatch latch) {
                    latch.countDown();
                } else {
                    return;
                }
            }
        } catch (InterruptedException e) {
            // Closed while it was waiting, or while its listener was.
            LOG.debug("Listener {} was stopped with {} events left", name, queue.size());
        }
    }

    private void tell(PredictionEvent event) {
        try {
            listener.onPrediction(event);
        } catch (Throwable e) {
            // Whatever it throws, a checked exception from another language too: the next event is told.
            metrics.listenerFailed(name);
            if (failed.compareAndSet(false, true)) {
                LOG.warn("Listener {} threw; predictions go on, failures are counted. Said once", name, e);
            }
        }
    }

    /** Waits until the listener has been told all that was offered before. */
    boolean flush(long timeoutNanos) throws InterruptedException {
        long deadline = System.nanoTime() + timeoutNanos;
        CountDownLatch latch = new CountDownLatch(1);
        return queue.offer(latch, timeoutNanos, TimeUnit.NANOSECONDS)
                && latch.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    /** Tells what is left, within the time, and ends the thread. */
    void close(long timeoutNanos) throws InterruptedException {
        long deadline = System.nanoTime() + timeoutNanos;
        if (queue.offer(STOP, timeoutNanos, TimeUnit.NANOSECONDS)) {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
        }
        stop();
    }

    /** Ends the thread without telling what is left. */
    void stop() {
        thread.interrupt();
    }
}
