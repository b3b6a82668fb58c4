package io.jvmlops.api.lineage;

/**
 * How a thing depends on another, which was there before. In the words of W3C's provenance ontology (PROV-O) where it has
 * one that means this, else in Dublin Core's, else in ours.
 */
public enum LineageRelation {
    /** A run has read a dataset version. PROV-O. */
    USED("used"),
    /** An artifact or a model version was made by a run. PROV-O. */
    WAS_GENERATED_BY("wasGeneratedBy"),
    /** A model version was trained on a dataset version; a dataset version is an artifact, or was read from it. PROV-O. */
    WAS_DERIVED_FROM("wasDerivedFrom"),
    /** A model version consists of artifacts. PROV-O. */
    HAD_MEMBER("hadMember"),
    /** A dataset version has the same content as another of another name. PROV-O; holds both ways. */
    ALTERNATE_OF("alternateOf"),
    /** A run is part of another. Dublin Core. */
    IS_PART_OF("isPartOf"),
    /** A move has pointed an alias at a model version. Ours. */
    POINTED_AT("pointedAt"),
    /** A move has taken an alias away from a model version. Ours. */
    REPLACED("replaced");

    private final String term;

    LineageRelation(String term) {
        this.term = term;
    }

    /** The word for it, the same for good. */
    public String term() {
        return term;
    }
}
