package io.jvmlops.spring;

/** A row of the Iris data, in centimetres. */
public record Flower(float sepalLength, float sepalWidth, float petalLength, float petalWidth) {}
