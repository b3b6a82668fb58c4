package io.jvmlops.serving.cache;

/**
 * The judges of one version, by how many rows a call has: where a lookup takes less than a single prediction, it may well take
 * more than a row of a large batch.
 */
final class Judges {
    /** Rows in a call, from which each begins. */
    private static final int[] FROM = {1, 2, 16, 128};

    private final Judge[] judges = new Judge[FROM.length];

    /** @param allowed whether answers may be kept at all */
    Judges(boolean allowed) {
        for (int i = 0; i < judges.length; i++) {
            judges[i] = new Judge();
        }
        if (!allowed) {
            refuse();
        }
    }

    Judge of(int rows) {
        if (rows <= 1) {
            return judges[0];
        }
        return rows < FROM[2] ? judges[1] : rows < FROM[3] ? judges[2] : judges[3];
    }

    /** For good: the model's answers are not to be kept. */
    void refuse() {
        for (Judge judge : judges) {
            judge.refuse();
        }
    }
}
