package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.error.ClosedException;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.api.model.ForwardingModel;
import io.jvmlops.api.model.InferenceModel;
import io.jvmlops.serving.cache.RowIndependence.State;
import io.jvmlops.serving.internal.FloatRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One loaded version, answered from the cache where that knows.
 *
 * <p>A row is a key of its own where the model answers row by row, which its signature allows and its first batch has shown
 * ({@link RowIndependence}); else the whole call is.
 */
final class CachedModel extends ForwardingModel implements FloatRows.Source {
    private static final Logger LOG = LoggerFactory.getLogger(CachedModel.class);

    /** A batch with more rows goes to the model: with rows of no elements, a call of a few bytes could have any number. */
    private static final int MAX_ROWS = 1 << 20;

    private final PredictionCache cache;
    private final String name;
    private final String subject;
    /** Whether the same key is the same input. */
    private final boolean exact;
    /** Null where rows cannot be told apart. */
    private final @Nullable Layout rowLayout;

    private final Layout wholeLayout;
    private final AnswerForm rowForm;
    private final AnswerForm wholeForm;
    private final boolean always;
    private final Judges judges;
    private final ModelMemory memory;
    private final ModelRunner runner;
    private final RowIndependence independence;
    private final Rechecks rechecks;

    private volatile boolean closed;

    CachedModel(PredictionCache cache, String name, InferenceModel model, CacheRule rule, long hashMask) {
        super(model);
        this.cache = cache;
        this.name = name;
        this.subject = "input of model " + model.digest().abbreviated();
        this.exact = rule.isExact();
        this.always = rule.mode() == CacheRule.Mode.ALWAYS;
        this.rowForm = new AnswerForm(model.signature().outputs(), true);
        this.wholeForm = new AnswerForm(model.signature().outputs(), false);
        this.judges = new Judges(
                name + "@" + model.digest().abbreviated(), rule.mode(), model.isDeterministic(), cache.time());
        boolean byRow = !rule.callsAsWholes() && Layout.hasRows(model);
        this.wholeLayout = Layout.of(model, true, rule);
        this.rowLayout = byRow ? Layout.of(model, false, rule) : null;
        int epoch = cache.epoch();
        String title = name + " (" + model.digest().abbreviated() + ")";
        this.memory = new ModelMemory(
                cache,
                judges,
                title,
                FloatAnswer.of(model.signature().outputs()),
                rowLayout == null ? null : Scope.of(rowLayout.header(model), epoch, hashMask),
                Scope.of(wholeLayout.header(model), epoch, hashMask));
        this.runner = new ModelRunner(model, cache, title);
        this.independence = new RowIndependence(cache, runner, memory, judges, title, byRow);
        this.rechecks =
                new Rechecks(cache, runner, memory, judges, independence, title, exact ? cache.checkEvery() : 0);
    }

    String name() {
        return name;
    }

    Judges judges() {
        return judges;
    }

    ModelMemory memory() {
        return memory;
    }

    ModelRunner runner() {
        return runner;
    }

    RowIndependence independence() {
        return independence;
    }

    Rechecks rechecks() {
        return rechecks;
    }

    boolean isOf(PredictionCache other) {
        return cache == other;
    }

    CacheStatus status() {
        return new CacheStatus(
                name, digest(), flavor(), independence.state() == State.INDEPENDENT, rechecks.count(), judges.status());
    }

    /** Where else the answer to a key may be known, or null if there is no use in asking. */
    @Nullable
    SecondLevel secondLevel(CacheKey key) {
        SecondLevel second = cache.secondLevel();
        // A process that has not found out yet may have put down there what a row's answer was among others.
        if (second == null
                || rechecks.isStoreDistrusted()
                || independence.state() == State.COUPLED && memory.isRow(key)) {
            return null;
        }
        return always || second.pays(runner.typicalNanos()) ? second : null;
    }

    AnswerForm form(CacheKey key) {
        return memory.isRow(key) ? rowForm : wholeForm;
    }

