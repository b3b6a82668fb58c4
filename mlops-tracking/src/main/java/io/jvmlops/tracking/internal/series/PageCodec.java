package io.jvmlops.tracking.internal.series;

import io.jvmlops.api.error.StorageException;
import io.jvmlops.api.tracking.StepBlocks;
import java.util.Map;
import java.util.SortedMap;

/**
 * Codes the nodes of {@value #BLOCKS} consecutive blocks as bytes and back. A checksum (CRC-32C) finds bytes that have
 * changed.
 *
 * <p>Format 1: {@code 0x21}, the level, the page's number (a page put in another's place is found out), which of the
 * blocks are there (64 bits), then columns: counts, NaN counts, steps and timestamps of the first points, those of the
 * last, least and greatest as distances from them, values; checksum. Where all are NaN, the first point stands for
 * least and greatest. Safe for use by several threads.
 */
public final class PageCodec {
    /** How many blocks a page is for. */
    public static final int BLOCKS = 64;

    private static final String WHAT = "page of a series";
    private static final int FORMAT = 0x21;
    private static final int SHIFT = 6;

    private PageCodec() {}

    /** The page that a block is on. */
    public static long page(long block) {
        return block >> SHIFT;
    }

    static long firstBlock(long page) {
        return page << SHIFT;
    }

    /**
     * The nodes as bytes.
     *
     * @param nodes by block, one at least, all on the page
     */
    public static byte[] encode(int level, long page, SortedMap<Long, Node> nodes) {
        int n = nodes.size();
        if (n == 0 || page(nodes.firstKey()) != page || page(nodes.lastKey()) != page) {
            throw new IllegalArgumentException("page " + page + " of " + n + " nodes; expected some, all of that page");
        }
        long present = 0;
        long[] counts = new long[n];
        long[] nans = new long[n];
        long[] steps = new long[n];
        long[] stepsOff = new long[3 * n];
        long[] ats = new long[n];
        long[] atsOff = new long[3 * n];
        long[] values = new long[4 * n];
        int i = 0;
        for (Map.Entry<Long, Node> entry : nodes.entrySet()) {
            long block = entry.getKey();
            Node node = entry.getValue();
            Mark first = node.first();
            present |= 1L << (block & (BLOCKS - 1));
            counts[i] = node.count();
            nans[i] = node.nans();
            steps[i] = first.step() - StepBlocks.firstStep(level, block);
            ats[i] = first.at();
            values[i] = ValueOrder.bits(first.code());
            Mark[] others = {node.last(), node.min(), node.max()};
            for (int j = 0; j < others.length; j++) {
                Mark mark = others[j] == null ? first : others[j];
                stepsOff[j * n + i] = mark.step() - first.step();
                atsOff[j * n + i] = mark.at() - first.at();
                values[(j + 1) * n + i] = ValueOrder.bits(mark.code());
            }
            i++;
        }
        ByteSink out = new ByteSink(64 + 48 * n);
        out.putByte(FORMAT);
        out.putByte(level);
        out.putZigzag(page);
        out.putLong(present);
        LongColumn.encode(counts, n, out);
        LongColumn.encode(nans, n, out);
        LongColumn.encode(steps, n, out);
        LongColumn.encode(stepsOff, 3 * n, out);
        LongColumn.encode(ats, n, out);
        LongColumn.encode(atsOff, 3 * n, out);
        ValueColumn.encode(values, 4 * n, out);
        return out.sealed();
    }

    /**
     * The nodes of a page.
     *
     * @throws StorageException if the bytes are not those of this page
     */
    public static NodeTable decode(int level, long page, byte[] bytes) {
        ByteSource in = ByteSource.open(WHAT, FORMAT, bytes);
        int foundLevel = in.takeByte();
        long foundPage = in.takeZigzag();
        if (foundLevel != level || foundPage != page) {
            throw in.damaged("page " + foundPage + " of level " + foundLevel + " in the place of page " + page
                    + " of level " + level);
        }
        long present = in.takeLong();
        int n = Long.bitCount(present);
        if (n == 0) {
            throw in.damaged("a page without nodes");
        }
        long[] counts = decodeColumn(in, n);
        long[] nans = decodeColumn(in, n);
        long[] steps = decodeColumn(in, n);
        long[] stepsOff = decodeColumn(in, 3 * n);
        long[] ats = decodeColumn(in, n);
        long[] atsOff = decodeColumn(in, 3 * n);
        long[] values = new long[4 * n];
        ValueColumn.decode(in, values, 4 * n);
        in.close();
        NodeTable table = new NodeTable(level);
        for (int i = 0; i < n; i++, present &= present - 1) {
            long block = firstBlock(page) + Long.numberOfTrailingZeros(present);
            long step = StepBlocks.firstStep(level, block) + steps[i];
            Mark[] marks = new Mark[4];
            marks[0] = new Mark(step, ats[i], ValueOrder.encode(values[i]));
            for (int j = 0; j < 3; j++) {
                marks[j + 1] = new Mark(
                        step + stepsOff[j * n + i],
                        ats[i] + atsOff[j * n + i],
                        ValueOrder.encode(values[(j + 1) * n + i]));
            }
            for (Mark mark : marks) {
                if (StepBlocks.block(level, mark.step()) != block) {
                    throw in.damaged("a node with points of another block");
                }
            }
            if (counts[i] < 1 || nans[i] < 0 || nans[i] > counts[i]) {
                throw in.damaged("a node of " + counts[i] + " points of which " + nans[i] + " are NaN");
            }
            boolean onlyNaN = nans[i] == counts[i];
            table.merge(
                    block,
                    new Node(
                            counts[i],
                            nans[i],
                            marks[0],
                            marks[1],
                            onlyNaN ? null : marks[2],
                            onlyNaN ? null : marks[3]));
        }
        return table;
    }

    private static long[] decodeColumn(ByteSource in, int n) {
        long[] column = new long[n];
        LongColumn.decode(in, column, n);
        return column;
    }
}
