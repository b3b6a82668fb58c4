"""Makes golden/statistics.csv and golden/conventions.csv in ../resources: what other libraries answer.

Run with Python 3.11, scipy 1.17.1 (BSD-3-Clause), evidently 0.7.21 (Apache-2.0), nannyml 0.13.1 (Apache-2.0), pandas 2:

    python golden.py ../resources/golden

The data are made by arithmetic alone, so that GoldenData in Java makes the same; nothing of the libraries is kept but
their answers.
"""

import csv
import math
import sys
import warnings

import numpy as np
import pandas as pd
import scipy.stats as st
from scipy.spatial import distance

warnings.filterwarnings("ignore")


def steps(n, multiplier):
    """Numbers in [0, 1) that look random: multiples of a number modulo a prime; exact in doubles."""
    return np.array([((i + 1) * multiplier % 10007) / 10007 for i in range(n)])


def triangle(n, multiplier):
    return steps(n, multiplier) + steps(n, multiplier * 3 + 1)


NUMERIC = {
    # name: (reference, current)
    "uniform": (steps(200, 4321), steps(150, 7919)),
    "shifted": (triangle(400, 1234), triangle(300, 777) + 0.25),
    "wider": (triangle(500, 1234) - 1, (triangle(500, 777) - 1) * 1.5),
    "same": (triangle(300, 1234), triangle(300, 1234)),
    "tied": (np.floor(triangle(300, 1234) * 5), np.floor(triangle(200, 777) * 6)),
    "binary": (np.floor(steps(120, 4321) * 2), np.floor(steps(90, 777) * 1.5)),
    "small": (np.array([38.7, 41.5, 43.8, 44.5, 45.5, 46.0, 47.7, 58.0]), np.array([39.2, 39.3, 39.7, 41.4, 41.8, 42.9, 43.3])),
    "outlier": (triangle(1001, 1234), np.append(triangle(1000, 777), 1e6)),
    "squares": (np.arange(1, 1001) / 1000.0, (np.arange(1, 1001) / 1000.0) ** 2),
    "large": (triangle(3000, 1234) * 1e6, triangle(2000, 777) * 1.02e6),
    "far": (1.7e9 + np.floor(triangle(400, 1234) * 1e5), 1.7e9 + np.floor(triangle(350, 777) * 1.2e5)),
    "steep": (steps(600, 1234) ** 4, steps(500, 777) ** 3),
    "disjoint": (steps(100, 4321), steps(80, 777) + 2),
    "sparse": (np.floor(steps(64, 4321) * 64), np.floor(steps(64, 777) * 64)),
    "big": (triangle(10000, 1234), triangle(2500, 777) * 1.1 - 0.1),
}
LEVELS = {
    # name: counts of levels a, b, c, ... in reference and current
    "six": ([16, 18, 16, 14, 12, 12], [16, 16, 16, 16, 16, 8]),
    "moved": ([500, 300, 200], [150, 200, 150]),
    "unseen": ([600, 399, 1, 0], [500, 480, 15, 5]),
    "lost": ([900, 300, 40, 7], [700, 500, 0, 0]),
    "two": ([30, 60], [45, 45]),
    "rare": ([4000, 1000, 1, 0], [3000, 900, 0, 3]),
    "many": ([i % 7 + 1 for i in range(40)], [i % 5 + 1 for i in range(40)]),
    "one": ([50], [40]),
}


