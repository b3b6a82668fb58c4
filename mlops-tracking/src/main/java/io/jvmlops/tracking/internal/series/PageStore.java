package io.jvmlops.tracking.internal.series;

import org.jspecify.annotations.Nullable;

/**
 * The pages of one series, as a {@link Pyramid} needs them: within the caller's transaction, which makes an update all
 * or nothing. What the methods throw goes to whoever called the pyramid.
 */
public interface PageStore {
    /** The bytes of a page; null if there is none. */
    byte @Nullable [] read(int level, long page);

    /** Writes a page, in the place of what was there. */
    void write(int level, long page, byte[] bytes);

    /** Hands over the pages of a level from {@code firstPage} to {@code lastPage}, both inclusive, in any order. */
    void forEach(int level, long firstPage, long lastPage, PageConsumer consumer);

    /** Deletes all pages of a level and says how many bytes they had together. */
    long deleteLevel(int level);

    /** Takes pages. */
    interface PageConsumer {
        void accept(long page, byte[] bytes);
    }
}
