package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.error.OverloadedException;
import io.jvmlops.api.error.TimedOutException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ForwardingModel;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.internal.FloatRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One loaded version, answered from the cache where that knows.
 *
 * <p>A row is a key of its own where the model answers row by row, which its signature allows and its first batch has shown
 * ({@link #prove}); else the whole call is.
 */
final class CachedModel extends ForwardingModel implements FloatRows.Source {
    private static final Logger LOG = LoggerFactory.getLogger(CachedModel.class);

    /** The first known answers are asked for again, so that a model that draws lots is found out soon. */
    private static final int CHECKED_FIRST = 8;

    /** A model is asked on the caller's own thread, before the caller's deadline, if it has so many times as long as that takes. */
    private static final int HASTE = 100;

    private static final long HASTE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** The most that a computation takes which nobody's deadline limits. */
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Rows that are asked for again to see whether they depend on those beside them. */
    private static final int PROVED_ROWS = 16;

    /** So many batches may fail to show that before they are taken as wholes. */
    private static final int PROOFS = 3;

    /** A batch with more rows goes to the model: with rows of no elements, a call of a few bytes could have any number. */
    private static final int MAX_ROWS = 1 << 20;

    /** Whether rows depend on those beside them. */
    enum Rows {
        UNPROVEN,
        INDEPENDENT,
        COUPLED
    }

    private final PredictionCache cache;
    private final String name;
    private final String subject;
    private final String late;
    /** Zero for never. */
    private final int checkEvery;
    /** Whether the same key is the same input. */
    private final boolean exact;
    /** Null where rows cannot be told apart. */
    private final @Nullable Layout rowLayout;

    private final Layout wholeLayout;
    private final AnswerForm rowForm;
    private final AnswerForm wholeForm;
    private final boolean always;
    private final Judges judges;
    private final AtomicBoolean proving = new AtomicBoolean();
    private final AtomicBoolean checking = new AtomicBoolean();
    private final AtomicInteger failedProofs = new AtomicInteger();

    private volatile Scope rowScope;
    private volatile Scope wholeScope;
    private volatile Rows rows;
    /** Whether rows of batches were kept, each on its own. */
    private volatile boolean split;

    private volatile boolean closed;
    private volatile int checks;
    /** Whether an answer was not the model's, which may have come from the second level, or be there now. */
    private volatile boolean storeDistrusted;
    /** What the model takes for a call of late, in nanoseconds; 0 if it was not asked. */
    private volatile long typical;

    CachedModel(PredictionCache cache, String name, InferenceModel model, CacheRule rule, long hashMask) {
        super(model);
        this.cache = cache;
        this.name = name;
        this.subject = "input of model " + model.digest().abbreviated();
        this.late = "model " + model.digest().abbreviated() + " has not answered";
        this.exact = rule.isExact();
        this.checkEvery = exact ? cache.checkEvery() : 0;
        this.wholeLayout = Layout.of(model, true, rule);
        this.wholeScope = Scope.of(wholeLayout.header(model), cache.epoch(), hashMask);
        boolean byRow = !rule.callsAsWholes() && Layout.hasRows(model);
        this.rowLayout = byRow ? Layout.of(model, false, rule) : null;
        this.rowScope = rowLayout == null ? wholeScope : Scope.of(rowLayout.header(model), cache.epoch(), hashMask);
        this.rows = byRow ? Rows.UNPROVEN : Rows.COUPLED;
        this.rowForm = new AnswerForm(model.signature().outputs(), true);
        this.wholeForm = new AnswerForm(model.signature().outputs(), false);
        this.always = rule.mode() == CacheRule.Mode.ALWAYS;
        this.judges = new Judges(
                name + "@" + model.digest().abbreviated(), rule.mode(), model.isDeterministic(), cache.time());
    }

    String name() {
        return name;
    }

    Judges judges() {
        return judges;
    }

    boolean isOf(PredictionCache other) {
        return cache == other;
    }

    CacheStatus status() {
        return new CacheStatus(name, digest(), flavor(), rows == Rows.INDEPENDENT, checks, judges.status());
    }

    /** Where else the answer to a key may be known, or null if there is no use in asking. */
    @Nullable
    SecondLevel secondLevel(CacheKey key) {
        SecondLevel second = cache.secondLevel();
        // A process that has not found out yet may have put down there what a row's answer was among others.
        if (second == null || storeDistrusted || rows == Rows.COUPLED && isRow(key)) {
            return null;
        }
        return always || second.pays(typical) ? second : null;
    }

    AnswerForm form(CacheKey key) {
        return isRow(key) ? rowForm : wholeForm;
    }

    private boolean isRow(CacheKey key) {
        return rowLayout != null && Arrays.equals(key.scope().header(), rowScope.header());
    }

    @Override
    public Tensors predict(Tensors inputs, Deadline deadline) {
        int count = rowLayout == null ? 1 : rowsOf(inputs);
        Judge judge = judges.of(count);
        if (count == 0 || !judge.isOn()) {
            // All that a cache costs that stands aside: the model itself looks whether it is open, and at its inputs.
            return wrapped().predict(inputs, deadline);
        }
        // What is closed does not answer, whatever it remembers.
        checkOpen();
        // A key is made of what the model takes: what does not fit gets the model's own complaint.
        signature().checkInputs(subject, inputs);
        if (rowLayout == null) {
            return one(wholeLayout, wholeScope, inputs, deadline, judge);
        }
        // Taken before it is looked whether rows are independent: who finds that they are not says so first, and then
        // has what is of this scope forgotten.
        Scope scope = rowScope;
        if (count == 1) {
            return one(rowLayout, scope, inputs, deadline, judge);
        }
        return switch (rows) {
            case INDEPENDENT -> batch(rowLayout, scope, inputs, count, deadline, judge);
            case COUPLED -> one(wholeLayout, wholeScope, inputs, deadline, judge);
            case UNPROVEN -> prove(rowLayout, scope, inputs, count, deadline, judge);
        };
    }

    /** As many as may be looked up, else 0; nobody has checked the inputs yet. */
    private static int rowsOf(Tensors inputs) {
        if (inputs.size() == 0 || inputs.at(0).shape().rank() == 0) {
            return 0;
        }
        long rows = inputs.at(0).shape().dim(0);
        return rows > MAX_ROWS ? 0 : (int) rows;
    }

    private void checkOpen() {
        if (closed) {
            throw new ClosedException("model " + digest().abbreviated() + " is closed");
        }
    }

    /** A call that is one key. */
    private Tensors one(Layout layout, Scope scope, Tensors inputs, Deadline deadline, Judge judge) {
        KeyBuffer buffer = KeyBuffer.local();
        int tick = buffer.tick();
        long start = judge.isTimed(tick) ? System.nanoTime() : 0;
        if (start != 0 && judge.probes(1)) {
            return probe(inputs, deadline, judge, 1);
        }
        if (!layout.write(buffer, inputs, 0)) {
            buffer.release();
            return wrapped().predict(inputs, deadline);
        }
        Tensors known = find(buffer, scope);
        if (known == null && layout.canonicalize(buffer, inputs)) {
            known = find(buffer, scope);
        }
        if (known != null) {
            buffer.release();
            hit(judge, start);
            if (isChecked(tick)) {
                check(scope, inputs, known);
            }
            return known;
        }
        CacheKey key = buffer.key();
        buffer.release();
        return miss(key, inputs, deadline, judge, start);
    }

    /** Goes around the cache. */
    private Tensors probe(Tensors inputs, Deadline deadline, Judge judge, int count) {
        return probe(() -> wrapped().predict(inputs, deadline), judge, count);
    }

    static Tensors probe(Supplier<Tensors> around, Judge judge, int count) {
        Tensors answered = null;
        for (int calls = 1; ; calls++) {
            long start = System.nanoTime();
            Tensors outputs;
            try {
                outputs = around.get();
            } catch (RuntimeException e) {
                if (answered == null) {
                    throw e;
                }
                // The caller asked once, and has been answered.
                LOG.debug("A call that was made again to see how long it takes failed", e);
                return answered;
            }
            long nanos = System.nanoTime() - start;
            if (!Judge.probesAgain(calls, nanos)) {
                judge.probeTook(nanos, count);
                return outputs;
            }
            answered = outputs;
        }
    }

    private @Nullable Tensors find(KeyBuffer buffer, Scope scope) {
        buffer.hash(scope);
        return cache.find(buffer);
    }

    private static void hit(Judge judge, long start) {
        judge.hits(1);
        if (start != 0) {
            judge.hitTook(System.nanoTime() - start, 1);
        }
    }

    private Tensors miss(CacheKey key, Tensors inputs, Deadline deadline, Judge judge, long start) {
        judge.misses(1);
        deadline.check(late);
        Flight mine = new Flight();
        Flight other = cache.flights().putIfAbsent(key, mine);
        if (other != null) {
            Tensors answer = awaitOther(other, deadline);
            if (answer == null) {
                return wrapped().predict(inputs, deadline);
            }
            judge.shared(1);
            return answer;
        }
        Computation computation;
        try {
            Tensors known = cache.find(key);
            if (known != null) {
                // Landed between the look and the flight.
                land(key, mine, known);
                judge.shared(1);
                return known;
            }
            computation = new Computation(this, List.of(key), List.of(mine), inputs, deadline);
        } catch (Throwable e) {
            crash(key, mine, e, false);
            throw e;
        }
        List<Tensors> answers = compute(computation, deadline);
        Tensors answer = answers == null ? mine.await(deadline, late, true) : answers.get(0);
        if (answer != null) {
            judge.stored(computation.stored());
            if (start != 0) {
                judge.missTook(System.nanoTime() - start, computation.modelNanos(), 1, 1 - computation.stored());
            }
        }
        return answer == null ? wrapped().predict(inputs, deadline) : answer;
    }

    /**
     * What somebody else has under way.
     *
     * @return null if the caller has to ask. Who asks from inside of a model does not wait: others, or itself, may wait for
     *     that model
     */
    private @Nullable Tensors awaitOther(Flight flight, Deadline deadline) {
        return KeyBuffer.local().isAsking() && !flight.hasEnded() ? null : flight.await(deadline, late, false);
    }

    /** A call whose rows are keys. */
    private Tensors batch(Layout layout, Scope scope, Tensors inputs, int count, Deadline deadline, Judge judge) {
        KeyBuffer buffer = KeyBuffer.local();
        int tick = buffer.tick();
        if (judge.probes(count)) {
            return probe(inputs, deadline, judge, count);
        }
        // A batch costs so much that each can be timed.
        long start = System.nanoTime();
        @Nullable Tensors[] answers = new Tensors[count];
        List<CacheKey> keys = new ArrayList<>();
        int[] missing = new int[count];
        for (int row = 0; row < count; row++) {
            if (!layout.write(buffer, inputs, row)) {
                buffer.release();
                return wrapped().predict(inputs, deadline);
            }
            Tensors known = find(buffer, scope);
            if (known == null && layout.canonicalize(buffer, inputs)) {
                known = find(buffer, scope);
            }
            if (known == null) {
                missing[keys.size()] = row;
                keys.add(buffer.key());
            }
            answers[row] = known;
        }
        buffer.release();
        int missed = keys.size();
        judge.hits(count - missed);
        judge.misses(missed);
        Missing all = new Missing(inputs, keys, Arrays.copyOf(missing, missed));
        if (missed > 0) {
            deadline.check(late);
            try {
                all.fill(answers, deadline, judge);
            } catch (Computation.OtherRowsException e) {
                return wrapped().predict(inputs, deadline);
            }
        } else if (isChecked(tick)) {
            int row = Math.floorMod(tick, count);
            Tensors known = answers[row];
            if (known != null) {
                check(scope, inputs.select(row), known);
            }
        }
        if (rows == Rows.COUPLED) {
            // Found out meanwhile: what was known of some rows, and is new of others, is no answer to all of them.
            return wrapped().predict(inputs, deadline);
        }
        Tensors joined = join(answers);
        if (joined == null) {
            answeredOtherRows();
            return wrapped().predict(inputs, deadline);
        }
        long nanos = System.nanoTime() - start;
        if (missed == 0) {
            judge.hitTook(nanos, count);
        } else {
            judge.missTook(nanos, all.modelNanos, count, all.modelRows);
        }
        return joined;
    }

    /** Null if an answer is not one row, or not of the same shape as the others. */
    private static @Nullable Tensors join(@Nullable Tensors[] answers) {
        List<Tensors> all = new ArrayList<>(answers.length);
        for (Tensors answer : answers) {
            if (answer == null || !areRows(answer, 1)) {
                return null;
            }
            all.add(answer);
        }
        try {
            return Tensors.concat(all);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The rows of one batch that are not in memory. */
    private final class Missing {
        private final Tensors inputs;
        private final List<CacheKey> keys;
        private final int[] rows;
        /** What the model was asked for, and how long it took. */
        private int modelRows;

        private long modelNanos;

        Missing(Tensors inputs, List<CacheKey> keys, int[] rows) {
            this.inputs = inputs;
            this.keys = keys;
            this.rows = rows;
        }

        void fill(@Nullable Tensors[] answers, Deadline deadline, Judge judge) {
            // Room for all, so that a flight which has begun cannot fail to be put down here.
            List<CacheKey> own = new ArrayList<>(rows.length);
            List<Flight> flights = new ArrayList<>(rows.length);
            int[] ownRows = new int[rows.length];
            // Of the same row twice in a batch, the second waits for the first, which lands before anybody waits.
            @Nullable Flight[] others = new Flight[rows.length];
            int waiting = 0;
            Computation computation = null;
            try {
                for (int i = 0; i < rows.length; i++) {
                    CacheKey key = keys.get(i);
                    Flight mine = new Flight();
                    Flight other = cache.flights().putIfAbsent(key, mine);
                    if (other != null) {
                        others[i] = other;
                        waiting++;
                        continue;
                    }
                    ownRows[own.size()] = rows[i];
                    own.add(key);
                    flights.add(mine);
                    Tensors known = cache.find(key);
                    if (known != null) {
                        land(key, mine, known);
                        judge.shared(1);
                        answers[rows[i]] = known;
                        own.remove(own.size() - 1);
                        flights.remove(flights.size() - 1);
                    }
                }
                if (!own.isEmpty()) {
                    Tensors asked = own.size() == inputs.at(0).rows()
                            ? inputs
                            : inputs.select(Arrays.copyOf(ownRows, own.size()));
                    computation = new Computation(CachedModel.this, own, flights, asked, deadline);
                    if (own.size() > 1 && !split) {
                        split = true;
                    }
                }
            } catch (Throwable e) {
                for (int i = 0; i < own.size() && i < flights.size(); i++) {
                    crash(own.get(i), flights.get(i), e, false);
                }
                throw e;
            }
            if (computation != null) {
                List<Tensors> computed = compute(computation, deadline);
                for (int i = 0; i < own.size(); i++) {
                    answers[ownRows[i]] =
                            computed == null ? flights.get(i).await(deadline, late, true) : computed.get(i);
                }
                judge.stored(computation.stored());
                modelRows = own.size() - computation.stored();
                modelNanos = computation.modelNanos();
            }
            for (int i = 0; waiting > 0 && i < rows.length; i++) {
                Flight other = others[i];
                if (other != null) {
                    Tensors answer = awaitOther(other, deadline);
                    answers[rows[i]] = answer;
                    judge.shared(answer == null ? 0 : 1);
                }
            }
            askAgain(answers, deadline);
        }

        /** What others had under way, and were stopped from. */
        private void askAgain(@Nullable Tensors[] answers, Deadline deadline) {
            int[] left = Arrays.stream(rows).filter(row -> answers[row] == null).toArray();
            if (left.length == 0) {
                return;
            }
            List<Tensors> found = CachedModel.rows(wrapped().predict(inputs.select(left), deadline), left.length);
            if (found == null) {
                answeredOtherRows();
                throw new Computation.OtherRowsException();
            }
            for (int i = 0; i < left.length; i++) {
                answers[left[i]] = found.get(i);
            }
        }
    }

    /**
     * Runs a computation here, or where a deadline of this caller's does not end it for others.
     *
     * @return the answers, or null if the flights have to be awaited
     */
    private @Nullable List<Tensors> compute(Computation computation, Deadline deadline) {
        try {
            // Who asks from inside of a model may be on one of the cache's threads already, and would wait for another.
            if (!isQuick(deadline) && !KeyBuffer.local().isAsking()) {
                try {
                    cache.execute(() -> attempt(computation, deadline));
                    return null;
                } catch (RejectedExecutionException e) {
                    LOG.debug("Model {}: no thread is free, so the caller asks", name, e);
                }
            }
            return computation.run(deadline);
        } catch (TimedOutException e) {
            if (computation.isAwaited()) {
                goOn(computation, e);
            } else {
                computation.fail(e);
            }
            throw e;
        } catch (Throwable e) {
            // Whatever it is, and be it one that Java would not let a model throw: nobody may wait for ever.
            computation.fail(e);
            throw e;
        }
    }

    /** Others wait for what this caller has no time for any more. */
    private void goOn(Computation computation, TimedOutException why) {
        try {
            cache.execute(() -> attempt(computation, Deadline.NONE));
        } catch (Throwable e) {
            LOG.debug("Model {}: no thread is free, so those who wait ask themselves", name, e);
            computation.fail(why);
        }
    }

    /** @param deadline of who began it, and may be gone before its turn comes */
    @SuppressWarnings("CheckReturnValue") // whoever wants the answers awaits the flights
    private void attempt(Computation computation, Deadline deadline) {
        try {
            if (!computation.isAwaited()) {
                // Nobody waits any more, or not yet. A model that has too much to do is not asked for what is too late.
                deadline.check(late);
            }
            computation.run(Deadline.afterNanos(
                    deadline.isNone() ? LIMIT_NANOS : Math.max(LIMIT_NANOS, deadline.remainingNanos())));
        } catch (Throwable e) {
            computation.fail(e);
        }
    }

    private boolean isQuick(Deadline deadline) {
        if (deadline.isNone()) {
            return true;
        }
        long took = typical;
        return took > 0 && deadline.remainingNanos() > Math.max(HASTE_NANOS, HASTE * took);
    }

    /** Asks the model, and learns how long that takes. */
    Tensors askModel(Tensors inputs, Deadline deadline) {
        long start = System.nanoTime();
        KeyBuffer thread = KeyBuffer.local();
        thread.beginAsking();
        Tensors outputs;
        try {
            outputs = wrapped().predict(inputs, deadline);
        } finally {
            thread.endAsking();
        }
        long nanos = System.nanoTime() - start;
        long known = typical;
        // A step at a time, so that a thread that lost the processor in the middle of a call says little.
        long step = known / 8;
        typical = known == 0 ? nanos : Math.max(known - step, Math.min(known + step + 1, nanos));
        return outputs;
    }

    /** Keeps an answer and hands it to all who wait. */
    void land(CacheKey key, Flight flight, Tensors outputs) {
        try {
            keep(key, outputs);
        } finally {
            cache.flights().remove(key, flight);
            flight.land(outputs);
        }
    }

    private void keep(CacheKey key, Tensors outputs) {
        Scope scope = key.scope();
        // What was forgotten meanwhile is not remembered again.
        if (isCurrent(scope) && !judges.refused()) {
            cache.keep(key, outputs);
        }
    }

    /** @param ofThisInput as {@link Flight#fail} has it */
    void crash(CacheKey key, Flight flight, Throwable failure, boolean ofThisInput) {
        cache.flights().remove(key, flight);
        // By another rule those who wait may have sent something else, which need not fail.
        flight.fail(failure, ofThisInput && exact);
    }

    private static boolean areRows(Tensors outputs, int count) {
        for (int i = 0; i < outputs.size(); i++) {
            if (outputs.at(i).shape().rank() == 0 || outputs.at(i).shape().dim(0) != count) {
                return false;
            }
        }
        return true;
    }

    /** The rows of all outputs, one by one; null if one has another number of them. */
    static @Nullable List<Tensors> rows(Tensors outputs, int count) {
        if (!areRows(outputs, count)) {
            return null;
        }
        List<Tensors> rows = new ArrayList<>(count);
        for (int row = 0; row < count; row++) {
            rows.add(outputs.select(row));
        }
        return rows;
    }

    /** Its signature says that rows can be told apart, its answers do not. */
    void answeredOtherRows() {
        couple("a batch was not answered row by row");
        // Rows of other batches are not what they seemed to be either.
        forget();
    }

    private void couple(String why) {
        if (rows != Rows.COUPLED) {
            rows = Rows.COUPLED;
            judges.wholes();
            LOG.info("Model {}: {}; its batches are cached as wholes", name, why);
        }
    }

    /**
     * Answers a batch, and finds out whether rows are answered alike on their own: a signature cannot say so, and a model that
     * normalizes over its batch is one whose rows must not be kept. Some rows are asked for again, among fewer others and in
     * another order; beside the caller, if that has no time to spare.
     */
    private Tensors prove(Layout layout, Scope scope, Tensors inputs, int count, Deadline deadline, Judge judge) {
        Tensors outputs = askModel(inputs, deadline);
        judge.misses(count);
        if (rows == Rows.UNPROVEN && proving.compareAndSet(false, true)) {
            if (isQuick(deadline)) {
                attemptProof(layout, scope, inputs, outputs, deadline);
            } else {
                try {
                    cache.execute(() -> attemptProof(layout, scope, inputs, outputs, Deadline.afterNanos(LIMIT_NANOS)));
                } catch (RejectedExecutionException e) {
                    proving.set(false);
                }
            }
        }
        return outputs;
    }

    private void attemptProof(Layout layout, Scope scope, Tensors inputs, Tensors outputs, Deadline deadline) {
        try {
            List<Tensors> answers = rows(outputs, inputs.at(0).rows());
            if (answers == null) {
                answeredOtherRows();
            } else {
                proveRows(inputs, outputs, answers.size(), deadline);
                if (rows == Rows.INDEPENDENT) {
                    keepRows(layout, scope, inputs, answers);
                }
            }
        } catch (TimedOutException | OverloadedException | ClosedException e) {
            LOG.debug("Model {} did not come to answer some rows of a batch on their own", name, e);
        } catch (RuntimeException e) {
            // The answer is there all the same; another batch may tell.
            LOG.debug("Model {} did not answer some rows of a batch on their own", name, e);
            if (failedProofs.incrementAndGet() >= PROOFS) {
                couple("rows of a batch were not answered on their own");
            }
        } finally {
            proving.set(false);
        }
    }

    private void proveRows(Tensors inputs, Tensors outputs, int count, Deadline deadline) {
        int other = count - 1;
        Tensors first = inputs.select(0);
        while (other > 0 && inputs.select(other).equals(first)) {
            other--;
        }
        if (other == 0) {
            // Rows that are all the same tell nothing.
            return;
        }
        // The last of all is the first one, which is asked for alone.
        int[] some = new int[Math.min(PROVED_ROWS, count - count / 2) + 1];
        for (int i = 0; i < some.length - 1; i++) {
            some[i] = i == 0 ? other : count - 1 - i;
        }
        Tensors among = askModel(inputs.select(Arrays.copyOf(some, some.length - 1)), deadline);
        Tensors alone = askModel(first, deadline);
        if (areRows(among, some.length - 1)
                && areRows(alone, 1)
                && Agreement.ofRows(outputs.select(some), join(among, alone))) {
            rows = Rows.INDEPENDENT;
        } else if (Agreement.of(alone, askModel(first, deadline))) {
            couple("a row's answer depends on the rows beside it");
        } else {
            refuse();
        }
    }

    /** Empty if they do not go together. */
    private static Tensors join(Tensors one, Tensors other) {
        try {
            return Tensors.concat(List.of(one, other));
        } catch (IllegalArgumentException e) {
            return Tensors.builder().build();
        }
    }

    private void keepRows(Layout layout, Scope scope, Tensors inputs, List<Tensors> answers) {
        split = true;
        KeyBuffer buffer = KeyBuffer.local();
        for (int row = 0; row < answers.size(); row++) {
            if (layout.write(buffer, inputs, row)) {
                boolean unused = layout.canonicalize(buffer, inputs);
                buffer.hash(scope);
                CacheKey key = buffer.key();
                keep(key, answers.get(row));
                SecondLevel second = secondLevel(key);
                if (second != null) {
                    second.put(key, answers.get(row), rowForm);
                }
            }
        }
        buffer.release();
    }

    private boolean isChecked(int tick) {
        return checkEvery > 0 && (tick >>> 1 <= Integer.MAX_VALUE / checkEvery || checks < CHECKED_FIRST);
    }

    /**
     * Asks again for what is known, beside the callers, to find out whether the model still says so.
     *
     * @param scope in which it was known
     */
    private void check(Scope scope, Tensors inputs, Tensors known) {
        if (checking.compareAndSet(false, true)) {
            try {
                cache.execute(() -> {
                    try {
                        compare(scope, inputs, known);
                    } catch (ClosedException e) {
                        LOG.debug("Model {} was closed before it was asked again", name);
                    } catch (Throwable e) {
                        LOG.debug("Model {} did not answer when it was asked again", name, e);
                    } finally {
                        checking.set(false);
                    }
                });
            } catch (RejectedExecutionException e) {
                checking.set(false);
            }
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one at a time
    private void compare(Scope scope, Tensors inputs, Tensors known) {
        Deadline limit = Deadline.afterNanos(LIMIT_NANOS);
        checks++;
        Tensors again = askModel(inputs, limit);
        if (Agreement.of(again, known)) {
            return;
        }
        boolean repeats = Agreement.of(again, askModel(inputs, limit));
        if (!isCurrent(scope) || judges.refused()) {
            // What has been forgotten meanwhile proves nothing.
            return;
        }
        if (repeats && (cache.secondLevel() != null && !storeDistrusted || split && rows != Rows.COUPLED)) {
            // It may have come from elsewhere, or depend on rows beside it, which the first batch has not shown.
            LOG.warn(
                    "Model {} ({}): an answer that was kept is not what the model says; all of its answers are forgotten",
                    name,
                    digest().abbreviated());
            storeDistrusted = true;
            couple("a row was answered otherwise among others");
            forget();
        } else {
            refuse();
        }
    }

    private void refuse() {
        judges.refuse("the same input was answered differently");
        forget();
        LOG.warn(
                "Model {} ({}) answers the same input differently from call to call; it is not cached from now on",
                name,
                digest().abbreviated());
    }

    private boolean isCurrent(Scope scope) {
        return scope.equals(rowScope) || scope.equals(wholeScope);
    }

    private void forget() {
        forget(cache.nextEpoch());
    }

    /** Answers from before an epoch are not given any more, and given up. */
    void forget(int epoch) {
        renew(epoch);
        cache.sweep(this::isOld);
    }

    /** Answers from before an epoch are not given any more. */
    synchronized void renew(int epoch) {
        Scope row = rowScope;
        if (epoch > row.epoch()) {
            Scope next = row.at(epoch);
            wholeScope = rowLayout == null ? next : wholeScope.at(epoch);
            rowScope = next;
        }
    }

    private boolean isOld(CacheKey key) {
        Scope scope = key.scope();
        return scope.epoch() < rowScope.epoch()
                && (Arrays.equals(scope.header(), rowScope.header())
                        || Arrays.equals(scope.header(), wholeScope.header()));
    }

    @Override
    public @Nullable FloatRows floatRows() {
        FloatRows bare = FloatRows.of(wrapped());
        Layout layout = rowLayout;
        return bare == null || layout == null || !layout.takesFloats()
                ? null
                : new CachedRows(bare, layout, signature().inputs().get(0));
    }

    /** Rows of floats, which become tensors only if they are not known. */
    private final class CachedRows implements FloatRows {
        private final FloatRows bare;
        private final Layout layout;
        private final TensorSpec input;
        private final int width;

        CachedRows(FloatRows bare, Layout layout, TensorSpec input) {
            this.bare = bare;
            this.layout = layout;
            this.input = input;
            this.width = bare.width();
        }

        @Override
        public int width() {
            return width;
        }

        @Override
        public boolean givesFloats() {
            return bare.givesFloats();
        }

        @Override
        public float[] predict(float[] rows, Deadline deadline) {
            int count = rows.length / width;
            if (count * width != rows.length || count == 0 || !judges.of(count).isOn()) {
                return bare.predict(rows, deadline);
            }
            checkOpen();
            return answer(rows, count, deadline).at(0).toFloatArray();
        }

        @Override
        public Tensors predict(Writer writer, int count, Deadline deadline) {
            long size = (long) count * width;
            if (count == 0 || size > KeyBuffer.MAX_LENGTH || !judges.of(count).isOn()) {
                return bare.predict(writer, count, deadline);
            }
            checkOpen();
            KeyBuffer buffer = KeyBuffer.local();
            float[] rows = buffer.takeRows((int) size);
            try {
                writer.write(rows);
                return answer(rows, count, deadline);
            } finally {
                buffer.giveRows(rows);
            }
        }

        private Tensors answer(float[] rows, int count, Deadline deadline) {
            if (count > 1) {
                return CachedModel.this.predict(tensors(rows, count), deadline);
            }
            Judge judge = judges.of(1);
            Scope scope = rowScope;
            KeyBuffer buffer = KeyBuffer.local();
            int tick = buffer.tick();
            long start = judge.isTimed(tick) ? System.nanoTime() : 0;
            if (start != 0 && judge.probes(1)) {
                return probe(rows, deadline, judge);
            }
            if (!layout.write(buffer, rows, 0, width)) {
                buffer.release();
                return wrapped().predict(tensors(rows, 1), deadline);
            }
            Tensors known = find(buffer, scope);
            if (known == null && layout.canonicalize(buffer, width)) {
                known = find(buffer, scope);
            }
            if (known != null) {
                buffer.release();
                hit(judge, start);
                if (isChecked(tick)) {
                    check(scope, tensors(rows, 1), known);
                }
                return known;
            }
            // An array that is changed meanwhile, which it must not be, spoils no answer but this one: the key is made
            // of what the model is asked.
            Tensors inputs = tensors(rows, 1);
            boolean unused = layout.write(buffer, inputs, 0) && layout.canonicalize(buffer, inputs);
            buffer.hash(scope);
            CacheKey key = buffer.key();
            buffer.release();
            return miss(key, inputs, deadline, judge, start);
        }

        /** One row, around the cache. */
        private Tensors probe(float[] rows, Deadline deadline, Judge judge) {
            return CachedModel.probe(
                    () -> bare.predict(target -> System.arraycopy(rows, 0, target, 0, width), 1, deadline), judge, 1);
        }

        private Tensors tensors(float[] rows, int count) {
            long[] dims = input.shape().dims();
            dims[0] = count;
            return Tensors.of(input.name(), Tensor.transfer(Arrays.copyOf(rows, count * width), dims));
        }
    }

    @Override
    public void close() {
        closed = true;
        judges.close();
        cache.closed(this);
        super.close();
    }
}
