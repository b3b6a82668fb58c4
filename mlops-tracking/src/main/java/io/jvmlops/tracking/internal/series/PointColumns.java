package io.jvmlops.tracking.internal.series;

import java.util.Arrays;

/**
 * Points of one series in columns of primitives, 24 bytes each. Values are kept as raw bits, so that NaN payloads
 * survive. Not safe for use by several threads.
 */
public final class PointColumns {
    private static final int INSERTION = 12;

    long[] steps;
    long[] ats;
    long[] bits;
    int size;

    public PointColumns() {
        this(64);
    }

    /** @param capacity how many points fit before the columns grow */
    public PointColumns(int capacity) {
        int length = Math.max(1, capacity);
        steps = new long[length];
        ats = new long[length];
        bits = new long[length];
    }

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public void add(long step, long at, double value) {
        addBits(step, at, Double.doubleToRawLongBits(value));
    }

    void addBits(long step, long at, long valueBits) {
        reserve(1);
        steps[size] = step;
        ats[size] = at;
        bits[size] = valueBits;
        size++;
    }

    /** Appends the points {@code from} (inclusive) to {@code to} (exclusive) of others. */
    public void addAll(PointColumns others, int from, int to) {
        checkRange(from, to, others.size);
        int count = to - from;
        reserve(count);
        System.arraycopy(others.steps, from, steps, size, count);
        System.arraycopy(others.ats, from, ats, size, count);
        System.arraycopy(others.bits, from, bits, size, count);
        size += count;
    }

    /** Forgets the points and keeps the room. */
    public void clear() {
        size = 0;
    }

    public long stepAt(int point) {
        return steps[checked(point)];
    }

    /** Milliseconds since the epoch. */
    public long timestampMillisAt(int point) {
        return ats[checked(point)];
    }

    public double valueAt(int point) {
        return Double.longBitsToDouble(bits[checked(point)]);
    }

    public Mark markAt(int point) {
        checked(point);
        return new Mark(steps[point], ats[point], ValueOrder.encode(bits[point]));
    }

    /** The least timestamp of the points {@code from} (inclusive) to {@code to} (exclusive), one at least. */
    public long minTimestampMillis(int from, int to) {
        checkRange(from, to, size);
        long min = Long.MAX_VALUE;
        for (int i = from; i < to; i++) {
            min = Math.min(min, ats[i]);
        }
        return min;
    }

    /** The greatest timestamp of the points {@code from} (inclusive) to {@code to} (exclusive), one at least. */
    public long maxTimestampMillis(int from, int to) {
        checkRange(from, to, size);
        long max = Long.MIN_VALUE;
        for (int i = from; i < to; i++) {
            max = Math.max(max, ats[i]);
        }
        return max;
    }

    /** Removes the points stamped up to a moment, inclusive, and says how many they were. */
    public int removeThrough(long timestampMillis) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (ats[i] > timestampMillis) {
                steps[kept] = steps[i];
                ats[kept] = ats[i];
                bits[kept] = bits[i];
                kept++;
            }
        }
        int removed = size - kept;
        size = kept;
        return removed;
    }

    /** Where the points begin whose steps are not less than a step; the points are in order. */
    int firstAtOrAfter(long step) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (steps[middle] < step) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Whether the points are in the order of {@link Mark}. */
    public boolean isSorted() {
        for (int i = 1; i < size; i++) {
            if (compare(i - 1, i) > 0) {
                return false;
            }
        }
        return true;
    }

    /** Brings the points into the order of {@link Mark}; one look at each if they are. */
    public void sort() {
        if (isSorted()) {
            return;
        }
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            order[i] = i;
        }
        mergeSort(order, order.clone(), 0, size);
        steps = gather(steps, order);
        ats = gather(ats, order);
        bits = gather(bits, order);
    }

    int compare(int a, int b) {
        return compareTo(a, this, b);
    }

    int compareTo(int point, PointColumns others, int other) {
        if (steps[point] != others.steps[other]) {
            return steps[point] < others.steps[other] ? -1 : 1;
        }
        if (ats[point] != others.ats[other]) {
            return ats[point] < others.ats[other] ? -1 : 1;
        }
        return Long.compare(ValueOrder.encode(bits[point]), ValueOrder.encode(others.bits[other]));
    }

    int compareTo(int point, Mark mark) {
        return Mark.compare(
                steps[point], ats[point], ValueOrder.encode(bits[point]), mark.step(), mark.at(), mark.code());
    }

    /** Sorts {@code from..to} of {@code a}; both arrays hold the same there when it begins. */
    private void mergeSort(int[] a, int[] b, int from, int to) {
        if (to - from <= INSERTION) {
            for (int i = from + 1; i < to; i++) {
                int moving = a[i];
                int j = i;
                for (; j > from && compare(a[j - 1], moving) > 0; j--) {
                    a[j] = a[j - 1];
                }
                a[j] = moving;
            }
            return;
        }
        int middle = (from + to) >>> 1;
        mergeSort(b, a, from, middle);
        mergeSort(b, a, middle, to);
        if (compare(b[middle - 1], b[middle]) <= 0) {
            // What several threads logged is a few sorted runs one after another.
            System.arraycopy(b, from, a, from, to - from);
            return;
        }
        int left = from;
        int right = middle;
        for (int i = from; i < to; i++) {
            if (right == to || (left < middle && compare(b[left], b[right]) <= 0)) {
                a[i] = b[left++];
            } else {
                a[i] = b[right++];
            }
        }
    }

    private static long[] gather(long[] column, int[] order) {
        long[] sorted = new long[order.length];
        for (int i = 0; i < order.length; i++) {
            sorted[i] = column[order[i]];
        }
        return sorted;
    }

    void reserve(int more) {
        int needed = Math.addExact(size, more);
        if (needed > steps.length) {
            int length = (int) Math.max(needed, Math.min(Integer.MAX_VALUE - 16, 2L * steps.length));
            steps = Arrays.copyOf(steps, length);
            ats = Arrays.copyOf(ats, length);
            bits = Arrays.copyOf(bits, length);
        }
    }

    private int checked(int point) {
        if (point < 0 || point >= size) {
            throw new IndexOutOfBoundsException("point " + point + " of " + size);
        }
        return point;
    }

    static void checkRange(int from, int to, int size) {
        if (from < 0 || from > to || to > size) {
            throw new IndexOutOfBoundsException("points " + from + " to " + to + " of " + size);
        }
    }

    /** How many points, never their values. */
    @Override
    public String toString() {
        return size + " points";
    }
}
