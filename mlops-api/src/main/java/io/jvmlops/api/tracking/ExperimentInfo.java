package io.jvmlops.api.tracking;

import java.time.Instant;

/** An experiment as stored. */
public record ExperimentInfo(String id, String name, Instant createdAt) {}
