"""The peer of the tracking studies: MLflow's own store on SQLite. Prints lines of a name and a number.

python3 mlflow_peer.py ingest FOLDER POINTS THREADS   log_batch of 1,000 points through the store
python3 mlflow_peer.py fill-history FOLDER POINTS     one series, inserted past the store, as MLflow would store it
python3 mlflow_peer.py history FOLDER BUCKETS CALLS   the sampled history of that series through the store
python3 mlflow_peer.py fill-runs FOLDER RUNS          runs with 4 params and 3 metrics each, inserted past the store
python3 mlflow_peer.py search FOLDER CALLS            top 100 by a metric with a param filter through the store
"""
import logging
import os
import random
import sqlite3
import sys
import threading
import time

logging.disable(logging.WARNING)

from mlflow.entities import Metric, ViewType  # noqa: E402
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore  # noqa: E402


def open_store(folder):
    os.makedirs(folder, exist_ok=True)
    return SqlAlchemyStore("sqlite:///" + os.path.join(folder, "mlflow.db"), os.path.join(folder, "artifacts"))


def database(folder):
    connection = sqlite3.connect(os.path.join(folder, "mlflow.db"))
    # Filling is not what is measured.
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -200000")
    return connection


def loss(step, noise):
    return 1 / (1 + step) ** 0.5 * noise.lognormvariate(0, 0.1)


def ingest(folder, points, threads):
    store = open_store(folder)
    experiment = store.create_experiment("ingest")
    runs = [store.create_run(experiment, "user", 0, [], "run %d" % i).info.run_id for i in range(threads)]
    before = os.path.getsize(os.path.join(folder, "mlflow.db"))
    share = points // threads
    failures = []

    def produce(run, seed):
        noise = random.Random(seed)
        stamp = 1_772_000_000_000
        try:
            for first in range(0, share, 1000):
                batch = [
                    Metric("loss", loss(step, noise), stamp + step * 3, step)
                    for step in range(first, min(share, first + 1000))
                ]
                store.log_batch(run, batch, [], [])
        except Exception as e:
            failures.append(e)

    workers = [threading.Thread(target=produce, args=(run, i)) for i, run in enumerate(runs)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - start
    if failures:
        raise failures[0]
    connection = database(folder)
    stored = connection.execute("SELECT count(*) FROM metrics").fetchone()[0]
    if stored != share * threads:
        raise RuntimeError("stored %d points, expected %d" % (stored, share * threads))
    print("points_per_second", stored / seconds)
    print("bytes_per_point", (os.path.getsize(os.path.join(folder, "mlflow.db")) - before) / stored)


def fill_history(folder, points):
    store = open_store(folder)
    run = store.create_run(store.create_experiment("history"), "user", 0, [], "long").info.run_id
    noise = random.Random(1)
    connection = database(folder)
    before = os.path.getsize(os.path.join(folder, "mlflow.db"))
    connection.executemany(
        "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES ('loss', ?, ?, ?, ?, 0)",
        ((loss(step, noise), 1_772_000_000_000 + step * 3, run, step) for step in range(points)),
    )
    connection.execute(
        "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES ('loss', 0, 0, ?, 0, ?)",
        (points - 1, run),
    )
    connection.commit()
    connection.close()
    print("bytes_per_point", (os.path.getsize(os.path.join(folder, "mlflow.db")) - before) / points)


def history(folder, buckets, calls):
    store = open_store(folder)
    run = database(folder).execute("SELECT run_uuid FROM runs").fetchone()[0]
    for _ in range(calls):
        start = time.perf_counter()
        got = store.get_metric_history_bulk_interval([run], "loss", buckets, None, None)
        print("millis", (time.perf_counter() - start) * 1000)
        if not buckets <= len(list(got)) <= 2 * buckets + 2:
            raise RuntimeError("got %d points" % len(list(got)))


def fill_runs(folder, runs):
    store = open_store(folder)
    experiment = int(store.create_experiment("runs"))
    noise = random.Random(7)
    connection = database(folder)
    for i in range(runs):
        uid = "%032x" % i
        connection.execute(
            "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,"
            " end_time, source_version, lifecycle_stage, artifact_uri, experiment_id) VALUES"
            " (?, ?, 'UNKNOWN', '', '', 'user', 'FINISHED', ?, ?, '', 'active', '', ?)",
            (uid, "run %d" % i, 1_772_000_000_000 + i, 1_772_000_060_000 + i, experiment),
        )
        params = {"model": "m%d" % (i % 10), "epochs": "20", "rate": str(noise.random()), "seed": str(i)}
        connection.executemany(
            "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", ((k, v, uid) for k, v in params.items())
        )
        for key in ("loss", "accuracy", "auc"):
            value = noise.random()
            connection.execute(
                "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, 1, ?, 1, 0)",
                (key, value, uid),
            )
            connection.execute(
                "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, 1, 1, 0, ?)",
                (key, value, uid),
            )
    connection.commit()
    connection.close()


def search(folder, calls):
    store = open_store(folder)
    experiments = [e.experiment_id for e in store.search_experiments()]
    for _ in range(calls):
        start = time.perf_counter()
        got = store.search_runs(
            experiments, "params.model = 'm3'", ViewType.ACTIVE_ONLY, 100, ["metrics.loss ASC"], None
        )
        print("millis", (time.perf_counter() - start) * 1000)
        if len(got) != 100:
            raise RuntimeError("got %d runs" % len(got))


if __name__ == "__main__":
    commands = {
        "ingest": ingest,
        "fill-history": fill_history,
        "history": history,
        "fill-runs": fill_runs,
        "search": search,
    }
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        sys.exit(__doc__)
    commands[sys.argv[1]](sys.argv[2], *[int(a) for a in sys.argv[3:]])
