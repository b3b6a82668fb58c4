package io.jvmlops.api.predict;

/** The number that a model estimated. */
public record Regression(double value) {}
