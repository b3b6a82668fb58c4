package io.jvmlops.serving.tribuo;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Mean and standard deviation of metrics over the folds of a trainer, so far. Thread-safe. */
final class FoldMetrics {
    private final Map<String, Moments> moments = new HashMap<>();
    private final Map<String, Integer> folds = new HashMap<>();

    /** @param fold 0 for the first */
    record Summary(int fold, Map<String, Double> metrics) {}

    private static final class Moments {
        private int count;
        private double mean;
        private double squares;

        /** Welford's method. */
        void add(double value) {
            count++;
            double before = value - mean;
            mean += before / count;
            squares += before * (value - mean);
        }
    }

    synchronized Summary add(String prefix, EvaluationMetrics fold) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        fold.overall().forEach((name, value) -> {
            Moments of = moments.computeIfAbsent(prefix + name, key -> new Moments());
            of.add(value);
            metrics.put(Texts.key(prefix + name), of.mean);
            if (of.count > 1) {
                metrics.put(Texts.key(prefix + name + "_sd"), Math.sqrt(of.squares / (of.count - 1)));
            }
        });
        return new Summary(folds.merge(prefix, 1, Integer::sum) - 1, metrics);
    }
}
