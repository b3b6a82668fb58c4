"""Times River's detectors: detector_peer.py NAME VALUES. Says nanoseconds a value and the number of drifts."""

import sys
import time

from river import drift
from river.drift import binary

KINDS = {
    "adwin": (drift.ADWIN, False),
    "page-hinkley": (drift.PageHinkley, False),
    "kswin": (lambda: drift.KSWIN(seed=0), False),
    "ddm": (binary.DDM, True),
    "eddm": (binary.EDDM, True),
    "hddm-a": (binary.HDDMA, True),
    "hddm-w": (binary.HDDMW, True),
}


def stream(length, errors):
    state = 42
    values = []
    for _ in range(length):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        uniform = (state >> 11) * 2.0**-53
        values.append((1.0 if uniform < 0.2 else 0.0) if errors else uniform)
    return values


def main(name, length):
    make, errors = KINDS[name]
    values = stream(length, errors)

    detector = make()
    drifts = 0
    for x in values:
        detector.update(x)
        drifts += detector.drift_detected

    detector = make()
    update = detector.update
    begin = time.perf_counter_ns()
    for x in values:
        update(x)
    print("nanos", (time.perf_counter_ns() - begin) / length)
    print("drifts", drifts)


main(sys.argv[1], int(sys.argv[2]))
