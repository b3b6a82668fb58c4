package io.jvmlops.api.offence;

import io.jvmlops.tracking.Tracking;

/** The api knows a module. */
class ApiOffender {
    Tracking tracking;
}
