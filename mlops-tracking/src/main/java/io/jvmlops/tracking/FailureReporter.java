package io.jvmlops.tracking;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the host's listener of failed writes, on a thread of its own that exists only while there is something to tell:
 * a listener that blocks must not keep metrics from being written. At most {@value #WAITING} failures wait for it; what
 * comes on top is counted and logged, not told.
 */
final class FailureReporter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FailureReporter.class);
    private static final int WAITING = 64;

    private final Consumer<WriteFailure> listener;
    private final ThreadPoolExecutor executor;
    private long untold;

    FailureReporter(Consumer<WriteFailure> listener) {
        this.listener = listener;
        executor = new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), task -> {
            Thread thread = new Thread(task, "mlops-tracking-failures");
            thread.setDaemon(true);
            return thread;
        });
        executor.allowCoreThreadTimeOut(true);
    }

    /** Called by one thread. */
    void report(WriteFailure failure) {
        try {
            executor.execute(() -> tell(failure));
        } catch (RejectedExecutionException e) {
            untold++;
            LOG.warn("The failure listener is busy; {} failures were not told so far", untold);
        }
    }

    private void tell(WriteFailure failure) {
        try {
            listener.accept(failure);
        } catch (Throwable e) {
            LOG.warn("The failure listener failed on {}", failure, e);
        }
    }

    /** Failures that wait are still told. */
    @Override
    public void close() {
        executor.shutdown();
    }
}
