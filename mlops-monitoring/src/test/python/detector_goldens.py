"""Makes the indices that DetectorGoldenTest expects. Run by hand, not by the build:

    pip install river==0.26.1 frouros==0.9.0
    python detector_goldens.py ../resources/io/jvmlops/monitoring/detector

River 0.26.1 (BSD-3-Clause) judges all but CUSUM and STEPD, which it does not have: those are stated here a second time, plainly,
from the texts that the Java classes name. KS differences and p-values are scipy's. Streams are made without Python's generators,
so that the test makes the same ones. A detector that has told of a drift starts anew with the next value.
"""

import math
import statistics
import sys
from pathlib import Path


class Lcg:
    """Knuth's MMIX generator; the upper 53 bits as a number below 1."""

    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 11) * 2.0**-53

    def normal(self):
        """Twelve uniforms less six: near enough, and without a logarithm that differs in its last digit."""
        total = 0.0
        for _ in range(12):
            total += self.uniform()
        return total - 6.0


def numbers():
    r = Lcg(1)
    yield "uniform, stable", [r.uniform() for _ in range(6000)]
    r = Lcg(2)
    yield "uniform, up a half", [r.uniform() + (0.5 if i >= 1500 else 0.0) for i in range(3000)]
    r = Lcg(3)
    yield "normal, up 1", [r.normal() + (1.0 if i >= 2000 else 0.0) for i in range(4000)]
    r = Lcg(4)
    yield "normal, up a quarter", [r.normal() + (0.25 if i >= 2000 else 0.0) for i in range(6000)]
    r = Lcg(5)
    yield "normal, down 2", [r.normal() - (2.0 if i >= 1000 else 0.0) for i in range(2000)]
    r = Lcg(6)
    yield "normal, three times as wide", [r.normal() * (3.0 if i >= 1000 else 1.0) for i in range(3000)]
    r = Lcg(7)
    yield "uniform on a ramp", [r.uniform() + i * 0.001 for i in range(3000)]
    r = Lcg(8)
    levels = [0.0, 3.0, 1.0, 5.0, -2.0]
    yield "normal, five levels", [r.normal() + levels[i // 700] for i in range(3500)]
    r = Lcg(9)
    yield "normal, millions", [1000000.0 * (r.normal() + (2.0 if i >= 1200 else 0.0)) for i in range(2400)]
    r = Lcg(10)
    yield "normal, millionths", [0.000001 * (r.normal() + (2.0 if i >= 1200 else 0.0)) for i in range(2400)]
    r = Lcg(11)
    yield "normal, one outlier", [1e9 if i == 1000 else r.normal() for i in range(3000)]
    yield "golden row 67", [float(i % 2) + (3.0 if i >= 1000 else 0.0) for i in range(2000)]
    yield "sawtooth", [(i % 100) / 10.0 for i in range(4000)]
    yield "constant", [7.25 for _ in range(3000)]
    yield "constant, one step", [1.0 if i >= 1000 else 0.0 for i in range(2000)]


def errors():
    def coins(seed, n, rate):
        r = Lcg(seed)
        return [1.0 if r.uniform() < rate(i) else 0.0 for i in range(n)]

    yield "rate 0.3", coins(21, 8000, lambda i: 0.3)
    yield "rate 0.05 to 0.2", coins(22, 4000, lambda i: 0.2 if i >= 2000 else 0.05)
    yield "rate 0.2 to 0.4", coins(23, 4000, lambda i: 0.4 if i >= 2000 else 0.2)
    yield "rate 0.5 to 0.3", coins(24, 4000, lambda i: 0.3 if i >= 2000 else 0.5)
    yield "rate 0.01 to 0.05", coins(25, 8000, lambda i: 0.05 if i >= 4000 else 0.01)
    yield "rate 0.1 rising to 0.6", coins(26, 5000, lambda i: 0.1 + i * 0.0001)
    yield "rate 0.4 to 0.1 to 0.4", coins(27, 6000, lambda i: 0.1 if 2000 <= i < 4000 else 0.4)
    yield "every other", [float(i % 2) for i in range(2000)]
    yield "every tenth, then every third", [float(i % (10 if i < 1500 else 3) == 0) for i in range(3000)]
    yield "none, then every fifth", [float(i >= 1000 and i % 5 == 0) for i in range(2000)]
    yield "all", [1.0 for _ in range(1000)]


def losses():
    r = Lcg(31)
    yield "loss, up a half", [0.3 * r.uniform() + (0.5 if i >= 1000 else 0.0) for i in range(2000)]
    r = Lcg(32)
    yield "loss, down a quarter", [0.5 * r.uniform() + (0.0 if i >= 1500 else 0.25) for i in range(3000)]


class Cusum:
    """The tabular chart of Montgomery's textbook, with the reference of the first values; the last of them counts already."""

    warning_detected = False

    def __init__(self, min_instances=30, slack=0.5, threshold=5.0, up=True, down=True):
        self.options = (min_instances, slack, threshold, up, down)
        self.seen = []
        self.drift_detected = False

    def update(self, x):
        warm, slack, threshold, up, down = self.options
        if self.drift_detected:
            self.seen = []
            self.drift_detected = False
        self.seen.append(x)
        if len(self.seen) < warm:
            return
        if len(self.seen) == warm:
            self.mean = statistics.fmean(self.seen)
            self.sigma = statistics.stdev(self.seen)
            self.high = self.low = 0.0
        self.high = max(0.0, self.high + (x - self.mean) - slack * self.sigma)
        self.low = max(0.0, self.low + (self.mean - x) - slack * self.sigma)
        limit = threshold * self.sigma
        self.drift_detected = up and self.high > limit or down and self.low > limit


class Stepd:
    """Nishida and Yamauchi's statistic over lists; a difference below the continuity correction counts as none."""

    def __init__(self, window=30, drift=0.003, warning=0.05, up=True, down=True):
        self.options = (window, drift, warning, up, down)
        self.seen = []
        self.drift_detected = self.warning_detected = False

    def update(self, x):
        window, drift, warning, up, down = self.options
        if self.drift_detected:
            self.seen = []
        self.seen.append(x)
        self.drift_detected = self.warning_detected = False
        n = len(self.seen)
        total = sum(self.seen)
        if n < 2 * window or total in (0, n):
            return
        recent = sum(self.seen[-window:]) / window
        older = sum(self.seen[:-window]) / (n - window)
        if recent > older and not up or recent < older and not down:
            return
        sizes = 1 / window + 1 / (n - window)
        rate = total / n
        z = max(0.0, abs(recent - older) - sizes / 2) / math.sqrt(rate * (1 - rate) * sizes)
        p = statistics.NormalDist().cdf(-z)
        self.drift_detected = p < drift
        self.warning_detected = drift <= p < warning


def runs(indices):
    """5 6 7 9 as 5-7 9."""
    out = []
    for i in indices:
        if out and out[-1][1] == i - 1:
            out[-1][1] = i
        else:
            out.append([i, i])
    return " ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in out)


def judged(detector, stream):
    drifts, warnings = [], []
    for i, x in enumerate(stream):
        detector.update(x)
        if detector.drift_detected:
            drifts.append(i)
        elif getattr(detector, "warning_detected", False):
            warnings.append(i)
    return drifts, warnings


def detectors():
    """Kind of stream, name and options as the test reads them, and how to make one."""
    from river import drift
    from river.drift import binary

    n, e, h = ("numbers", "errors"), ("errors",), ("errors", "losses")
    yield n, "adwin", lambda: drift.ADWIN()
    yield n, "adwin delta=0.05 clock=1 maxBuckets=3 minWindow=2 gracePeriod=0", lambda: drift.ADWIN(
        delta=0.05, clock=1, max_buckets=3, min_window_length=2, grace_period=0
    )
    yield n, "adwin delta=0.2 clock=10 maxBuckets=20 minWindow=10 gracePeriod=50", lambda: drift.ADWIN(
        delta=0.2, clock=10, max_buckets=20, min_window_length=10, grace_period=50
    )
    yield n, "page-hinkley", lambda: drift.PageHinkley()
    for mode in "up", "down", "both":
        yield n, f"page-hinkley minInstances=10 delta=0.1 threshold=8.0 alpha=0.99 direction={mode}", (
            lambda mode=mode: drift.PageHinkley(min_instances=10, delta=0.1, threshold=8.0, alpha=0.99, mode=mode)
        )
    yield n, "cusum", lambda: Cusum()
    for mode in "up", "down":
        yield n, f"cusum minInstances=100 slack=0.25 threshold=12.0 direction={mode}", (
            lambda mode=mode: Cusum(100, 0.25, 12.0, mode == "up", mode == "down")
        )
    yield e, "ddm", lambda: binary.DDM()
    yield e, "ddm warmUp=50 warningThreshold=1.5 driftThreshold=2.5", lambda: binary.DDM(50, 1.5, 2.5)
    yield e, "eddm", lambda: binary.EDDM()
    yield e, "eddm warmUp=15 alpha=0.9 beta=0.8", lambda: binary.EDDM(15, 0.9, 0.8)
    yield h, "hddm-a", lambda: binary.HDDMA()
    yield h, "hddm-a driftConfidence=0.01 warningConfidence=0.05 direction=both", lambda: binary.HDDMA(
        0.01, 0.05, True
    )
    yield h, "hddm-w", lambda: binary.HDDMW()
    yield h, "hddm-w driftConfidence=0.01 warningConfidence=0.05 lambda=0.02 direction=both", lambda: binary.HDDMW(
        0.01, 0.05, 0.02, True
    )
    yield e, "stepd", lambda: Stepd()
    yield e, "stepd windowSize=100 driftLevel=0.001 warningLevel=0.01 direction=up", lambda: Stepd(
        100, 0.001, 0.01, True, False
    )


def frouros_agrees():
    """Frouros on the streams whose rates are far from 0 and 1, where the correction never exceeds what counts."""
    from frouros.detectors.concept_drift import STEPD, STEPDConfig

    for name, stream in errors():
        if not name.startswith("rate 0.") or "0.01" in name or "0.05" in name:
            continue
        ours = judged(Stepd(), stream)
        theirs = STEPD(config=STEPDConfig())
        drifts, warnings = [], []
        for i, x in enumerate(stream):
            theirs.update(value=1 - int(x))
            if theirs.status["drift"]:
                drifts.append(i)
                theirs.reset()
            elif theirs.warning:
                warnings.append(i)
        print("STEPD as Frouros:", name, (drifts, warnings) == ours, file=sys.stderr)


def samples():
    """Pairs of samples of the same size; every other pair has ties."""
    from scipy.stats import ks_2samp

    for case in range(60):
        r = Lcg(1000 + case)
        n = [5, 12, 30, 30, 100, 250][case % 6]
        shift = (case % 5) * 0.15
        pair = [[r.uniform() + side * shift for _ in range(n)] for side in (0, 1)]
        if case % 2:
            pair = [[math.floor(x * 10.0) for x in side] for side in pair]
        result = ks_2samp(pair[0], pair[1], method="exact")
        yield f"{case};{n};{round(result.statistic * n)};{float(result.pvalue)!r}"


def main(folder):
    import river
    import scipy

    assert river.__version__ == "0.26.1", river.__version__
    kinds = {"numbers": list(numbers()), "errors": list(errors()), "losses": list(losses())}
    lines = [f"# River {river.__version__}; made by detector_goldens.py", "# detector;stream;drifts;warnings"]
    for streams, name, make in detectors():
        for kind in streams:
            for title, stream in kinds[kind]:
                drifts, warnings = judged(make(), stream)
                lines.append(f"{name};{title};{runs(drifts)};{runs(warnings)}")
    (folder / "indices.csv").write_text("\n".join(lines) + "\n")
    lines = [f"# scipy {scipy.__version__}; made by detector_goldens.py", "# case;n;n * D;p"]
    (folder / "ks.csv").write_text("\n".join(lines + list(samples())) + "\n")
    try:
        frouros_agrees()
    except ImportError:
        print("without Frouros STEPD is not compared", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
