package io.jvmlops.monitoring.profile;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.monitoring.CategoricalProfile;
import io.jvmlops.api.monitoring.ColumnProfile;
import io.jvmlops.api.monitoring.Histogram;
import io.jvmlops.api.monitoring.NumericProfile;
import io.jvmlops.monitoring.profile.LevelCounter.Known;
import io.jvmlops.monitoring.profile.NumericCounter.EdgeCounter;
import java.util.List;

/** How a column is counted: what all its counters share. Immutable. */
sealed interface ColumnPlan {
    /** The most levels that a reference tells apart. */
    int MAX_LEVELS = 10_000;

    /** The most levels beside the reference's that are kept by name. */
    int MAX_UNSEEN = 256;

    ColumnCounter newCounter();

    /** Over the edges or levels of a reference. */
    static ColumnPlan like(ColumnProfile profile) {
        if (profile instanceof NumericProfile numeric) {
            return numeric.distribution() instanceof Histogram histogram
                    ? new Edged(numeric.column(), histogram.edges())
                    : new Sketched(numeric.column());
        }
        CategoricalProfile levels = (CategoricalProfile) profile;
        return new Leveled(
                levels.column(),
                Known.of(levels.levels(), levels.bound()),
                levels.unseen().limit());
    }

    /** Without a reference. */
    static ColumnPlan of(String column, DataType type) {
        return switch (type) {
            case BYTES -> new Leveled(column, Known.of(List.of(), -1L), MAX_LEVELS);
            case BOOL -> new Leveled(column, Known.of(LevelCounter.BOOLEANS, -1L), 0);
            default -> new Sketched(column);
        };
    }

    record Sketched(String column) implements ColumnPlan {
        @Override
        public NumericCounter newCounter() {
            return new NumericCounter(column, new SketchCounter());
        }
    }

    final class Edged implements ColumnPlan {
        private final String column;
        private final EdgeSearch edges;

        Edged(String column, double[] edges) {
            this.column = column;
            this.edges = new EdgeSearch(edges);
        }

        @Override
        public NumericCounter newCounter() {
            return new NumericCounter(column, new EdgeCounter(edges));
        }
    }

    record Leveled(String column, Known known, int sampleLimit) implements ColumnPlan {
        @Override
        public LevelCounter newCounter() {
            return new LevelCounter(column, known, sampleLimit);
        }
    }
}
