package io.jvmlops.samples.iris;

/** What the model is asked: one flower, in centimetres. The components are the model's features, by name. */
public record Flower(double sepalLength, double sepalWidth, double petalLength, double petalWidth) {
    static Flower of(double[] features) {
        return new Flower(features[0], features[1], features[2], features[3]);
    }
}
