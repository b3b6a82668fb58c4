package io.jvmlops.tracking.dataset;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Adds up what several threads do, and tells a listener of it now and then. A listener that throws is told no more. */
final class ProgressMeter {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressMeter.class);
    private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);

    private final Consumer<Progress> listener;
    private final long files;
    private final long bytes;
    private final AtomicLong filesDone = new AtomicLong();
    private final AtomicLong bytesDone = new AtomicLong();
    private final ReentrantLock telling = new ReentrantLock();
    private volatile long nextAt;
    private volatile boolean broken;

    /** Tells at once how much there is to do. */
    ProgressMeter(Consumer<Progress> listener, long files, long bytes) {
        this.listener = listener;
        this.files = files;
        this.bytes = bytes;
        nextAt = System.nanoTime();
        tellInTime();
    }

    void read(long more) {
        bytesDone.addAndGet(more);
        tellInTime();
    }

    void fileDone() {
        filesDone.incrementAndGet();
        tellInTime();
    }

    private void tellInTime() {
        if (System.nanoTime() - nextAt < 0 || !telling.tryLock()) {
            return;
        }
        try {
            nextAt = System.nanoTime() + INTERVAL;
            tell();
        } finally {
            telling.unlock();
        }
    }

    /** Tells once more; for when everything is done. */
    void end() {
        telling.lock();
        try {
            tell();
        } finally {
            telling.unlock();
        }
    }

    private void tell() {
        if (broken) {
            return;
        }
        try {
            listener.accept(new Progress(filesDone.get(), files, bytesDone.get(), bytes));
        } catch (RuntimeException e) {
            broken = true;
            LOG.warn("A listener to the progress of a dataset has thrown, and is told no more", e);
        }
    }
}
