package io.jvmlops.tracking.offence;

import io.jvmlops.serving.offence.ServingOffenderImpl;

/** A module knows another, which knows it: a cycle of modules and of packages. */
public class TrackingOffender {
    ServingOffenderImpl serving;
}
