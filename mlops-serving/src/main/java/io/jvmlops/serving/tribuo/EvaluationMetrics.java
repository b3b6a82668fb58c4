package io.jvmlops.serving.tribuo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.tribuo.Output;
import org.tribuo.classification.Label;
import org.tribuo.evaluation.Evaluation;
import org.tribuo.evaluation.metrics.EvaluationMetric.Average;
import org.tribuo.evaluation.metrics.MetricID;
import org.tribuo.evaluation.metrics.MetricTarget;
import org.tribuo.regression.Regressor;

/**
 * The metrics of an evaluation by name, whatever kind it is; see {@link TribuoRun} for the names.
 *
 * @param overall of the model as a whole
 * @param byOutput of one class, dimension or the like: {@code f1/setosa}
 */
record EvaluationMetrics(Map<String, Double> overall, Map<String, Double> byOutput) {
    /** With more outputs than that, only what is said of all of them is logged. */
    static final int MAX_OUTPUTS = 100;

    private static final String ACCURACY = "accuracy";

    static EvaluationMetrics of(Evaluation<?> evaluation) {
        Map<String, List<Value>> byMetric = new TreeMap<>();
        collect(evaluation, byMetric);
        Map<String, Double> overall = new TreeMap<>();
        Map<String, Double> byOutput = new TreeMap<>();
        byMetric.forEach((metric, values) -> {
            List<Value> outputs = values.stream().filter(v -> v.average == null).toList();
            List<Value> averages =
                    values.stream().filter(v -> v.average != null).toList();
            for (Value value : averages) {
                boolean usual = averages.size() == 1 || metric.equals(ACCURACY) && value.average == Average.MICRO;
                String name = usual ? metric : metric + "_" + lower(String.valueOf(value.average));
                overall.put(Texts.key(name), value.value);
            }
            if (outputs.size() == 1) {
                // Of the only one there is, so it says the same as the average.
                if (averages.isEmpty()) {
                    overall.put(Texts.key(metric), outputs.get(0).value);
                }
            } else if (outputs.size() <= MAX_OUTPUTS) {
                outputs.forEach(value -> byOutput.put(Texts.key(metric + "/" + value.output), value.value));
            }
        });
        return new EvaluationMetrics(overall, byOutput);
    }

    /** All of them, the prefix before each name. */
    Map<String, Double> named(String prefix) {
        Map<String, Double> all = new LinkedHashMap<>();
        overall.forEach((name, value) -> all.put(Texts.key(prefix + name), value));
        byOutput.forEach((name, value) -> all.put(Texts.key(prefix + name), value));
        return all;
    }

    private static <T extends Output<T>> void collect(Evaluation<T> evaluation, Map<String, List<Value>> to) {
        for (Map.Entry<MetricID<T>, Double> metric : evaluation.asMap().entrySet()) {
            MetricTarget<T> target = metric.getKey().getA();
            to.computeIfAbsent(lower(metric.getKey().getB()), name -> new ArrayList<>())
                    .add(new Value(
                            target.getAverageTarget().orElse(null),
                            target.getOutputTarget()
                                    .map(EvaluationMetrics::name)
                                    .orElse(""),
                            metric.getValue()));
        }
    }

    private static String name(Output<?> output) {
        // By name, since the class of the other kind may be absent.
        String type = output.getClass().getName();
        if (type.equals("org.tribuo.classification.Label")) {
            return ((Label) output).getLabel();
        }
        if (type.startsWith("org.tribuo.regression.Regressor")) {
            return ((Regressor) output).getDimensionNamesString();
        }
        return output.toString();
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    private record Value(@Nullable Average average, String output, double value) {}
}
