package io.jvmlops.tracking.internal.series;

import java.util.Arrays;

/**
 * Codes columns of any integers, small when they are regular, close together or change slowly: differences (none, first
 * or second order, whichever comes out smallest), then in blocks of {@value #BLOCK} what each is above the block's base,
 * packed in as many bits as nearly all of them need. The few that need more have their upper bits beside the block, so
 * that one pause does not widen 127 others.
 *
 * <p>Frame of reference with patches, after Zukowski et al., "Super-Scalar RAM-CPU Cache Compression", ICDE 2006. For
 * noise (jittery timestamps, noisy values) it needs fewer bits than codes of a length per value, which pay for saying
 * the length, and it is read without a branch per value. All arithmetic wraps around, so every integer comes back.
 */
final class LongColumn {
    static final int BLOCK = 128;

    private static final int CONSTANT = 0x10;
    private static final int MAX_ORDER = 2;
    private static final int PATCHED = 0x80;
    /** How many blocks are looked at to choose the order of differences. */
    private static final int SAMPLES = 4;

    private LongColumn() {}

    /** Writes the first {@code n} values, at least one; how many there are is for the caller to write. */
    static void encode(long[] values, int n, ByteSink out) {
        if (constant(values, 0, n)) {
            out.putByte(CONSTANT);
            out.putZigzag(values[0]);
            return;
        }
        long[] first = differences(values, n);
        if (constant(first, 1, n)) {
            out.putByte(CONSTANT | 1);
            out.putZigzag(values[0]);
            out.putZigzag(first[1]);
            return;
        }
        Frame frame = new Frame();
        // Not constant, so there are three values at least.
        long[] second = differences(first, n);
        long[] chosen = values;
        int order = 0;
        long least = sampledBits(values, 0, n, frame);
        long bits = sampledBits(first, 1, n, frame);
        if (bits < least) {
            least = bits;
            chosen = first;
            order = 1;
        }
        if (sampledBits(second, 2, n, frame) < least) {
            chosen = second;
            order = 2;
        }
        out.putByte(order);
        if (order > 0) {
            out.putZigzag(values[0]);
        }
        if (order > 1) {
            out.putZigzag(first[1]);
        }
        for (int from = order; from < n; from += BLOCK) {
            int to = Math.min(n, from + BLOCK);
            frame.fit(chosen, from, to);
            write(chosen, from, to, frame, out);
        }
    }

    /** Reads {@code n} values, at least one, into the beginning of an array that has room for them. */
    static void decode(ByteSource in, long[] into, int n) {
        int mode = in.takeByte();
        int order = mode & ~CONSTANT;
        if (order > MAX_ORDER || order >= n) {
            throw in.damaged("differences of order " + order + " of " + n + " numbers");
        }
        for (int i = 0; i < order; i++) {
            into[i] = in.takeZigzag();
        }
        if ((mode & CONSTANT) != 0) {
            Arrays.fill(into, order, n, in.takeZigzag());
        } else {
            for (int from = order; from < n; from += BLOCK) {
                read(in, into, from, Math.min(n, from + BLOCK));
            }
        }
        for (int undone = order; undone > 0; undone--) {
            long sum = into[undone - 1];
            for (int i = undone; i < n; i++) {
                sum += into[i];
                into[i] = sum;
            }
        }
    }

    private static boolean constant(long[] values, int from, int to) {
        for (int i = from + 1; i < to; i++) {
            if (values[i] != values[from]) {
                return false;
            }
        }
        return true;
    }

    private static long[] differences(long[] values, int n) {
        long[] differences = new long[n];
        for (int i = 1; i < n; i++) {
            differences[i] = values[i] - values[i - 1];
        }
        return differences;
    }

    private static long sampledBits(long[] values, int from, int to, Frame frame) {
        int blocks = (to - from + BLOCK - 1) / BLOCK;
        int taken = Math.min(SAMPLES, blocks);
        long bits = 0;
        for (int sample = 0; sample < taken; sample++) {
            int start = from + (int) ((long) sample * blocks / taken) * BLOCK;
            bits += frame.fit(values, start, Math.min(to, start + BLOCK));
        }
        return bits;
    }

    private static void write(long[] values, int from, int to, Frame frame, ByteSink out) {
        int width = frame.width;
        long base = frame.base;
        long mask = mask(width);
        out.putByte(frame.patches > 0 ? width | PATCHED : width);
        out.putZigzag(base);
        if (width == 64) {
            for (int i = from; i < to; i++) {
                out.putLong(values[i] - base);
            }
        } else if (width > 0) {
            long word = 0;
            int used = 0;
            for (int i = from; i < to; i++) {
                long low = (values[i] - base) & mask;
                word |= low << used;
                used += width;
                if (used >= 64) {
                    out.putLong(word);
                    used -= 64;
                    word = used == 0 ? 0 : low >>> (width - used);
                }
            }
            out.putLow(word, (used + 7) >>> 3);
        }
        if (frame.patches > 0) {
            out.putByte(frame.patches);
            for (int i = from; i < to; i++) {
                long high = (values[i] - base) >> width;
                if (high != 0) {
                    out.putByte(i - from);
                    out.putZigzag(high);
                }
            }
        }
    }

