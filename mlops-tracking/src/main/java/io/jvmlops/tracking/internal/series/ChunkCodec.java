package io.jvmlops.tracking.internal.series;

import io.jvmlops.api.error.StorageException;
import java.util.Arrays;

/**
 * Codes a run of points as bytes and back, every bit of every point, in the order they have. A checksum (CRC-32C) finds
 * bytes that have changed.
 *
 * <p>Format 1: {@code 0x11}, the number of points, steps, timestamps ({@link LongColumn} each), values
 * ({@link ValueColumn}), checksum. Safe for use by several threads.
 */
public final class ChunkCodec {
    /** The most points of a chunk: what reading one, even a forged one, can cost is 24 bytes each. */
    public static final int MAX_POINTS = 1 << 14;

    private static final String WHAT = "chunk of a series";
    private static final int FORMAT = 0x11;

    private ChunkCodec() {}

    /**
     * The points {@code from} (inclusive) to {@code to} (exclusive) as bytes.
     *
     * @throws IllegalArgumentException if they are more than {@value #MAX_POINTS}
     */
    public static byte[] encode(PointColumns points, int from, int to) {
        PointColumns.checkRange(from, to, points.size);
        int n = to - from;
        if (n > MAX_POINTS) {
            throw new IllegalArgumentException("a chunk of " + n + " points; expected at most " + MAX_POINTS);
        }
        ByteSink out = new ByteSink(32 + 5 * n);
        out.putByte(FORMAT);
        out.putVarint(n);
        if (n > 0) {
            LongColumn.encode(columnOf(points.steps, from, to), n, out);
            LongColumn.encode(columnOf(points.ats, from, to), n, out);
            ValueColumn.encode(columnOf(points.bits, from, to), n, out);
        }
        return out.sealed();
    }

    /**
     * The points of a chunk.
     *
     * @throws StorageException if the bytes are not those of a chunk
     */
    public static PointColumns decode(byte[] chunk) {
        PointColumns points = new PointColumns(0);
        decode(chunk, points);
        return points;
    }

    /**
     * Replaces what is in the columns by the points of a chunk, using their room again.
     *
     * @throws StorageException if the bytes are not those of a chunk; the columns are empty then
     */
    public static void decode(byte[] chunk, PointColumns into) {
        into.clear();
        ByteSource in = ByteSource.open(WHAT, FORMAT, chunk);
        int n = in.takeCount("points", MAX_POINTS);
        into.reserve(n);
        if (n > 0) {
            LongColumn.decode(in, into.steps, n);
            LongColumn.decode(in, into.ats, n);
            ValueColumn.decode(in, into.bits, n);
        }
        in.close();
        into.size = n;
    }

    private static long[] columnOf(long[] column, int from, int to) {
        return from == 0 ? column : Arrays.copyOfRange(column, from, to);
    }
}
