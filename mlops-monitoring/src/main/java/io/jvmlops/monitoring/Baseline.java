package io.jvmlops.monitoring;

/**
 * What a window is compared with. Immutable.
 *
 * <p>A fixed reference finds slow drift, and alarms for as long as it lasts. A previous or rolling window finds sudden changes and
 * forgets them: what drifts slowly enough is never found.
 *
 * @param windows closed windows that are put together, 0 for the reference
 */
public record Baseline(int windows) {
    private static final int MAX_WINDOWS = 1000;

    /** @throws IllegalArgumentException if there are more than 1,000 windows, or less than none */
    public Baseline {
        if (windows < 0 || windows > MAX_WINDOWS) {
            throw new IllegalArgumentException(
                    "a baseline of " + windows + " windows: expected 0 (the reference) to " + MAX_WINDOWS);
        }
    }

    /** The reference, always: the default. */
    public static Baseline fixed() {
        return new Baseline(0);
    }

    /** The window that closed last; the reference until one has. */
    public static Baseline previous() {
        return new Baseline(1);
    }

    /**
     * The last so many closed windows together; as many as have closed until there are so many, and the reference until one has.
     *
     * @throws IllegalArgumentException if that is less than 1, or more than 1,000
     */
    public static Baseline rolling(int windows) {
        if (windows < 1) {
            throw new IllegalArgumentException("a rolling baseline of " + windows + " windows: expected 1 or more");
        }
        return new Baseline(windows);
    }
}
