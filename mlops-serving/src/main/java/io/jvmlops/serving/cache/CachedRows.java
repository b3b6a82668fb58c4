package io.jvmlops.serving.cache;

import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import io.jvmlops.api.model.Deadline;
import io.jvmlops.serving.internal.FloatRows;
import java.util.Arrays;

/** Rows of floats, which become tensors only if they are not known. */
final class CachedRows implements FloatRows {
    private final CachedModel model;
    private final FloatRows bare;
    private final Layout layout;
    private final TensorSpec input;
    private final int width;

    /**
     * Rows of a model.
     *
     * @param bare the same, around the cache
     * @param layout takes floats
     */
    CachedRows(CachedModel model, FloatRows bare, Layout layout, TensorSpec input) {
        this.model = model;
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
        // Without the division where it is one row.
        int count = rows.length == width ? 1 : rows.length / width;
        if (count * width != rows.length
                || count == 0
                || !model.judges().of(count).isOn()) {
            return bare.predict(rows, deadline);
        }
        model.checkOpen();
        Object known = count == 1
                ? answer(rows, deadline, model.memory().packs())
                : model.predict(tensors(rows, count), deadline);
        return known instanceof float[] numbers
                ? numbers.clone()
                : ((Tensors) known).at(0).toFloatArray();
    }

    @Override
    public Tensors predict(Writer writer, int count, Deadline deadline) {
        long size = (long) count * width;
        if (count == 0
                || size > KeyBuffer.MAX_LENGTH
                || !model.judges().of(count).isOn()) {
            return bare.predict(writer, count, deadline);
        }
        model.checkOpen();
        KeyBuffer buffer = KeyBuffer.local();
        float[] rows = buffer.takeRows((int) size);
        try {
            writer.write(rows);
            return count == 1
                    ? model.memory().unpack(answer(rows, deadline, false))
                    : model.predict(tensors(rows, count), deadline);
        } finally {
            buffer.giveRows(rows);
        }
    }

    /**
     * The answer to one row.
     *
     * @param pack whether it is to be remembered as numbers alone
     * @return tensors, or the numbers, which nobody else may get
     */
    private Object answer(float[] rows, Deadline deadline, boolean pack) {
        Judge judge = model.judges().of(1);
        Scope scope = model.memory().row();
        KeyBuffer buffer = KeyBuffer.local();
        int tick = buffer.tick();
        long start = judge.isTimed(tick) ? System.nanoTime() : 0;
        if (start != 0 && judge.probes(1)) {
            return probe(rows, deadline, judge);
        }
        if (!layout.write(buffer, rows, 0, width)) {
            buffer.release();
            return model.bypass(tensors(rows, 1), deadline);
        }
        buffer.hash(scope);
        Object known = model.memory().findPacked(buffer);
        if (known == null && layout.canonicalize(buffer, width)) {
            buffer.hash(scope);
            known = model.memory().findPacked(buffer);
        }
        if (known != null) {
            buffer.release();
            CachedModel.hit(judge, start);
            if (model.rechecks().isDue(tick)) {
                model.rechecks().check(scope, tensors(rows, 1), model.memory().unpack(known));
            }
            return known;
        }
        // An array that is changed meanwhile, which it must not be, spoils no answer but this one: the key is made
        // of what the model is asked.
        Tensors inputs = tensors(rows, 1);
        boolean unused = layout.write(buffer, inputs, 0) && layout.canonicalize(buffer, inputs);
        buffer.hash(scope);
        CacheKey key = buffer.key(pack);
        buffer.release();
        return model.miss(key, inputs, deadline, judge, start);
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
