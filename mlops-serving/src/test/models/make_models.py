"""Writes the ONNX models that the tests of mlops-serving load, each beside a JSON of rows and of scikit-learn's own answers.

    pip install scikit-learn==1.9.1 skl2onnx==1.20.0 onnx==1.23.2 numpy==2.4.6 pandas==3.1.1
    python make_models.py ../resources/models

What it writes is checked in; run it again only to change the models. It uses no network: the two real data sets ship with
scikit-learn, the others are drawn from a seeded generator. The rows in the JSON were not seen in training. Inputs are
rounded to 32-bit floats before scikit-learn answers for them, so that what is left between its answers and the
ONNX model's is arithmetic in 32 bits.
"""

import json
import pathlib
import sys

import numpy as np
import pandas
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_iris, make_friedman1
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor, IsolationForest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ROWS = 20
OPSET = {"": 17, "ai.onnx.ml": 3}
TYPES = {
    "float32": "FP32", "float64": "FP64", "int8": "INT8", "int16": "INT16", "int32": "INT32", "int64": "INT64",
    "uint8": "UINT8", "bool": "BOOL",
}


def tensor(values):
    values = np.asarray(values)
    datatype = TYPES.get(str(values.dtype), "BYTES")
    # A float32 as a Python float prints digits that read back as the same float32. JSON has no NaN.
    data = [None if v != v else v for v in values.ravel().tolist()]
    return {"datatype": datatype, "shape": list(values.shape), "data": data}


def write(folder, name, onx, columns, inputs, outputs):
    # In whatever order Python's sets have them.
    opsets = sorted(onx.opset_import, key=lambda opset: opset.domain)
    del onx.opset_import[:]
    onx.opset_import.extend(opsets)
    (folder / f"{name}.onnx").write_bytes(onx.SerializeToString())
    rows = {
        "columns": columns,
        "inputs": {k: tensor(v) for k, v in inputs.items()},
        "outputs": {k: tensor(v) for k, v in outputs.items()},
    }
    (folder / f"{name}.json").write_text(json.dumps(rows, indent=None) + "\n")
    print(f"{name}: {len(onx.SerializeToString())} bytes")


def floats(x):
    return np.asarray(x, dtype=np.float32)


def breast_cancer(folder):
    """Binary, 30 columns, integer labels, probabilities as one tensor."""
    data = load_breast_cancer()
    train, rest, train_y, _ = train_test_split(
        data.data, data.target, test_size=ROWS, random_state=7, stratify=data.target
    )
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(train, train_y)
    rest = floats(rest)
    onx = to_onnx(
        model,
        initial_types=[("input", FloatTensorType([None, 30]))],
        options={id(model): {"zipmap": False}},
        target_opset=OPSET,
        final_types=None,
    )
    write(
        folder, "breast_cancer", onx, [str(c) for c in data.feature_names],
        {"input": rest},
        {"label": model.predict(rest).astype(np.int64), "probabilities": model.predict_proba(rest)},
    )


def iris_zipmap(folder):
    """Three classes, string labels, probabilities as a sequence of maps: what skl2onnx gives who sets no options."""
    data = load_iris()
    names = np.array(data.target_names)[data.target]
    train, rest, train_y, _ = train_test_split(data.data, names, test_size=ROWS, random_state=7, stratify=names)
    model = LogisticRegression(max_iter=1000).fit(train, train_y)
    rest = floats(rest)
    onx = to_onnx(model, initial_types=[("X", FloatTensorType([None, 4]))], target_opset=OPSET)
    write(
        folder, "iris_zipmap", onx, [c.replace(" (cm)", "").replace(" ", "_") for c in data.feature_names],
        {"X": rest},
        # Columns of the probabilities in the order of classes, which is that of the strings.
        {"output_label": model.predict(rest), "output_probability": model.predict_proba(rest),
         "classes": np.array(model.classes_)},
    )


