/** The small interfaces and value types that every JVMLOps module, and every host that plugs in, builds on. */
module io.jvmlops.api {
    requires static transitive org.jspecify;
    requires org.slf4j;

    exports io.jvmlops.api.artifact;
    exports io.jvmlops.api.data;
    exports io.jvmlops.api.dataset;
    exports io.jvmlops.api.error;
    exports io.jvmlops.api.lineage;
    exports io.jvmlops.api.metadata;
    exports io.jvmlops.api.model;
    exports io.jvmlops.api.monitoring;
    exports io.jvmlops.api.predict;
    exports io.jvmlops.api.registry;
    exports io.jvmlops.api.search;
    exports io.jvmlops.api.tracking;
}
