package io.jvmlops.serving;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The processor time that the calling thread has taken; asking costs about half a microsecond. On a JVM that does not measure it, the time
 * that has passed less what the thread {@linkplain #idle was idle}, which is as much or more.
 */
final class CpuClock {
    private static final Logger LOG = LoggerFactory.getLogger(CpuClock.class);

    private static final boolean MEASURED = isMeasured();

    private long idle;

    private static boolean isMeasured() {
        try {
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            return threads.isCurrentThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled();
        } catch (RuntimeException | LinkageError e) {
            // A run time image without java.management.
            LOG.info("Processor time of threads is not measured here; the time that passes is taken for it", e);
            return false;
        }
    }

    /** The thread has waited for so long. */
    void idle(long nanos) {
        idle += nanos;
    }

    long nanos() {
        return MEASURED ? ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() : System.nanoTime() - idle;
    }
}
