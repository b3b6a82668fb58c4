package io.jvmlops.serving;

import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.OverloadedException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.serving.ServingMetrics.NotBegun;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs predictions on other threads than their callers': a bounded number waits, what waits too long is never begun, and
 * futures end at their deadline even where the model does not.
 *
 * <p>Threads, begun when they are needed and ended when they are not: {@code mlops-predict-N}, unless the host has its own;
 * {@code mlops-predict-timer}, which runs nobody's code; {@code mlops-predict-late-N}, which end futures whose deadline has
 * passed, as those that predict may all be busy.
 */
final class AsyncCalls {
    private static final long IDLE_SECONDS = 10;

    private final Executor executor;
    /** The executor, if it is ours. */
    private final @Nullable ThreadPoolExecutor own;

    private final ThreadPoolExecutor late;
    private final ScheduledThreadPoolExecutor timer;

    /** One for each call whose future is open, or whose task the executor still holds. */
    private final Semaphore room;

    private final int capacity;

    /** Those that were not begun. */
    private final Set<Call<?>> waiting = ConcurrentHashMap.newKeySet();

    /** What a host's executor has not given back; reachable, so that those are told of that it drops. */
    private final Set<Lent> lent = ConcurrentHashMap.newKeySet();

    private final ReferenceQueue<Runnable> dropped = new ReferenceQueue<>();

    private volatile boolean closed;

    private AsyncCalls(Executor executor, @Nullable ThreadPoolExecutor own, int capacity) {
        this.executor = executor;
        this.own = own;
        this.capacity = capacity;
        this.room = new Semaphore(capacity);
        this.late = pool(Runtime.getRuntime().availableProcessors(), "mlops-predict-late-", 1);
        this.timer = new ScheduledThreadPoolExecutor(1, threads("mlops-predict-timer", false));
        timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        timer.setRemoveOnCancelPolicy(true);
    }

    /** On threads of ours: so many that run, and so many that wait. */
    static AsyncCalls ofThreads(int threads, int queue) {
        ThreadPoolExecutor pool = pool(threads, "mlops-predict-", IDLE_SECONDS);
        return new AsyncCalls(pool, pool, (int) Math.min(Integer.MAX_VALUE, (long) threads + queue));
    }

    /** On the host's, which stays the host's. */
    static AsyncCalls on(Executor executor, int calls) {
        return new AsyncCalls(executor, null, calls);
    }

    private static ThreadPoolExecutor pool(int threads, String prefix, long idleSeconds) {
        // What may be in the queue is bounded by the room there is for calls.
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                threads, threads, idleSeconds, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads(prefix, true));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static ThreadFactory threads(String name, boolean numbered) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, numbered ? name + number.incrementAndGet() : name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /**
     * Runs the work later, or never.
     *
     * @param what is asked, for messages: {@code model iris@champion}
     * @param work ends late at worst if it is over its deadline
     * @param release called once, when the work has ended or is known never to begin
     * @param notBegun told if it is never begun; does not throw
     */
    <T> CompletableFuture<T> submit(
            String what, Deadline deadline, Supplier<T> work, Runnable release, Consumer<NotBegun> notBegun) {
        recover();
        if (!room.tryAcquire()) {
            release.run();
            notBegun.accept(NotBegun.OVERLOADED);
            return CompletableFuture.failedFuture(overloaded(what, null));
        }
        Call<T> call = new Call<>(what, deadline, work, release, notBegun);
        waiting.add(call);
        try {
            call.schedule();
            executor.execute(own == null ? lent(call) : call);
        } catch (RuntimeException | Error e) {
            // Rejected; or a host's executor that failed, or a system that has no thread to give: they leave the call
            // as little done.
            call.returned = true;
            call.refused(closed ? null : e);
            return call;
        }
        if (closed) {
            call.refused(null);
        }
        return call;
    }

    /** What a host's executor gets: whether it still holds that, the garbage collector knows. */
    private Runnable lent(Call<?> call) {
        Runnable task = new Task(call);
        Lent reference = new Lent(task, call, dropped);
        lent.add(reference);
        call.lent = reference;
        return task;
    }

    /** Ends what an executor has thrown away without a word, as one does that discards the oldest when it is full. */
    private void recover() {
        for (Reference<?> found = dropped.poll(); found != null; found = dropped.poll()) {
            if (found instanceof Lent task && lent.remove(task)) {
                task.call.returned = true;
                task.call.refused(new RejectedExecutionException("the executor dropped it"));
                task.call.leave();
            }
        }
    }

    private OverloadedException overloaded(String what, @Nullable Throwable cause) {
        return new OverloadedException(
                what + " was not asked: " + (capacity - room.availablePermits()) + " of at most " + capacity
                        + " calls run or wait already; ask less often, or allow more threads",
                cause);
    }

    private static ClosedException closed(String what) {
        return new ClosedException(what + " was not asked: the serving was closed while the call waited");
    }

    int room() {
        return room.availablePermits();
    }

    int capacity() {
        return capacity;
    }

