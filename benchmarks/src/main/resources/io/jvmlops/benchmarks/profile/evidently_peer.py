"""Times Evidently: evidently_peer.py REFERENCE CURRENT. Says seconds to read the current table, milliseconds from both
tables in memory to the report, and the number of columns that drifted."""

import sys
import time

import pandas
from evidently import Report
from evidently.presets import DataDriftPreset


def main(reference_file, current_file):
    reference = pandas.read_csv(reference_file)
    begin = time.perf_counter()
    current = pandas.read_csv(current_file)
    print("profiling", time.perf_counter() - begin)

    begin = time.perf_counter()
    report = Report([DataDriftPreset()]).run(current, reference).dict()
    print("verdict", (time.perf_counter() - begin) * 1e3)
    print("drifted", drifted(report))


def drifted(report):
    for metric in report["metrics"]:
        if metric["metric_name"].startswith("DriftedColumnsCount"):
            return metric["value"]["count"]
    raise SystemExit("no metric DriftedColumnsCount in " + str(report)[:1000])


main(sys.argv[1], sys.argv[2])
