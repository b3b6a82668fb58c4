package io.jvmlops.monitoring.detector;

/** Which changes of the mean a detector tells of. */
public enum Direction {
    /** Increases only. */
    UP,
    /** Decreases only. */
    DOWN,
    /** Both, each tested as if it were alone. */
    BOTH;

    boolean up() {
        return this != DOWN;
    }

    boolean down() {
        return this != UP;
    }
}