    @Override
    public Tensors predict(Tensors inputs, Deadline deadline) {
        boolean row = rowLayout != null && rowLayout.isRowOfFloats(inputs);
        int count = row || rowLayout == null ? 1 : rowsOf(inputs);
        Judge judge = judges.of(count);
        if (count == 0 || !judge.isOn()) {
            // All that a cache costs that stands aside: the model itself looks whether it is open, and at its inputs.
            return bypass(inputs, deadline);
        }
        // What is closed does not answer, whatever it remembers.
        checkOpen();
        // A key is made of what the model takes: what does not fit gets the model's own complaint.
        if (!row) {
            signature().checkInputs(subject, inputs);
        }
        if (rowLayout == null) {
            return one(wholeLayout, memory.whole(), inputs, deadline, judge);
        }
        // Taken before it is looked whether rows are independent: who finds that they are not says so first, and then
        // has what is of this scope forgotten.
        Scope scope = memory.row();
        if (count == 1) {
            return one(rowLayout, scope, inputs, deadline, judge);
        }
        return switch (independence.state()) {
            case INDEPENDENT -> batch(rowLayout, scope, inputs, count, deadline, judge);
            case COUPLED -> one(wholeLayout, memory.whole(), inputs, deadline, judge);
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

    void checkOpen() {
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
            return bypass(inputs, deadline);
        }
        Tensors known = find(buffer, scope);
        if (known == null && layout.canonicalize(buffer, inputs)) {
            known = find(buffer, scope);
        }
        if (known != null) {
            buffer.release();
            hit(judge, start);
            if (rechecks.isDue(tick)) {
                rechecks.check(scope, inputs, known);
            }
            return known;
        }
        CacheKey key = buffer.key();
        buffer.release();
        return miss(key, inputs, deadline, judge, start);
    }

    /** Goes around the cache. */
    Tensors bypass(Tensors inputs, Deadline deadline) {
        return wrapped().predict(inputs, deadline);
    }

    private Tensors probe(Tensors inputs, Deadline deadline, Judge judge, int count) {
        return probe(() -> bypass(inputs, deadline), judge, count);
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
        return memory.find(buffer);
    }

    static void hit(Judge judge, long start) {
        judge.hits(1);
        if (start != 0) {
            judge.hitTook(System.nanoTime() - start, 1);
        }
    }

    Tensors miss(CacheKey key, Tensors inputs, Deadline deadline, Judge judge, long start) {
        judge.misses(1);
        deadline.check(runner.late());
        Flight mine = new Flight();
        Flight other = cache.flights().putIfAbsent(key, mine);
        if (other != null) {
            Tensors answer = other.awaitOther(deadline, runner.late());
            if (answer == null) {
                return bypass(inputs, deadline);
            }
            judge.shared(1);
            return answer;
        }
        Computation computation;
        try {
            Tensors known = memory.find(key);
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
        List<Tensors> answers = runner.run(computation, deadline);
        Tensors answer = answers == null ? mine.await(deadline, runner.late(), true) : answers.get(0);
        if (answer != null) {
            judge.stored(computation.stored());
            if (start != 0) {
                judge.missTook(System.nanoTime() - start, computation.modelNanos(), 1, 1 - computation.stored());
            }
        }
        return answer == null ? bypass(inputs, deadline) : answer;
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
                return bypass(inputs, deadline);
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
        MissingRows all = new MissingRows(this, cache, inputs, keys, Arrays.copyOf(missing, missed));
        if (missed > 0) {
            deadline.check(runner.late());
            try {
                all.fill(answers, deadline, judge);
            } catch (Computation.OtherRowsException e) {
                return bypass(inputs, deadline);
            }
        } else if (rechecks.isDue(tick)) {
            int row = Math.floorMod(tick, count);
            Tensors known = answers[row];
            if (known != null) {
                rechecks.check(scope, inputs.select(row), known);
            }
        }
        if (independence.state() == State.COUPLED) {
            // Found out meanwhile: what was known of some rows, and is new of others, is no answer to all of them.
            return bypass(inputs, deadline);
        }
        Tensors joined = Rows.join(answers);
        if (joined == null) {
            independence.refuted();
            return bypass(inputs, deadline);
        }
        long nanos = System.nanoTime() - start;
        if (missed == 0) {
            judge.hitTook(nanos, count);
        } else {
            judge.missTook(nanos, all.modelNanos(), count, all.modelRows());
        }
        return joined;
    }

    /** Keeps an answer and hands it to all who wait. */
    void land(CacheKey key, Flight flight, Tensors outputs) {
        try {
            memory.keep(key, outputs);
        } finally {
            cache.flights().remove(key, flight);
            flight.land(outputs);
        }
    }

    /** @param ofThisInput as {@link Flight#fail} has it */
    void crash(CacheKey key, Flight flight, Throwable failure, boolean ofThisInput) {
        cache.flights().remove(key, flight);
        // By another rule those who wait may have sent something else, which need not fail.
        flight.fail(failure, ofThisInput && exact);
    }

    /** Answers a batch, whose rows are kept if they turn out to be answered alike on their own. */
    private Tensors prove(Layout layout, Scope scope, Tensors inputs, int count, Deadline deadline, Judge judge) {
        Tensors outputs = runner.ask(inputs, deadline);
        judge.misses(count);
        independence.prove(inputs, outputs, deadline, answers -> keepRows(layout, scope, inputs, answers));
        return outputs;
    }

    private void keepRows(Layout layout, Scope scope, Tensors inputs, List<Tensors> answers) {
        independence.rely();
        KeyBuffer buffer = KeyBuffer.local();
        for (int row = 0; row < answers.size(); row++) {
            if (layout.write(buffer, inputs, row)) {
                boolean unused = layout.canonicalize(buffer, inputs);
                buffer.hash(scope);
                CacheKey key = buffer.key();
                memory.keep(key, answers.get(row));
                SecondLevel second = secondLevel(key);
                if (second != null) {
                    second.put(key, answers.get(row), rowForm);
                }
            }
        }
        buffer.release();
    }

    @Override
    public @Nullable FloatRows floatRows() {
        FloatRows bare = FloatRows.of(wrapped());
        Layout layout = rowLayout;
        return bare == null || layout == null || !layout.takesFloats()
                ? null
                : new CachedRows(this, bare, layout, signature().inputs().get(0));
    }

    @Override
    public void close() {
        closed = true;
        judges.close();
        cache.closed(this);
        super.close();
    }
}
