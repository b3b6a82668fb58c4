package io.jvmlops.serving.tribuo;

import io.jvmlops.api.data.DataType;
import io.jvmlops.api.data.Tensor;
import io.jvmlops.api.data.TensorSpec;
import io.jvmlops.api.data.Tensors;
import java.util.List;

/** What scorers wrote, as the tensors of a signature. */
record Answers(Domain domain, List<TensorSpec> specs) {
    /** @param values the numbers of a row after those of the other; not to be changed from now on */
    Tensors of(double[] values, int rows) {
        return switch (domain.kind()) {
            case CLASSIFICATION, REGRESSION ->
                Tensors.of(specs.get(0).name(), tensor(specs.get(0), values, rows, domain.width()));
            case CLUSTERING -> clusters(values, rows);
            case ANOMALY_DETECTION -> events(values, rows);
        };
    }

    private Tensors clusters(double[] values, int rows) {
        int width = domain.width();
        long[] ids = new long[rows];
        for (int r = 0; r < rows; r++) {
            ids[r] = (long) values[r * width];
        }
        Tensors.Builder answers = Tensors.builder().put(specs.get(0).name(), Tensor.transfer(ids, rows));
        for (int i = 1; i < width; i++) {
            TensorSpec spec = specs.get(i);
            answers.put(spec.name(), tensor(spec, column(values, rows, width, i), rows));
        }
        return answers.build();
    }

    private Tensors events(double[] values, int rows) {
        List<String> types = domain.outputs();
        String[] labels = new String[rows];
        double[] scores = new double[2 * rows];
        for (int r = 0; r < rows; r++) {
            labels[r] = types.get((int) values[2 * r + 1]);
            // In the order of the types: the more is expected of an event, the less of an anomaly it is.
            scores[2 * r] = values[2 * r];
            scores[2 * r + 1] = -values[2 * r];
        }
        return Tensors.builder()
                .put(specs.get(0).name(), Tensor.transfer(labels, rows))
                .put(specs.get(1).name(), tensor(specs.get(1), column(values, rows, 2, 0), rows))
                .put(specs.get(2).name(), tensor(specs.get(2), scores, rows, 2))
                .build();
    }

    private static double[] column(double[] values, int rows, int width, int column) {
        double[] picked = new double[rows];
        for (int r = 0; r < rows; r++) {
            picked[r] = values[r * width + column];
        }
        return picked;
    }

    private static Tensor tensor(TensorSpec spec, double[] values, long... shape) {
        if (spec.type() == DataType.FP64) {
            return Tensor.transfer(values, shape);
        }
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return Tensor.transfer(narrow, shape);
    }
}
