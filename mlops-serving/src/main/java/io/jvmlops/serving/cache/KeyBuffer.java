package io.jvmlops.serving.cache;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * A thread's room for the key of what it asks for, which is looked up as it lies here: what is found costs no object.
 * Little-endian, on every machine, since a second level keeps it.
 */
final class KeyBuffer {
    /** Longer keys are not made: their calls go to the model. */
    static final int MAX_LENGTH = 1 << 24;

    /** What a thread keeps between calls. */
    private static final int KEPT = 1 << 16;

    private static final int FIRST = 1 << 10;
    private static final float[] NONE = {};

    /** Reads after something came in that are all recorded. */
    private static final int RECORDED = 256;

    /** Of the others, one of so many is; a power of two. */
    private static final int SAMPLED = 16;

    /** Odd, and 2^32 over the golden ratio: its multiples fill the range evenly, and so do those of any regular part of them. */
    private static final int STEP = 0x9E3779B9;

    private static final ThreadLocal<KeyBuffer> LOCAL = ThreadLocal.withInitial(KeyBuffer::new);

    private byte[] bytes;
    private ByteBuffer raw;
    private FloatBuffer floats;
    private DoubleBuffer doubles;
    private LongBuffer longs;
    private IntBuffer ints;
    private ShortBuffer shorts;

    private int length;
    private long hash;
    private @Nullable Scope scope;

    /** Rows that a writer wrote. */
    private float[] rows = NONE;
    /** Picks some calls; begins anywhere, so that threads of a single call are picked as often. */
    private int tick = ThreadLocalRandom.current().nextInt();

    private int seenWrites;
    private int recorded;
    private int reads;
    /** How many models this thread is asking at the moment, one from inside of the other. */
    private int asking;

    @SuppressWarnings("NullAway.Init") // by allocate
    private KeyBuffer() {
        allocate(FIRST);
    }

    /** The calling thread's. What it holds is good until the next call of anything else. */
    static KeyBuffer local() {
        return LOCAL.get();
    }

    private void allocate(int capacity) {
        bytes = new byte[capacity];
        raw = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        floats = raw.asFloatBuffer();
        doubles = raw.asDoubleBuffer();
        longs = raw.asLongBuffer();
        ints = raw.asIntBuffer();
        shorts = raw.asShortBuffer();
    }

    /**
     * A number that is below any bound as often as chance would have it. A plain count would not do: of a thread that asks two
     * models in turn, one would only ever see even numbers.
     */
    int tick() {
        return tick += STEP;
    }

    /**
     * Whether the policy of eviction is told of a read.
     *
     * @param writes changes when something comes in
     */
    boolean isRecorded(int writes) {
        if (writes != seenWrites) {
            seenWrites = writes;
            recorded = RECORDED;
        }
        if (recorded > 0) {
            recorded--;
            return true;
        }
        return (reads++ & SAMPLED - 1) == 0;
    }

    void beginAsking() {
        asking++;
    }

    void endAsking() {
        asking--;
    }

    /** Whether this thread is inside of a model. */
    boolean isAsking() {
        return asking > 0;
    }

    void clear() {
        length = 0;
    }

    int length() {
        return length;
    }

    ByteBuffer raw() {
        return raw;
    }

    FloatBuffer floats() {
        return floats;
    }

    DoubleBuffer doubles() {
        return doubles;
    }

    LongBuffer longs() {
        return longs;
    }

    IntBuffer ints() {
        return ints;
    }

    ShortBuffer shorts() {
        return shorts;
    }

    /**
     * Makes room at the end, on a boundary of 8.
     *
     * @return where it begins, or -1 if the key would be too long
     */
    int reserve(long count) {
        int from = length + 7 & ~7;
        long end = from + count;
        if (end > MAX_LENGTH) {
            return -1;
        }
        if (end > bytes.length) {
            byte[] old = bytes;
            allocate((int) Math.min(MAX_LENGTH, Math.max(end, 2L * old.length)));
            System.arraycopy(old, 0, bytes, 0, length);
        }
        for (int i = length; i < from; i++) {
            bytes[i] = 0;
        }
        length = (int) end;
        return from;
    }

    /** Ends the key, which can be looked up from now on. */
    void hash(Scope of) {
        // A reference that is stored costs the collector's barrier, so the same one is not stored again.
        if (!of.equals(scope)) {
            scope = of;
        }
        hash = of.hash(bytes, length);
    }

    /** What stays when the buffer is used for something else. */
    CacheKey key() {
        return key(false);
    }

    /** @param floats whether the answer is remembered as a {@link FloatAnswer} */
    CacheKey key(boolean floats) {
        if (scope == null) {
            throw new IllegalStateException("no key was written");
        }
        return new CacheKey(scope, Arrays.copyOf(bytes, length), hash, floats);
    }

    /** Room for so many elements, which nobody else gets until it is given back: who writes there may predict, too. */
    float[] takeRows(int size) {
        float[] room = rows.length < size ? new float[Math.max(size, FIRST)] : rows;
        rows = NONE;
        return room;
    }

    void giveRows(float[] room) {
        if (room.length <= KEPT / Float.BYTES) {
            rows = room;
        }
    }

    /** Keeps little of what a large call needed. */
    void release() {
        if (bytes.length > KEPT) {
            allocate(FIRST);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other
                || other instanceof CacheKey key && scope != null && key.matches(hash, scope, bytes, length);
    }

    @Override
    public int hashCode() {
        return CacheKey.fold(hash);
    }
}