    private static void read(ByteSource in, long[] into, int from, int to) {
        int head = in.takeByte();
        int width = head & ~PATCHED;
        if (width > 64 || head == (64 | PATCHED)) {
            throw in.damaged("a block of width " + head);
        }
        long base = in.takeZigzag();
        if (width == 0) {
            Arrays.fill(into, from, to, base);
        } else {
            int length = ((to - from) * width + 7) >>> 3;
            int offset = in.skip(length);
            int limit = offset + length;
            if (width == 64) {
                for (int i = from; i < to; i++, offset += Long.BYTES) {
                    into[i] = in.word(offset, limit) + base;
                }
            } else {
                unpack(in, offset, limit, width, base, into, from, to);
            }
        }
        if ((head & PATCHED) != 0) {
            int patches = in.takeByte();
            for (int i = 0; i < patches; i++) {
                int position = from + in.takeByte();
                if (position >= to) {
                    throw in.damaged("a patch beyond its block");
                }
                into[position] += in.takeZigzag() << width;
            }
        }
    }

    private static void unpack(
            ByteSource in, int start, int limit, int width, long base, long[] into, int from, int to) {
        long mask = mask(width);
        int offset = start;
        long word = 0;
        int left = 0;
        for (int i = from; i < to; i++) {
            if (left >= width) {
                into[i] = (word & mask) + base;
                word >>>= width;
                left -= width;
            } else {
                long next = in.word(offset, limit);
                offset += Long.BYTES;
                into[i] = ((word | (next << left)) & mask) + base;
                word = next >>> (width - left);
                left += 64 - width;
            }
        }
    }

    private static long mask(int width) {
        return width == 64 ? -1L : (1L << width) - 1;
    }

    /** The base and width with which a block comes out smallest. */
    private static final class Frame {
        private final int[] byDistance = new int[65];
        private long base;
        private int width;
        private int patches;

        /** Fits the frame to a block that is not empty and says about how many bits the block will take. */
        long fit(long[] values, int from, int to) {
            long min = values[from];
            long max = min;
            for (int i = from + 1; i < to; i++) {
                min = Math.min(min, values[i]);
                max = Math.max(max, values[i]);
            }
            base = min;
            width = 64 - Long.numberOfLeadingZeros(max - min);
            patches = 0;
            long whole = (long) (to - from) * width;
            if (width < 2) {
                return whole + headBits();
            }
            long center = center(values, from, to);
            int near = nearest(values, from, to, center, whole);
            if (near == 64) {
                return whole + headBits();
            }
            return fitNear(values, from, to, center, near, whole);
        }

        /** Below which bits of distance from the center values are to be in the frame; 64 for all of them. */
        private int nearest(long[] values, int from, int to, long center, long whole) {
            Arrays.fill(byDistance, 0);
            for (int i = from; i < to; i++) {
                byDistance[distance(values[i], center)]++;
            }
            int best = 64;
            long least = whole;
            long outside = 0;
            for (int bits = 63; bits >= 0; bits--) {
                if (byDistance[bits + 1] > 0) {
                    outside += byDistance[bits + 1] * 16L;
                }
                // What is left out has at least one bit more than the frame, and farther ones more.
                long cost = (to - from) * (bits + 1L) + outside;
                if (outside > 0 && cost < least) {
                    least = cost;
                    best = bits;
                }
                outside += outside / 16;
            }
            return best;
        }

        private long fitNear(long[] values, int from, int to, long center, int near, long whole) {
            long min = Long.MAX_VALUE;
            long max = Long.MIN_VALUE;
            for (int i = from; i < to; i++) {
                if (distance(values[i], center) <= near) {
                    min = Math.min(min, values[i]);
                    max = Math.max(max, values[i]);
                }
            }
            if (min > max) {
                return whole + headBits();
            }
            int nearWidth = 64 - Long.numberOfLeadingZeros(max - min);
            if (nearWidth >= width) {
                return whole + headBits();
            }
            long bits = (long) (to - from) * nearWidth + 8;
            int outside = 0;
            for (int i = from; i < to; i++) {
                long high = (values[i] - min) >> nearWidth;
                if (high != 0) {
                    outside++;
                    bits += 8 + 8 * ((64 - Long.numberOfLeadingZeros((high << 1) ^ (high >> 63)) + 6) / 7);
                }
            }
            if (bits >= whole) {
                return whole + headBits();
            }
            base = min;
            width = nearWidth;
            patches = outside;
            return bits + headBits();
        }

        private long headBits() {
            return 8L + 8L * ((64 - Long.numberOfLeadingZeros((base << 1) ^ (base >> 63)) + 6) / 7);
        }

        private static int distance(long value, long center) {
            long difference = value - center;
            return 64 - Long.numberOfLeadingZeros(difference ^ (difference >> 63));
        }

        /** The median of five. */
        private static long center(long[] values, int from, int to) {
            int step = (to - from) / 5;
            long a = values[from];
            long b = values[from + step];
            long c = values[from + 2 * step];
            long d = values[from + 3 * step];
            long e = values[from + 4 * step];
            // The lesser of the two upper and the greater of the two lower are left with the fifth.
            long low = Math.max(Math.min(a, b), Math.min(c, d));
            long high = Math.min(Math.max(a, b), Math.max(c, d));
            return Math.max(Math.min(low, high), Math.min(Math.max(low, high), e));
        }
    }
}