def levels(counts):
    return pd.Series([chr(97 + i // 26) + chr(97 + i % 26) for i, c in enumerate(counts) for _ in range(c)], dtype=object)


def spread(series):
    """In an order in which chunks differ a little: by multiples modulo the size."""
    n = len(series)
    by = next(k for k in range(n * 38 // 100 + 1, 2 * n + 3) if math.gcd(k, n) == 1)
    return pd.Series([series.iloc[i * by % n] for i in range(n)], dtype=series.dtype)


def put(rows, data, name, *values):
    rows.append([data, name] + [repr(float(v)) for v in values])


def statistics():
    rows = []
    for data, (r, c) in NUMERIC.items():
        put(rows, data, "ks", *st.ks_2samp(r, c, method="auto" if max(len(r), len(c)) < 1000 else "asymp"))
        put(rows, data, "wasserstein", st.wasserstein_distance(r, c))
        put(rows, data, "wasserstein-scaled", st.wasserstein_distance(r, c) / np.std(r))
        put(rows, data, "energy", st.energy_distance(r, c))
        tied = len(np.unique(np.append(r, c))) < len(r) + len(c)
        mw = "exact" if max(len(r), len(c)) < 50 and not tied else "asymptotic"
        put(rows, data, "mann-whitney", *st.mannwhitneyu(r, c, method=mw))
        put(rows, data, "mann-whitney-less", *st.mannwhitneyu(r, c, alternative="less", method=mw))
        if data != "same":
            put(rows, data, "t-test", *st.ttest_ind(r, c))
            put(rows, data, "welch", *st.ttest_ind(r, c, equal_var=False))
        ad = st.anderson_ksamp([r, c], midrank=True)
        put(rows, data, "anderson-darling", ad.statistic, ad.pvalue)
        cvm = st.cramervonmises_2samp(r, c, method="asymptotic")
        put(rows, data, "cramer-von-mises-asymptotic", cvm.statistic, cvm.pvalue)
        if not tied:
            cvm = st.cramervonmises_2samp(r, c)
            put(rows, data, "cramer-von-mises", cvm.statistic, cvm.pvalue)
        if max(len(r), len(c)) <= 20:
            cvm = st.cramervonmises_2samp(r, c, method="exact")
            put(rows, data, "cramer-von-mises-exact", cvm.statistic, cvm.pvalue)
        if st.iqr(np.append(r, c)) > 0:
            es = st.epps_singleton_2samp(r, c)
            put(rows, data, "epps-singleton", es.statistic, es.pvalue)
    for data, (r, c) in LEVELS.items():
        r, c = np.array(r), np.array(c)
        p, q = r / r.sum(), c / c.sum()
        put(rows, data, "jensen-shannon", distance.jensenshannon(p, q, base=2))
        put(rows, data, "hellinger", np.linalg.norm(np.sqrt(p) - np.sqrt(q)) / math.sqrt(2))
        put(rows, data, "tvd", np.abs(p - q).sum() / 2)
        put(rows, data, "l-infinity", np.abs(p - q).max())
        if (c > 0).all():
            put(rows, data, "kl", st.entropy(p, q))
            if (r > 0).all():
                put(rows, data, "psi", ((q - p) * np.log(q / p)).sum())
        if len(r) > 1:
            chi = st.chi2_contingency([r, c], correction=False)
            put(rows, data, "chi-square", chi.statistic, chi.pvalue)
            g = st.chi2_contingency([r, c], correction=False, lambda_="log-likelihood")
            put(rows, data, "g-test", g.statistic, g.pvalue)
            table = [[r[0], r[1:].sum()], [c[0], c[1:].sum()]]
            put(rows, data, "fisher", *st.fisher_exact(table))
            z = math.sqrt(st.chi2_contingency(table, correction=False).statistic) * (1 if p[0] > q[0] else -1)
            put(rows, data, "two-proportions", z, 2 * st.norm.sf(abs(z)))
        if (r > 0).all() and len(r) > 1:
            chi = st.chisquare(c, r * (c.sum() / r.sum()))
            put(rows, data, "fit", chi.statistic, chi.pvalue)
    return rows


def evidently():
    from evidently.legacy.calculations.stattests import registry
    from evidently.legacy.core import ColumnType

    rows = []

    def one(data, r, c, name, kind):
        try:
            test = registry.get_stattest(r, c, kind, name)
            result = test(r.copy(), c.copy(), kind, None)
            chosen = "evidently." + ("default" if name is None else name)
            rows.append([data, chosen, repr(float(result.drift_score)), repr(float(result.actual_threshold)), int(bool(result.drifted)), test.name])
        except (ValueError, TypeError):  # its exact Cramer-von Mises fails with NumPy 2
            rows.append([data, "evidently." + str(name), "error", "", "", ""])

    for data, (r, c) in NUMERIC.items():
        r, c = pd.Series(r), pd.Series(c)
        for name in ["ks", "wasserstein", "psi", "jensenshannon", "kl_div", "hellinger", "ed", "anderson", "cramer_von_mises", "es", "mannw", "t_test", None]:
            if name == "anderson" and data == "big":
                continue
            one(data, r, c, name, ColumnType.Numerical)
    for data, (r, c) in LEVELS.items():
        r, c = levels(r), levels(c)
        for name in ["psi", "jensenshannon", "kl_div", "hellinger", "chisquare", "z", "g_test", "fisher_exact", "TVD", None]:
            one(data, r, c, name, ColumnType.Categorical)
    return rows


def nannyml():
    from nannyml.chunk import DefaultChunker
    from nannyml.drift.univariate.methods import FeatureType, MethodFactory
    from nannyml.thresholds import StandardDeviationThreshold

    rows = []

    def one(data, r, c, name, kind):
        r, c = r.rename("x"), c.rename("x")
        method = MethodFactory.create(key=name, feature_type=kind, chunker=DefaultChunker(), threshold=StandardDeviationThreshold(std_lower_multiplier=None))
        method.fit(r)
        score = method.calculate(c)
        limit = method.upper_threshold_value
        rows.append([data, "nannyml." + name, repr(float(score)), "nan" if limit is None else repr(float(limit)), int(bool(method.alert(score))), name])

    for data, (r, c) in NUMERIC.items():
        r, c = spread(pd.Series(r)), pd.Series(c)
        for name in ["kolmogorov_smirnov", "jensen_shannon", "wasserstein", "hellinger"]:
            if len(r) >= 20:
                one(data, r, c, name, FeatureType.CONTINUOUS)
    for data, (r, c) in LEVELS.items():
        r, c = spread(levels(r)), levels(c)
        for name in ["chi2", "jensen_shannon", "l_infinity", "hellinger"]:
            if len(r) >= 20:
                one(data, r, c, name, FeatureType.CATEGORICAL)
    return rows


def write(path, header, rows):
    with open(path, "w", newline="") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


if __name__ == "__main__":
    folder = sys.argv[1]
    write(folder + "/statistics.csv", ["data", "statistic", "value", "p"], [row + [""] * (4 - len(row)) for row in statistics()])
    write(folder + "/conventions.csv", ["data", "convention", "score", "threshold", "drift", "test"], evidently() + nannyml())
