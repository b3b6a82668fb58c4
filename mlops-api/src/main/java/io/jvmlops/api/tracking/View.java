package io.jvmlops.api.tracking;

/** Which of the runs or experiments a search sees. The runs of a deleted experiment count as deleted. */
public enum View {
    ACTIVE,
    DELETED,
    ALL
}
