package io.jvmlops.monitoring;

import io.jvmlops.monitoring.WindowState.Closed;
import io.jvmlops.monitoring.profile.WindowProfile;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The latest closed windows, one by one and put together. They lie in blocks of about the root of their number, each of which knows
 * what its windows are together: after a window has closed, only the blocks are merged, not all windows. As merging is exact, the
 * result has the same bytes. Not thread-safe.
 */
final class RollingWindows {
    private final int most;
    private final int blockLength;
    private final BinaryOperator<WindowProfile> merge;
    private final Deque<Block> blocks = new ArrayDeque<>();
    private int size;
    private @Nullable WindowProfile all;

    /** @param most windows that are kept, from 0 */
    RollingWindows(int most) {
        this(most, WindowProfile::merge);
    }

    /** @param merge of two, for tests that count */
    RollingWindows(int most, BinaryOperator<WindowProfile> merge) {
        this.most = most;
        this.blockLength = (int) Math.ceil(Math.sqrt(most));
        this.merge = merge;
    }

    private static final class Block {
        private final Deque<Closed> windows = new ArrayDeque<>();
        /** Null if it has to be put together anew. */
        private @Nullable WindowProfile all;
    }

    /** Adds the latest; the oldest goes if there are too many. */
    void add(Closed window) {
        if (most == 0) {
            return;
        }
        Block last = blocks.peekLast();
        if (last == null || last.windows.size() == blockLength) {
            last = new Block();
            blocks.addLast(last);
        }
        if (last.all != null) {
            last.all = merge.apply(last.all, window.profile());
        }
        last.windows.addLast(window);
        all = null;
        if (++size > most) {
            removeFirst();
        }
    }

    private void removeFirst() {
        Block first = blocks.getFirst();
        first.windows.removeFirst();
        first.all = null;
        if (first.windows.isEmpty()) {
            blocks.removeFirst();
        }
        size--;
    }

    /** What was counted in all of them; null if there are none. */
    @Nullable
    WindowProfile together() {
        if (all == null) {
            for (Block block : blocks) {
                if (block.all == null) {
                    for (Closed window : block.windows) {
                        block.all = plus(block.all, window.profile());
                    }
                }
                if (block.all != null) {
                    all = plus(all, block.all);
                }
            }
        }
        return all;
    }

    private WindowProfile plus(@Nullable WindowProfile sum, WindowProfile next) {
        return sum == null ? next : merge.apply(sum, next);
    }

    /** The oldest first. */
    List<Closed> list() {
        List<Closed> list = new ArrayList<>(size);
        for (Block block : blocks) {
            list.addAll(block.windows);
        }
        return list;
    }
}
