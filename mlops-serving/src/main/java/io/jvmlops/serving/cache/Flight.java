package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.OverloadedException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** An answer that is under way, and that everybody waits for who asks the same meanwhile. */
final class Flight {
    private final CompletableFuture<Tensors> answer = new CompletableFuture<>();
    /** Written before the answer fails, read after. */
    private boolean failedAlone;

    void land(Tensors outputs) {
        answer.complete(outputs);
    }

    /** @param ofThisInput whether it failed for this input alone, and not for one of several that were asked together */
    void fail(Throwable failure, boolean ofThisInput) {
        failedAlone = ofThisInput;
        answer.completeExceptionally(failure);
    }

    boolean hasEnded() {
        return answer.isDone();
    }

    /** Whether anybody waits for it. */
    boolean isAwaited() {
        return answer.getNumberOfDependents() > 0;
    }

    /**
     * Waits. An interrupt does not end that, as it would not end the model's own run; the thread is interrupted again afterwards.
     *
     * @param late what is said if the deadline passes
     * @param own whether the caller began it
     * @return null if whoever had it under way was stopped by something that need not stop the caller, who has to ask
     * @throws TimedOutException if the deadline passes first; the flight goes on
     * @throws RuntimeException what the model threw
     */
    @Nullable
    Tensors await(Deadline deadline, String late, boolean own) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return deadline.isNone()
                            ? answer.get()
                            : answer.get(deadline.remainingNanos(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException e) {
                    throw new TimedOutException(
                            late + " by its deadline; the model goes on, and who asks again may find the answer");
                } catch (ExecutionException e) {
                    Throwable failure = e.getCause();
                    if (failure instanceof RuntimeException bad && (own ? concernsOwner(bad) : concernsAll(bad))) {
                        throw bad;
                    }
                    if (own && failure instanceof Error bad) {
                        throw bad;
                    }
                    return null;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Waits for what somebody else has under way.
     *
     * @return null if the caller has to ask. Who asks from inside of a model does not wait: others, or itself, may wait for that
     *     model
     */
    @Nullable
    Tensors awaitOther(Deadline deadline, String late) {
        return KeyBuffer.local().isAsking() && !hasEnded() ? null : await(deadline, late, false);
    }

    private static boolean concernsOwner(RuntimeException failure) {
        return !(failure instanceof TimedOutException);
    }

    private boolean concernsAll(RuntimeException failure) {
        return failedAlone
                && !(failure instanceof TimedOutException
                        || failure instanceof OverloadedException
                        || failure instanceof ClosedException
                        || failure instanceof Computation.OtherRowsException);
    }
}
