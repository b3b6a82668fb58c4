package io.jvmlops.serving.internal;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has memory that native code gave back given back to the system. glibc keeps freed blocks for what may come, in an arena per
 * thread: where models take each other's place, each of many arenas ends up with the weights of versions long gone.
 */
public final class NativeMemory {
    private static final Logger LOG = LoggerFactory.getLogger(NativeMemory.class);

    /** What {@code jcmd <pid> System.trim_native_heap} does: {@code malloc_trim(0)}. On Linux, since JDK 17.0.9. */
    private static final String COMMAND = "systemTrimNativeHeap";

    private NativeMemory() {}

    /** Takes some milliseconds; not for a thread that somebody waits for. Does nothing where the JVM cannot. */
    public static void trim() {
        if (!System.getProperty("os.name", "").equals("Linux")) {
            return;
        }
        try {
            MBeanServer server = ManagementFactory.getPlatformMBeanServer();
            Object said = server.invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    COMMAND,
                    new Object[] {new String[0]},
                    new String[] {String[].class.getName()});
            LOG.debug("{}", said);
        } catch (JMException | RuntimeException | LinkageError e) {
            // An older JVM, another one, or one without management: memory stays with the process, as it would without
            // us.
            LOG.debug("This JVM does not give native memory back to the system", e);
        }
    }
}
