package io.jvmlops.tracking.offence.internal;

/** Nobody outside its module may use it. */
public class Hidden {}
