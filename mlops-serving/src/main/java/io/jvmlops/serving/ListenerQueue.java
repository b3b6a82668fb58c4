package io.jvmlops.serving;

import io.jvmlops.api.predict.PredictionListener;
import java.util.OptionalDouble;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between predictions and one listener: bounded, never blocking, with a thread of its own, which looks every few
 * milliseconds whether there is something. To wake it would cost the predicting thread a system call.
 */
final class ListenerQueue {
    private static final Logger LOG = LoggerFactory.getLogger(ListenerQueue.class);

    /** Between two looks: each costs the thread some ten microseconds. */
    private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

    /** The pause is halved if the queue is filled to this part after it, and doubled if to half of that. */
    private static final double MUCH = 0.25;

    /** What is told between two looks at the clocks, in events and in nanoseconds. */
    private static final int BATCH = 64;

    private static final long BATCH_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String name;
    private final PredictionListener listener;
    private final int capacity;
    private final long maxBytes;
    private final ServingMetrics metrics;
    private final MpscRing<Handed> ring;
    private final double share;
    private final Thread thread;

    /** Of what waits, and of what was told since the last look at the clocks. */
    private final AtomicLong bytes = new AtomicLong();
    /** Rows that callers did not take. */
    private final LongAdder passedOver = new LongAdder();

    private final AtomicBoolean failed = new AtomicBoolean();
    private final AtomicBoolean dropped = new AtomicBoolean();

    private final Queue<Flush> flushes = new ConcurrentLinkedQueue<>();

    private volatile int sampling;
    private volatile boolean closing;
    private volatile boolean stopped;
    private volatile boolean ended;

    // The thread's own.
    private final CpuClock cpu = new CpuClock();
    private final SplittableRandom random = new SplittableRandom();
    private @Nullable CpuBudget budget;
    private boolean drained;
    /** Processor time in which the listener was told. */
    private long telling;

    private long rowsTold;
    private long rowsThinned;
    private long reportedPassedOver;
    private long reportedAt;
    private long reportedCpu;
    private int reportedSampling;

    /** Somebody who waits until so many of those that were ever offered have been told. */
    private record Flush(long target, CountDownLatch told) {}

