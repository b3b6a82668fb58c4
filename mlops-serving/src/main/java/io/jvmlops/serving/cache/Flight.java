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

    void land(Tensors outputs) {
        answer.complete(outputs);
    }

    void fail(Throwable failure) {
        answer.completeExceptionally(failure);
    }

    /** Whether anybody waits for it. */
    boolean isAwaited() {
        return answer.getNumberOfDependents() > 0;
    }

    /**
     * Waits. An interrupt does not end that, as it would not end the model's own run; the thread is interrupted again afterwards.
     *
     * @param late what is said if the deadline passes
     * @return null if whoever had it under way was stopped by something that concerns only them, so that the caller has to ask
     * @throws TimedOutException if the deadline passes first; the flight goes on
     * @throws RuntimeException what the model threw
     */
    @Nullable
    Tensors await(Deadline deadline, String late) {
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
                    if (e.getCause() instanceof RuntimeException failure && concernsAll(failure)) {
                        throw failure;
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

    private static boolean concernsAll(RuntimeException failure) {
        return !(failure instanceof TimedOutException
                || failure instanceof OverloadedException
                || failure instanceof ClosedException
                || failure instanceof Computation.OtherRowsException);
    }
}