def friedman_regression(folder):
    """Ten columns, one of output [n, 1], a small ensemble of trees on Friedman's first function."""
    x, y = make_friedman1(n_samples=520, n_features=10, noise=1.0, random_state=7)
    x = floats(x)
    model = GradientBoostingRegressor(n_estimators=20, max_depth=3, random_state=7).fit(x[ROWS:], y[ROWS:])
    onx = to_onnx(model, initial_types=[("input", FloatTensorType([None, 10]))], target_opset=OPSET)
    write(
        folder, "friedman_regression", onx, [f"x{i}" for i in range(10)],
        {"input": x[:ROWS]}, {"variable": model.predict(x[:ROWS]).reshape(-1, 1)},
    )


def mixed_columns(folder):
    """An input per column, of strings, floats and integers, each [n, 1]; made-up customers."""
    draw = np.random.default_rng(7)
    n = 420
    city = draw.choice(["Berlin", "Oslo", "Zürich"], n)
    plan = draw.choice(["free", "pro"], n)
    age = floats(draw.uniform(18, 90, n))
    spend = floats(draw.gamma(2.0, 50.0, n))
    visits = draw.poisson(4, n).astype(np.int64)
    logit = 0.8 * (plan == "pro") + 0.02 * spend - 0.03 * age + 0.2 * visits - 0.5 * (city == "Oslo") - 1.0
    stays = np.where(draw.uniform(size=n) < 1 / (1 + np.exp(-logit)), "stays", "leaves")
    table = np.empty((n, 5), dtype=object)
    for i, column in enumerate([city, plan, age, spend, visits]):
        table[:, i] = column
    model = make_pipeline(
        ColumnTransformer([
            ("words", OneHotEncoder(handle_unknown="ignore"), [0, 1]),
            ("numbers", StandardScaler(), [2, 3]),
            ("counts", StandardScaler(), [4]),
        ]),
        LogisticRegression(max_iter=1000),
    ).fit(table[ROWS:], stays[ROWS:])
    onx = to_onnx(
        model,
        initial_types=[
            ("city", StringTensorType([None, 1])), ("plan", StringTensorType([None, 1])),
            ("age", FloatTensorType([None, 1])), ("spend", FloatTensorType([None, 1])),
            ("visits", Int64TensorType([None, 1])),
        ],
        options={id(model): {"zipmap": False}},
        target_opset=OPSET,
    )
    head = lambda column: column[:ROWS].reshape(-1, 1)
    write(
        folder, "mixed_columns", onx, ["city", "plan", "age", "spend", "visits"],
        {"city": head(city), "plan": head(plan), "age": head(age), "spend": head(spend), "visits": head(visits)},
        {"label": model.predict(table[:ROWS]), "probabilities": model.predict_proba(table[:ROWS])},
    )


def customers(folder):
    """A pipeline as people have it: missing numbers imputed, words one-hot, one of them unseen in training, boosted trees."""
    draw = np.random.default_rng(17)
    n = 640
    country = draw.choice(["DE", "NO", "CH", "FR"], n).astype(object)
    channel = draw.choice(["web", "shop", "phone"], n, p=[0.6, 0.3, 0.1])
    income = floats(draw.lognormal(10, 0.4, n))
    age = floats(draw.uniform(18, 90, n).round())
    orders = draw.poisson(3, n).astype(np.int64)
    risk = 0.00002 * income - 0.02 * age + 0.3 * orders + 0.7 * (country == "NO") - 0.9 * (channel == "phone")
    tier = np.array(["bronze", "silver", "gold"])[np.digitize(risk + draw.normal(0, 0.3, n), [-0.1, 0.6])]
    income[draw.uniform(size=n) < 0.2] = np.nan
    age[draw.uniform(size=n) < 0.1] = np.nan
    age[[4, 9]] = np.nan
    country[:3] = "Atlantis"
    frame = pandas.DataFrame({"country": country, "channel": channel, "income": income, "age": age, "orders": orders})
    model = make_pipeline(
        ColumnTransformer([
            ("words", OneHotEncoder(handle_unknown="ignore"), ["country", "channel"]),
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), ["income", "age"]),
            ("counts", StandardScaler(), ["orders"]),
        ]),
        GradientBoostingClassifier(n_estimators=15, max_depth=3, random_state=7),
    ).fit(frame[ROWS:], tier[ROWS:])
    onx = to_onnx(
        model,
        initial_types=[
            ("country", StringTensorType([None, 1])), ("channel", StringTensorType([None, 1])),
            ("income", FloatTensorType([None, 1])), ("age", FloatTensorType([None, 1])),
            ("orders", Int64TensorType([None, 1])),
        ],
        options={id(model): {"zipmap": False}},
        target_opset=OPSET,
    )
    rest = frame[:ROWS]
    assert rest["income"].isna().any() and rest["age"].isna().any()
    write(
        folder, "customers", onx, list(frame.columns),
        {name: rest[[name]].to_numpy(str if name in ("country", "channel") else None) for name in frame.columns},
        {"label": model.predict(rest), "probabilities": model.predict_proba(rest)},
    )


