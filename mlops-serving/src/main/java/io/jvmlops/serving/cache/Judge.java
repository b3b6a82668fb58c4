package io.jvmlops.serving.cache;

import io.jvmlops.serving.cache.CacheStatus.State;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Whether the cache pays for calls of about one size, of one version. It compares what a row costs with and without the cache,
 * both measured on the traffic that there is; some calls go around the cache for that.
 *
 * <p>While the cache takes part, what it loses adds up, less what it gains (a cumulative sum, as in Page, "Continuous inspection
 * schemes", 1954); when that passes a limit, it steps aside. From then on it takes part in trials: short ones with long pauses,
 * so that they cost about 1 % of what the model can do, and longer ones the less they cost. A trial that it wins ends in
 * taking part again.
 *
 * <p>Decisions are made by the callers whose calls are timed; only a trial is begun by a thread of the cache's. So an idle
 * application is left alone.
 */
final class Judge {
    /** Of this many calls, as a power of two, one is timed. */
    private static final int TIMED = 6;

    private static final int TIMED_IN_TRIAL = 3;

    /** Rows that are looked up, and timings, before anything is decided. */
    static final int MIN_ROWS = 512;

    private static final int MIN_SAMPLES = 8;
    private static final int MIN_PROBES = 4;

    /** What the cache may lose before it steps aside. */
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    /**
     * So many times in a row at least: what is measured while code is compiled is soon another. As many suffice where it could not
     * win even if it knew every row.
     */
    private static final int STEPS = 4;

    /** What of the model's time must be saved for a trial to be won. */
    private static final double WORTH = 0.05;

    /** What trials may cost, of all that the model can do. */
    private static final double SHARE = 0.01;

    private static final double MAX_SHARE = 0.5;
    private static final double MIN_SHARE = 1e-6;
    static final int TRIAL_ROWS = 1024;
    private static final int MAX_DOUBLED = 10;
    private static final long TRIAL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    static final long MAX_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** Below this, a call around the cache is made twice and only the second one counts: what is seldom run is not in any cache. */
    private static final long COLD_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    private static final int COLD_CALLS = 2;

    /** Calls around the cache, of the first timed ones in a trial, every other. */
    private static final int TRIAL_PROBES = 16;

    private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Judges judges;
    private final int from;
    private final int to;

    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder shared = new LongAdder();
    private final LongAdder stored = new LongAdder();

    /** What a row takes, in nanoseconds: of calls that are known, and what the cache adds to others. */
    private final Samples hit = new Samples(32);

    private final Samples added = new Samples(32);
    /** What the model takes for a row: where it was asked for what was missing, and around the cache. */
    private final Samples asked = new Samples(32);

    private final Samples probed = new Samples(16);

    /** Rows of timed calls that were known wholly, and of others. */
    private final LongAdder timedKnown = new LongAdder();

    private final LongAdder timedOthers = new LongAdder();
    private final AtomicInteger timed = new AtomicInteger();
    private final AtomicInteger timedInTrial = new AtomicInteger();
    private final AtomicLong probedAt;
    private volatile int timedAtProbe;

    private volatile boolean on;
    private volatile int shift = Integer.SIZE - TIMED;
    private volatile State state;
    private volatile String why;
    private volatile Costs costs = Costs.UNKNOWN;

    /** Guards what follows; callers who find it taken go on. */
    private final ReentrantLock deciding = new ReentrantLock();

    private Counts windowBegin = Counts.NONE;
    /** What the cache has lost, less what it has gained since. */
    private double debt;
    /** What it has gained since it was put on, less what it has lost. */
    private double net;
    /** Trials that were lost, and times that it stepped aside, since it last paid. */
    private int failures;

    private boolean trialBegun;
    private boolean trialWarm;
    private boolean trialWonOnce;
    private long trialSince;
    private @Nullable Runnable pending;

    Judge(Judges judges, int from, int to, State state, String why) {
        this.judges = judges;
        this.from = from;
        this.to = to;
        this.state = state;
        this.why = why;
        this.on = state == State.ON;
        this.probedAt = new AtomicLong(judges.now());
    }

    /** Whether the cache takes part in a call. */
    boolean isOn() {
        return on;
    }

    /** Whether a call is timed. */
    boolean isTimed(int tick) {
        return tick >>> shift == 0;
    }

    void hits(int rows) {
        hits.add(rows);
    }

    void misses(int rows) {
        misses.add(rows);
    }

    /** Of the misses, rows that were under way for somebody else already. */
    void shared(int rows) {
        shared.add(rows);
    }

    /** Of the misses, rows that the second level had. */
    void stored(int rows) {
        stored.add(rows);
    }

    /**
     * Whether a call that is timed has to go around the cache, to find out what the model takes; told of in {@link #probeTook}. Of
     * a model that is seldom asked any more nobody would know.
     */
    boolean probes(int rows) {
        if (!judges.isAdaptive()) {
            return false;
        }
        if (state == State.TRIAL) {
            int nth = timedInTrial.getAndIncrement();
            return nth < 2 * TRIAL_PROBES && (nth & 1) == 0;
        }
        int count = timed.get();
        if (count - timedAtProbe < 2 * MIN_SAMPLES) {
            return false;
        }
        long last = probedAt.get();
        long now = judges.now();
        double model = costs.model * rows / SHARE;
        if (now - last < PROBE_NANOS || now - last < model || !probedAt.compareAndSet(last, now)) {
            return false;
        }
        timedAtProbe = count;
        return true;
    }

    /** @return whether it is to be made once more, and only that one told of */
    static boolean probesAgain(int calls, long nanos) {
        return calls < COLD_CALLS && nanos < COLD_NANOS;
    }

    void probeTook(long nanos, int rows) {
        probed.add(nanos, rows);
    }

    /** A call of known rows took so long, all in all. */
    void hitTook(long nanos, int rows) {
        hit.add(nanos, rows);
        timedKnown.add(rows);
        look();
    }

    /**
     * A call with unknown rows took so long, all in all.
     *
     * @param model what the model took of it
     * @param rows of the call
     * @param modelRows what the model was asked for, of these; 0 if somebody else knew
     */
    void missTook(long nanos, long model, int rows, int modelRows) {
        added.add(Math.max(0, nanos - model), rows);
        if (modelRows > 0) {
            asked.add(model, modelRows);
            if (modelRows == rows && to > 1 && probed.count() < MIN_PROBES) {
                // As good as without the cache: the whole batch.
                probed.add(model, rows);
            }
        }
        timedOthers.add(rows);
        look();
    }

    private void look() {
        int count = timed.incrementAndGet();
        if (!judges.isAdaptive() || count - windowBegin.timed < MIN_SAMPLES || !deciding.tryLock()) {
            return;
        }
        try {
            if (state == State.ON) {
                watch();
            } else if (state == State.TRIAL) {
                tryOut();
            }
        } finally {
            deciding.unlock();
        }
    }

    /** Decides whether to stay. */
    private void watch() {
        Counts now = counts();
        if (now.rows() - windowBegin.rows() < MIN_ROWS || now.timed - windowBegin.timed < MIN_SAMPLES) {
            return;
        }
        Costs found = costs(windowBegin, now);
        long rows = now.rows() - windowBegin.rows();
        windowBegin = now;
        if (Double.isNaN(found.gain)) {
            return;
        }
        costs = found;
        if (!judges.warmUp(to == 1).add(rows, judges.now())) {
            return;
        }
        double gained = found.gain * rows;
        double step = (double) PATIENCE_NANOS / STEPS;
        net += gained;
        debt = Math.max(0, debt + (found.isHopeless() ? step : Math.min(-gained, step)));
        if (net > PATIENCE_NANOS) {
            failures = 0;
        }
        if (debt >= PATIENCE_NANOS) {
            failures++;
            aside(found, 0);
            judges.changed(this, "steps aside", found);
        }
    }

    /** Decides whether a trial has ended, and how. */
    private void tryOut() {
        long now = judges.now();
        Counts counts = counts();
        if (!trialBegun) {
            trialBegun = true;
            trialSince = now;
        }
        long lasted = now - trialSince;
        long rows = counts.rows() - windowBegin.rows();
        // So few rows cost little, however long they take to come.
        boolean over = rows >= TRIAL_ROWS && lasted >= longest(costs);
        if (!over) {
            if (rows < trialRows() / 2) {
                return;
            }
            if (!trialWarm) {
                // What the first half has found is known in the second.
                trialWarm = true;
                windowBegin = counts;
                return;
            }
            if (lasted < TRIAL_NANOS || counts.timed - windowBegin.timed < MIN_SAMPLES) {
                return;
            }
        }
        Costs found = costs(windowBegin, counts);
        windowBegin = counts;
        boolean enough = rows >= MIN_ROWS && !Double.isNaN(found.gain);
        if (enough) {
            costs = found;
        }
        if (enough && found.gain > WORTH * found.model) {
            if (!trialWonOnce && !over) {
                trialWonOnce = true;
                return;
            }
            state = State.ON;
            why = "";
            debt = 0;
            net = 0;
            shift = Integer.SIZE - TIMED;
            judges.changed(this, "takes part again", found);
            return;
        }
        if (enough) {
            failures++;
        }
        aside(costs, lasted);
    }

    /** Rows of a trial: of ever longer ones, as the cache may have to know many before it pays. */
    private long trialRows() {
        return costs.isHopeless() ? TRIAL_ROWS : (long) TRIAL_ROWS << Math.min(failures, MAX_DOUBLED);
    }

    /** How much of the time trials may take; above zero, though a coarse clock may see a model take no time at all. */
    private static double share(Costs costs) {
        double loss = Math.max(0, -costs.gain) / costs.model;
        return loss <= SHARE / MAX_SHARE || Double.isNaN(loss) ? MAX_SHARE : Math.max(MIN_SHARE, SHARE / loss);
    }

    /** The longest trial after which the longest pause suffices. */
    private static double longest(Costs costs) {
        double share = share(costs);
        return Math.max((double) TRIAL_NANOS, (double) MAX_PAUSE_NANOS * share / (1 - share));
    }

    /** @param lasted how long the trial took that was lost */
    private void aside(Costs because, long lasted) {
        on = false;
        state = State.ASIDE;
        why = because.loss();
        double share = share(because);
        double pause = Math.max(
                (double) FIRST_PAUSE_NANOS * (1L << Math.min(failures - 1, MAX_DOUBLED)),
                (double) lasted * (1 - share) / share);
        if (!judges.isClosed()) {
            // Else whoever is late in a version that is closed would have it held until then.
            pending = judges.later(Math.min(MAX_PAUSE_NANOS, (long) pause), this::begin);
        }
    }

    /** Begins a trial; on the judges' thread. */
    private void begin() {
        deciding.lock();
        try {
            pending = null;
            if (state != State.ASIDE || judges.isClosed()) {
                return;
            }
            timedInTrial.set(0);
            trialBegun = false;
            trialWarm = false;
            trialWonOnce = false;
            measureAnew();
            shift = Integer.SIZE - TIMED_IN_TRIAL;
            state = State.TRIAL;
            on = true;
        } finally {
            deciding.unlock();
        }
    }

    /** Calls are known as wholes from now on: what was measured by the row does not go with what they take. */
    void unitChanged() {
        deciding.lock();
        try {
            measureAnew();
            costs = Costs.UNKNOWN;
        } finally {
            deciding.unlock();
        }
    }

    private void measureAnew() {
        hit.clear();
        added.clear();
        asked.clear();
        probed.clear();
        windowBegin = counts();
    }

    /** For good: the same input gets different answers. */
    void refuse(String reason) {
        deciding.lock();
        try {
            if (state != State.OFF) {
                state = State.NON_DETERMINISTIC;
                why = reason;
            }
            on = false;
            stop();
        } finally {
            deciding.unlock();
        }
    }

    /** Begins no trial any more. */
    void close() {
        deciding.lock();
        try {
            stop();
        } finally {
            deciding.unlock();
        }
    }

    private void stop() {
        if (pending != null) {
            pending.run();
            pending = null;
        }
    }

    private Counts counts() {
        return new Counts(
                hits.sum(), misses.sum(), shared.sum(), stored.sum(), timedKnown.sum(), timedOthers.sum(), timed.get());
    }

    /** What was counted until some moment. */
    private record Counts(
            long hits, long misses, long shared, long stored, long timedKnown, long timedOthers, int timed) {
        private static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0);

        long rows() {
            return hits + misses;
        }
    }

    /** What rows cost, in nanoseconds. */
    private Costs costs(Counts begin, Counts end) {
        double rows = end.rows() - begin.rows();
        double askedRows =
                Math.max(0, end.misses - begin.misses - (end.shared - begin.shared) - (end.stored - begin.stored));
        double known;
        if (to == 1) {
            known = (end.hits - begin.hits) / rows;
        } else {
            // A batch counts as known only if all of it is.
            long wholly = end.timedKnown - begin.timedKnown;
            known = (double) wholly / Math.max(1, wholly + end.timedOthers - begin.timedOthers);
        }
        double hitNanos = hit.middle();
        double addedNanos = added.middle();
        double askedNanos = asked.middle();
        double model = probed.count() >= MIN_PROBES ? probed.middle() : askedNanos;
        if (to == 1 && askedRows > rows / 2 && askedNanos < model) {
            // Most go to the model, which takes no longer without the cache: what goes around it once a second runs
            // cold.
            model = askedNanos;
        }
        double cached = known * (Double.isNaN(hitNanos) ? or(addedNanos, 0) : hitNanos)
                + (1 - known) * (Double.isNaN(addedNanos) ? or(hitNanos, 0) : addedNanos)
                + askedRows / rows * or(askedNanos, model);
        return new Costs(hitNanos, addedNanos, model, 1 - askedRows / rows, model - cached);
    }

    private static double or(double value, double otherwise) {
        return Double.isNaN(value) ? otherwise : value;
    }

    /**
     * What a row costs.
     *
     * @param hit if it is known
     * @param added besides the model, if it is not
     * @param model without the cache
     * @param known how many are, 0 to 1
     * @param gain what the cache saves, on average; negative if it costs more
     */
    record Costs(double hit, double added, double model, double known, double gain) {
        static final Costs UNKNOWN = new Costs(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);

        /** Even if it knew every row, the cache would take longer than the model. */
        boolean isHopeless() {
            return hit >= model;
        }

        /** Why the cache does not pay. */
        String loss() {
            if (isHopeless()) {
                return "a hit takes " + time(hit) + ", the model " + time(model);
            }
            return percent() + " of rows were known, a miss adds " + time(added) + " to the model's " + time(model)
                    + (Double.isNaN(hit) ? "" : ", a hit takes " + time(hit));
        }

        /** Why it does. */
        String win() {
            if (Double.isNaN(gain)) {
                return "not measured yet";
            }
            return percent() + " of rows were known"
                    + (Double.isNaN(hit) ? "" : ", a hit takes " + time(hit))
                    + ", the model " + time(model);
        }

        private String percent() {
            return String.format(Locale.ROOT, "%.0f %%", 100 * known);
        }

        private static String time(double nanos) {
            if (Double.isNaN(nanos)) {
                return "an unknown time";
            }
            if (nanos < 1e3) {
                return String.format(Locale.ROOT, "%.0f ns", nanos);
            }
            return nanos < 1e6
                    ? String.format(Locale.ROOT, "%.1f µs", nanos / 1e3)
                    : String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
        }
    }

    State state() {
        return state;
    }

    /** {@code "1 row"}, {@code "2-15 rows"}. */
    String size() {
        return status().size() + (to == 1 ? " row" : " rows");
    }

    CacheStatus.Calls status() {
        State is = state;
        Costs measured = costs;
        String reason = why;
        if (reason.isEmpty()) {
            reason = measured.win();
        }
        if (is == State.TRIAL) {
            reason = "tried again; before, " + reason;
        }
        long found = hits.sum();
        long missed = misses.sum();
        long others = shared.sum() + stored.sum();
        double all = found + missed;
        double rate = Double.isNaN(measured.known) && all > 0 ? (found + others) / all : measured.known;
        return new CacheStatus.Calls(
                from,
                to,
                is,
                reason,
                found,
                missed,
                shared.sum(),
                stored.sum(),
                rate,
                or(measured.hit, hit.middle()),
                or(measured.added, added.middle()),
                or(measured.model, or(probed.middle(), asked.middle())));
    }
}
