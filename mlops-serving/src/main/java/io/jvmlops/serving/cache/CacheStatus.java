package io.jvmlops.serving.cache;

import io.jvmlops.api.artifact.Digest;
import java.util.List;

/**
 * What the cache does for one loaded version, and why.
 *
 * @param model its name
 * @param digest of its files
 * @param flavor the form it was loaded from
 * @param byRow whether a row of a batch is known on its own; else a call is known as a whole. It begins so, until a first batch has
 *     shown that rows do not depend on each other
 * @param checks how many known answers were asked for again so far, to see whether the model still says so
 * @param calls apart by how many rows a call has, since what pays for a single row need not pay for one of a thousand
 */
public record CacheStatus(String model, Digest digest, String flavor, boolean byRow, long checks, List<Calls> calls) {
    public CacheStatus {
        calls = List.copyOf(calls);
    }

    /** Whether the cache takes part. */
    public enum State {
        /** It does. */
        ON,
        /** It does for a moment, to find out whether it pays again. */
        TRIAL,
        /** It does not, since it costs more than it saves; tried again from time to time. */
        ASIDE,
        /** Never: the same input gets different answers. */
        NON_DETERMINISTIC,
        /** Never: its {@link CacheRule} says so. */
        OFF
    }

    /**
     * Calls of about one size. Counts are of rows that were looked up, or of calls where these are known as wholes: none while
     * the cache stands aside. Times are nanoseconds for each of what is counted: the mean of the middle half of some calls of
     * late; NaN if not known.
     *
     * @param from rows of a call, at least
     * @param to rows of a call, at most
     * @param state whether the cache takes part
     * @param reason why, in words
     * @param hits found in memory
     * @param misses not found in memory
     * @param shared of the misses, those that somebody else had asked the model for already
     * @param stored of the misses, those that the second level had
     * @param hitRate how many of late did not need the model, 0 to 1; NaN if nothing was looked up
     * @param hitNanos what a row takes of a call whose rows are all known
     * @param missNanos what the cache adds to a call that needs the model
     * @param modelNanos what the model takes without the cache
     */
    public record Calls(
            int from,
            int to,
            State state,
            String reason,
            long hits,
            long misses,
            long shared,
            long stored,
            double hitRate,
            double hitNanos,
            double missNanos,
            double modelNanos) {
        /** {@code "1"}, {@code "2-15"}, {@code "128+"}. */
        public String size() {
            if (to == Integer.MAX_VALUE) {
                return from + "+";
            }
            return from == to ? Integer.toString(from) : from + "-" + to;
        }
    }

    /** Found in memory, over all calls. */
    public long hits() {
        return calls.stream().mapToLong(Calls::hits).sum();
    }

    /** Not found in memory, over all calls. */
    public long misses() {
        return calls.stream().mapToLong(Calls::misses).sum();
    }

    /** Of the misses, those that somebody else had asked the model for already, over all calls. */
    public long shared() {
        return calls.stream().mapToLong(Calls::shared).sum();
    }

    /** Of the misses, those that the second level had, over all calls. */
    public long stored() {
        return calls.stream().mapToLong(Calls::stored).sum();
    }

    /**
     * What a second level was asked and told so far.
     *
     * @param hits keys that the store had an answer for
     * @param misses keys that it said it does not have
     * @param failures calls that threw, or gave something that is no answer to what was asked
     * @param timeouts calls that took too long
     * @param skipped keys that it was not asked for: it is left alone, all threads are busy, there is no time, or the key is
     *     too large
     * @param written answers that it took
     * @param dropped answers that it was not given or did not take: there was no room to wait, it is left alone or failed, they
     *     are too large, or are not what the model's signature says
     * @param open whether it is left alone at the moment, or tried again, because it failed or was too slow
     */
    public record Store(
            long hits,
            long misses,
            long failures,
            long timeouts,
            long skipped,
            long written,
            long dropped,
            boolean open) {}
}