    /**
     * Fails what waits, and takes nothing more; what runs ends in peace. Not twice.
     *
     * @return open until all that waited have been told
     */
    CountDownLatch close() {
        closed = true;
        List<Call<?>> refused = List.copyOf(waiting);
        CountDownLatch told = new CountDownLatch(refused.size());
        for (Call<?> call : refused) {
            late.execute(() -> {
                call.refused(null);
                told.countDown();
            });
        }
        if (own != null) {
            own.shutdown();
        }
        // What still runs is still timed: the threads for that end when they are idle.
        timer.shutdown();
        return told;
    }

    /** A call in the hands of a host's executor. */
    private static final class Task implements Runnable {
        private final Runnable call;

        Task(Runnable call) {
            this.call = call;
        }

        @Override
        public void run() {
            try {
                call.run();
            } finally {
                // Not dropped while it runs.
                Reference.reachabilityFence(this);
            }
        }
    }

    private static final class Lent extends PhantomReference<Runnable> {
        private final AsyncCalls.Call<?> call;

        Lent(Runnable task, AsyncCalls.Call<?> call, ReferenceQueue<Runnable> dropped) {
            super(task, dropped);
            this.call = call;
        }
    }

    private enum State {
        WAITING,
        RUNNING,
        OVER
    }

    private final class Call<T> extends CompletableFuture<T> implements Runnable {
        private final String what;
        private final Deadline deadline;
        private final Consumer<NotBegun> notBegun;
        private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
        private final AtomicBoolean left = new AtomicBoolean();
        /** Null once it is over: inputs may be large, and futures are kept. */
        private volatile @Nullable Supplier<T> work;

        private volatile @Nullable Runnable release;
        private volatile @Nullable ScheduledFuture<?> timeout;
        /** Whether the executor has let go of it. */
        private volatile boolean returned;

        private volatile @Nullable Lent lent;

        Call(String what, Deadline deadline, Supplier<T> work, Runnable release, Consumer<NotBegun> notBegun) {
            this.notBegun = notBegun;
            this.what = what;
            this.deadline = deadline;
            this.work = work;
            this.release = release;
        }

        void schedule() {
            if (!deadline.isNone()) {
                timeout = timer.schedule(
                        () -> late.execute(this::timedOut), deadline.remainingNanos(), TimeUnit.NANOSECONDS);
            }
        }

        @Override
        public void run() {
            try {
                if (closed) {
                    refused(null);
                } else if (deadline.hasPassed()) {
                    timedOut();
                } else if (state.compareAndSet(State.WAITING, State.RUNNING)) {
                    waiting.remove(this);
                    answer();
                }
            } finally {
                returned = true;
                leave();
            }
        }

        private void answer() {
            Supplier<T> asked = work;
            @Nullable T answer = null;
            @Nullable Throwable failure = null;
            try {
                answer = asked == null ? null : asked.get();
            } catch (Throwable e) {
                // An Error too: somebody waits for the future.
                failure = e;
            }
            // The lease goes first: what depends on the future may take its time.
            over();
            if (failure == null) {
                super.complete(answer);
            } else {
                super.completeExceptionally(failure);
            }
        }

        private void timedOut() {
            boolean never = drop(NotBegun.TIMED_OUT);
            super.completeExceptionally(new TimedOutException(
                    never
                            ? what
                                    + " was not asked: the deadline passed while the call waited for a thread; allow more"
                                    + " time or threads, or ask less often"
                            : what + " has not answered by the deadline; allow more time, or send less at a time"));
            leave();
        }

        /** The executor did not take it, and said why; or everything is closed. */
        void refused(@Nullable Throwable why) {
            if (drop(why == null ? NotBegun.CLOSED : NotBegun.OVERLOADED)) {
                super.completeExceptionally(why == null ? closed(what) : overloaded(what, why));
                leave();
            }
        }

        /** Whether it will never begin, by this call. */
        private boolean drop(NotBegun why) {
            if (!state.compareAndSet(State.WAITING, State.OVER)) {
                return false;
            }
            waiting.remove(this);
            over();
            notBegun.accept(why);
            if (own != null && own.remove(this)) {
                returned = true;
            }
            return true;
        }

        private void over() {
            state.set(State.OVER);
            work = null;
            Runnable free = release;
            release = null;
            if (free != null) {
                free.run();
            }
            ScheduledFuture<?> alarm = timeout;
            if (alarm != null) {
                alarm.cancel(false);
                timeout = null;
            }
        }

        /** Makes room once nobody holds it any more. */
        private void leave() {
            Lent task = lent;
            if (returned && task != null) {
                lent = null;
                AsyncCalls.this.lent.remove(task);
            }
            if (returned && isDone() && left.compareAndSet(false, true)) {
                room.release();
            }
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            return endedByCaller(() -> super.cancel(mayInterruptIfRunning));
        }

        @Override
        public boolean complete(T value) {
            return endedByCaller(() -> super.complete(value));
        }

        @Override
        public boolean completeExceptionally(Throwable failure) {
            return endedByCaller(() -> super.completeExceptionally(failure));
        }

        /** Whoever holds the future wants no answer of ours: what has not begun never does. */
        private boolean endedByCaller(BooleanSupplier end) {
            drop(NotBegun.CANCELLED);
            boolean ended = end.getAsBoolean();
            leave();
            return ended;
        }

        @Override
        public String toString() {
            return "prediction of " + what + ", " + state.get();
        }
    }
}