    ListenerQueue(String name, PredictionListener listener, int capacity, long maxBytes, ServingMetrics metrics) {
        this.name = name;
        this.listener = listener;
        this.capacity = capacity;
        this.maxBytes = maxBytes;
        this.metrics = metrics;
        this.ring = new MpscRing<>(capacity);
        this.share = share(listener.cpuBudget());
        this.thread = new Thread(this::work, "mlops-listener-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private static double share(OptionalDouble budget) {
        double share = budget.orElse(0);
        if (budget.isPresent() && !(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("CPU budget " + share
                    + " of a listener: expected a share of one processor, above 0 and at most 1, or none");
        }
        return share;
    }

    /** How large a sample is to be taken now: each row with probability 2^-this. */
    int sampling() {
        return sampling;
    }

    /** For tests: takes a sample of this size for a listener that has no budget. */
    void sample(int level) {
        sampling = level;
    }

    /** Counts rows that were not taken. */
    void passOver(long rows) {
        passedOver.add(rows);
    }

    void offer(Handed handed) {
        if (ended) {
            drop();
            return;
        }
        long size = handed.bytes();
        long before = bytes.getAndAdd(size);
        // One that is larger than all that may wait may wait alone.
        if (before + size > maxBytes && before > 0 || !ring.offer(handed)) {
            bytes.getAndAdd(-size);
            drop();
        }
    }

    private void drop() {
        metrics.eventDropped(name);
        if (!dropped.getPlain() && dropped.compareAndSet(false, true)) {
            LOG.warn("Listener {} is slower than the predictions; events are dropped and counted. Said once", name);
        }
    }

    private void work() {
        try {
            reportedAt = System.nanoTime();
            reportedCpu = cpu.nanos();
            if (share > 0) {
                budget = new CpuBudget(share, reportedAt, reportedCpu);
            }
            serve();
        } finally {
            ended = true;
            // Only if there was no time to tell them.
            while (ring.poll() != null) {
                metrics.eventDropped(name);
            }
        }
    }

    private void serve() {
        long pause = SHORTEST_PAUSE;
        while (!stopped) {
            double fill = fill();
            // Looked at first: what was offered before is then in the queue.
            boolean last = closing;
            batch();
            long rest = look();
            if (last && drained && ring.polled() == ring.offered()) {
                report(System.nanoTime(), cpu.nanos());
                return;
            }
            if (rest > 0 && !isHurried()) {
                park(Math.min(rest, LONGEST_PAUSE));
            } else if (drained) {
                if (fill > MUCH) {
                    pause = Math.max(pause / 2, SHORTEST_PAUSE);
                } else if (fill < MUCH / 2) {
                    pause = Math.min(2 * pause, LONGEST_PAUSE);
                }
                park(pause);
            }
        }
        LOG.debug("Listener {} was stopped with {} events left", name, ring.offered() - ring.polled());
    }

    /** Who waits for it, or closes it, is not made to wait longer. */
    private boolean isHurried() {
        return closing || !flushes.isEmpty();
    }

    private void park(long nanos) {
        long start = System.nanoTime();
        LockSupport.parkNanos(this, nanos);
        // A listener may have left its own thread interrupted: the next pause would be none.
        boolean unused = Thread.interrupted();
        cpu.idle(System.nanoTime() - start);
    }

    /** How full it is, in events or in bytes. */
    private double fill() {
        double events = (ring.offered() - ring.polled()) / (double) capacity;
        return Math.max(events, bytes.get() / (double) maxBytes);
    }

    /** Tells what is there, up to a limit. */
    private void batch() {
        drained = false;
        CpuBudget limit = budget;
        if (limit != null && limit.rest() > 0 && !isHurried()) {
            return;
        }
        long start = 0;
        long before = 0;
        long freed = 0;
        int events = 0;
        while (events < BATCH && !stopped) {
            Handed next = ring.poll();
            if (next == null) {
                drained = true;
                break;
            }
            if (events++ == 0) {
                start = System.nanoTime();
                before = cpu.nanos();
            }
            freed += next.bytes();
            tell(next);
            if ((events & 7) == 0 && System.nanoTime() - start > BATCH_NANOS) {
                break;
            }
        }
        if (events > 0) {
            bytes.getAndAdd(-freed);
            telling += cpu.nanos() - before;
        }
    }

    private void tell(Handed handed) {
        try {
            int wanted = sampling;
            Handed left = handed.sampling() >= wanted ? handed : handed.thinned(wanted, random);
            rowsThinned += handed.rows() - (left == null ? 0 : left.rows());
            if (left != null) {
                rowsTold += left.rows();
                listener.onPrediction(left.event());
            }
        } catch (Throwable e) {
            // Whatever it throws, a checked exception from another language too: the next event is told.
            metrics.listenerFailed(name);
            if (failed.compareAndSet(false, true)) {
                LOG.warn("Listener {} threw; predictions go on, failures are counted. Said once", name, e);
            }
        }
    }

    /**
     * Looks at the clocks, and whether somebody waits for what has been told.
     *
     * @return for how long nothing may be told
     */
    private long look() {
        long now = System.nanoTime();
        long spent = cpu.nanos();
        long rest = 0;
        CpuBudget limit = budget;
        if (limit != null) {
            int level = limit.spent(now, spent, telling, fill());
            if (level != sampling) {
                sampling = level;
            }
            rest = limit.rest();
        }
        long told = ring.polled();
        boolean reported = false;
        for (Flush flush : flushes) {
            if (flush.target <= told) {
                if (!reported) {
                    report(now, spent);
                    reported = true;
                }
                flush.told.countDown();
            }
        }
        if (now - reportedAt >= REPORT_NANOS && (rowsTold > 0 || rowsThinned > 0 || sampling != reportedSampling)) {
            report(now, spent);
        }
        return rest;
    }

    private void report(long now, long spent) {
        long passed = passedOver.sum();
        int level = sampling;
        metrics.listenerUsed(
                name,
                new ListenerUsage(level, rowsTold, rowsThinned + passed - reportedPassedOver, spent - reportedCpu));
        rowsTold = 0;
        rowsThinned = 0;
        reportedPassedOver = passed;
        reportedSampling = level;
        reportedCpu = spent;
        reportedAt = now;
    }

    /** Waits until the listener has been told all that was offered before. */
    boolean flush(long timeoutNanos) throws InterruptedException {
        Flush flush = new Flush(ring.offered(), new CountDownLatch(1));
        if (ended) {
            return false;
        }
        flushes.add(flush);
        try {
            LockSupport.unpark(thread);
            return flush.told.await(timeoutNanos, TimeUnit.NANOSECONDS);
        } finally {
            flushes.remove(flush);
        }
    }

    /** Tells what is left, within the time, and ends the thread. */
    void close(long timeoutNanos) throws InterruptedException {
        closing = true;
        LockSupport.unpark(thread);
        if (Thread.currentThread() != thread) {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(timeoutNanos)));
        }
        stop();
    }

    /** Ends the thread without telling what is left. */
    void stop() {
        stopped = true;
        thread.interrupt();
    }
}
