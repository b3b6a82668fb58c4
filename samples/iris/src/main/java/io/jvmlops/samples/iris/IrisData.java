package io.jvmlops.samples.iris;

import io.jvmlops.api.artifact.Digest;
import io.jvmlops.api.data.RecordCodec;
import io.jvmlops.api.dataset.DatasetVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/** The 150 flowers, split the same way every time. */
record IrisData(List<Labelled> train, List<Labelled> test, DatasetVersion version) {
    static final List<String> FEATURES = RecordCodec.of(Flower.class).schema().names();

    /** The classes, in the order of their indices. */
    static final List<String> SPECIES = List.of("setosa", "versicolor", "virginica");

    private static final long SEED = 42;
    private static final double TRAIN_SHARE = 0.7;

    record Labelled(Flower flower, String species) {}

    static IrisData load() {
        byte[] csv;
        try (InputStream in = IrisData.class.getResourceAsStream("/iris.csv")) {
            if (in == null) {
                throw new IllegalStateException("iris.csv is not in the jar");
            }
            csv = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Labelled> rows = new ArrayList<>();
        List<String> lines =
                new String(csv, StandardCharsets.UTF_8).lines().skip(1).toList();
        for (String line : lines) {
            String[] cells = line.split(",", -1);
            double[] features = new double[FEATURES.size()];
            for (int i = 0; i < features.length; i++) {
                features[i] = Double.parseDouble(cells[i]);
            }
            rows.add(new Labelled(Flower.of(features), cells[features.length]));
        }
        Collections.shuffle(rows, new Random(SEED));
        // As many of each species on either side, so that what is tested is distributed as what was learned from.
        List<Labelled> train = new ArrayList<>();
        List<Labelled> test = new ArrayList<>();
        for (String species : SPECIES) {
            List<Labelled> own =
                    rows.stream().filter(r -> r.species().equals(species)).toList();
            int split = (int) Math.round(own.size() * TRAIN_SHARE);
            train.addAll(own.subList(0, split));
            test.addAll(own.subList(split, own.size()));
        }
        return new IrisData(
                List.copyOf(train),
                List.copyOf(test),
                new DatasetVersion("iris", Digest.of(csv), "iris.csv within the sample's jar, seed " + SEED));
    }

    /** Sample standard deviation over the training rows. */
    double standardDeviation(ToDoubleFunction<Flower> feature) {
        double mean = train.stream()
                .mapToDouble(r -> feature.applyAsDouble(r.flower()))
                .average()
                .orElseThrow();
        double squares = train.stream()
                .mapToDouble(r -> Math.pow(feature.applyAsDouble(r.flower()) - mean, 2))
                .sum();
        return Math.sqrt(squares / (train.size() - 1));
    }
}