def blobs(seed, n=320):
    """Four groups of points in five dimensions."""
    draw = np.random.default_rng(seed)
    centres = draw.uniform(-4, 4, (4, 5))
    group = draw.integers(0, 4, n)
    return floats(centres[group] + draw.normal(0, 1, (n, 5))), group


def digits_zipmap(folder):
    """Labels are integers, not in a row; the probabilities are maps from them."""
    x, group = blobs(18)
    labels = np.array([2, 30, 5, -1])[group]
    model = LogisticRegression(max_iter=1000).fit(x[ROWS:], labels[ROWS:])
    onx = to_onnx(model, initial_types=[("X", FloatTensorType([None, 5]))], target_opset=OPSET)
    rest = x[:ROWS]
    write(
        folder, "digits_zipmap", onx, [f"x{i}" for i in range(5)], {"X": rest},
        {"output_label": model.predict(rest).astype(np.int64), "output_probability": model.predict_proba(rest)},
    )


def kmeans(folder):
    """The nearest centre, and the distance to each."""
    x, _ = blobs(19)
    model = KMeans(n_clusters=4, n_init=3, random_state=7).fit(x[ROWS:])
    onx = to_onnx(model, initial_types=[("X", FloatTensorType([None, 5]))], target_opset=OPSET)
    rest = x[:ROWS]
    write(
        folder, "kmeans", onx, [f"x{i}" for i in range(5)], {"X": rest},
        {"label": model.predict(rest).astype(np.int64), "scores": model.transform(rest)},
    )


def outliers(folder):
    """1 for what is as usual, -1 for what is not; the score is negative for the latter."""
    x, _ = blobs(20)
    x[:5] *= 4
    model = IsolationForest(n_estimators=25, max_samples=64, random_state=7).fit(x[ROWS:])
    onx = to_onnx(model, initial_types=[("X", FloatTensorType([None, 5]))], target_opset=OPSET)
    rest = x[:ROWS]
    write(
        folder, "outliers", onx, [f"x{i}" for i in range(5)], {"X": rest},
        {"label": model.predict(rest).astype(np.int64).reshape(-1, 1),
         "scores": model.decision_function(rest).reshape(-1, 1)},
    )


def several_targets(folder):
    """Two questions at once: probabilities are a sequence of matrices, one per question."""
    x, group = blobs(21)
    targets = np.stack([group % 2, (x[:, 0] > x[:, 1]).astype(int)], axis=1)
    model = MultiOutputClassifier(LogisticRegression(max_iter=1000)).fit(x[ROWS:], targets[ROWS:])
    onx = to_onnx(
        model, initial_types=[("X", FloatTensorType([None, 5]))], options={id(model): {"zipmap": False}},
        target_opset=OPSET)
    rest = x[:ROWS]
    write(
        folder, "several_targets", onx, [f"x{i}" for i in range(5)], {"X": rest},
        {"label": model.predict(rest).astype(np.int64),
         # Row by row, as they are served.
         "probabilities": np.stack(model.predict_proba(rest), axis=1)},
    )


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    breast_cancer(target)
    iris_zipmap(target)
    friedman_regression(target)
    mixed_columns(target)
    customers(target)
    digits_zipmap(target)
    kmeans(target)
    outliers(target)
    several_targets(target)
