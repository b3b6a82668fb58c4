package io.jvmlops.serving.tribuo;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.tribuo.Model;
import org.tribuo.Output;
import org.tribuo.Prediction;
import org.tribuo.anomaly.Event;
import org.tribuo.classification.Label;
import org.tribuo.clustering.ClusterID;
import org.tribuo.regression.Regressor;

/** Any model of Tribuo's, asked in Tribuo's own way. */
final class ExampleScorer<T extends Output<T>> implements Scorer {
    private final Model<T> model;
    private final T anyOutput;
    private final Domain domain;
    /** The names of features in the order of the alphabet, which Tribuo's examples keep, and where each lies in a row. */
    private final String[] names;

    private final int[] positions;
    private final String[] sortedOutputs;
    private final int[] outputPositions;

    ExampleScorer(Model<T> model, Domain domain) {
        this.model = model;
        this.anyOutput = model.getOutputIDInfo().getOutput(0);
        this.domain = domain;
        this.positions = order(domain.features());
        this.names = Arrays.stream(positions).mapToObj(domain.features()::get).toArray(String[]::new);
        this.outputPositions = order(domain.outputs());
        this.sortedOutputs =
                Arrays.stream(outputPositions).mapToObj(domain.outputs()::get).toArray(String[]::new);
    }

    private static int[] order(List<String> names) {
        Integer[] order = new Integer[names.size()];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparing(names::get));
        return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    }

    @Override
    public void score(double[] row, double[] scores) {
        Prediction<T> prediction = model.predict(new RowExample<>(anyOutput, names, positions, row));
        switch (domain.kind()) {
            case CLASSIFICATION -> readLabels(prediction, scores);
            case REGRESSION -> readDimensions((Regressor) prediction.getOutput(), scores);
            case CLUSTERING -> {
                ClusterID cluster = (ClusterID) prediction.getOutput();
                scores[0] = cluster.getID();
                if (scores.length > 1) {
                    scores[1] = cluster.getScore();
                }
            }
            case ANOMALY_DETECTION -> {
                Event event = (Event) prediction.getOutput();
                scores[0] = event.getScore();
                scores[1] = event.getType() == Event.EventType.ANOMALOUS ? 1 : 0;
            }
        }
    }

    private void readLabels(Prediction<T> prediction, double[] scores) {
        Map<String, T> byLabel = prediction.getOutputScores();
        List<String> labels = domain.outputs();
        int i = 0;
        // Usually in the order of ids, so that nothing has to be looked up.
        for (T score : byLabel.values()) {
            Label label = (Label) score;
            if (i == labels.size() || !label.getLabel().equals(labels.get(i))) {
                i = -1;
                break;
            }
            scores[i++] = label.getScore();
        }
        if (i == labels.size()) {
            return;
        }
        for (int j = 0; j < scores.length; j++) {
            Label label = (Label) byLabel.get(labels.get(j));
            // A class that the model has no score for, it does not believe in.
            scores[j] = label == null ? 0 : label.getScore();
        }
        if (byLabel.isEmpty()) {
            Label only = (Label) prediction.getOutput();
            int position = labels.indexOf(only.getLabel());
            if (position >= 0) {
                scores[position] = Double.isNaN(only.getScore()) ? 1 : only.getScore();
            }
        }
    }

    private void readDimensions(Regressor regressor, double[] scores) {
        String[] dimensions = regressor.getNames();
        // A regressor keeps its dimensions in the order of the alphabet.
        if (!Arrays.equals(dimensions, sortedOutputs)) {
            throw new IllegalStateException(
                    "the model gave other dimensions than it has: " + Arrays.toString(dimensions));
        }
        double[] values = regressor.getValues();
        for (int i = 0; i < values.length; i++) {
            scores[outputPositions[i]] = values[i];
        }
    }
}
