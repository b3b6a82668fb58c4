"""Writes the ONNX models that the tests of mlops-serving load, each beside a JSON of rows and of scikit-learn's own answers.

    pip install scikit-learn==1.9.1 skl2onnx==1.20.0 onnx==1.23.2 numpy==2.4.6
    python make_models.py ../resources/models

What it writes is checked in; run it again only to change the models. It uses no network: the two real data sets ship with
scikit-learn, the two others are drawn from a seeded generator. The rows in the JSON were not seen in training. Inputs are
rounded to 32-bit floats before scikit-learn answers for them, so that what is left between its answers and the
ONNX model's is arithmetic in 32 bits.
"""

import json
import pathlib
import sys

import numpy as np
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_iris, make_friedman1
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ROWS = 20
OPSET = {"": 17, "ai.onnx.ml": 3}
TYPES = {"float32": "FP32", "float64": "FP64", "int64": "INT64"}


def tensor(values):
    values = np.asarray(values)
    datatype = TYPES.get(str(values.dtype), "BYTES")
    # A float32 as a Python float prints digits that read back as the same float32.
    return {"datatype": datatype, "shape": list(values.shape), "data": values.ravel().tolist()}


def write(folder, name, onx, columns, inputs, outputs):
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


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    breast_cancer(target)
    iris_zipmap(target)
    friedman_regression(target)
    mixed_columns(target)
