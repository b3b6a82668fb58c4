"""Writes MLmodel files with Python's MLflow, for the tests that read them; see make_models.py for the models themselves.

    pip install mlflow-skinny==3.17.2 pandas numpy==2.4.6 onnx==1.23.2 onnxruntime==1.28.0
    python make_mlflow_folders.py ../resources/models ../resources/mlflow

Of most only the MLmodel file is kept: the models beside it would be copies. Two are kept whole, as MLflow saves them, with
an example of the input. Ids and times are set, so that running this again gives the same files.
"""

import json
import pathlib
import shutil
import sys
import tempfile

import mlflow.onnx
import numpy as np
import onnx
import pandas as pd
from mlflow.models import Model, ModelSignature
from mlflow.types.schema import ColSpec, DataType, Schema, TensorSpec

MODELS, TARGET = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])


def save(name, model, signature, example=None, whole=False):
    description = Model(
        artifact_path="model", run_id="0123456789abcdef0123456789abcdef", model_uuid="fedcba9876543210fedcba9876543210",
        utc_time_created="2026-01-02 03:04:05.678901",
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "model"
        mlflow.onnx.save_model(
            onnx.load(MODELS / model), folder, mlflow_model=description, signature=signature,
            pip_requirements=["onnx==1.23.2"], input_example=example,
        )
        (TARGET / name).mkdir(parents=True, exist_ok=True)
        for file in sorted(folder.iterdir()) if whole else [folder / "MLmodel"]:
            shutil.copy(file, TARGET / name / file.name)


tensors = ModelSignature(
    inputs=Schema([TensorSpec(np.dtype("float32"), (-1, 30), "input")]),
    outputs=Schema([
        TensorSpec(np.dtype("int64"), (-1,), "label"), TensorSpec(np.dtype("float32"), (-1, 2), "probabilities"),
    ]),
)
# What infer_signature(data_frame, array) gives: columns in, one tensor without a name out.
columns = ModelSignature(
    inputs=Schema([ColSpec(DataType.double, f"x{i}") for i in range(9)] + [ColSpec(DataType.double, "x9", required=False)]),
    outputs=Schema([TensorSpec(np.dtype("float32"), (-1, 1))]),
)
save("tensors", "breast_cancer.onnx", tensors)
save("columns", "friedman_regression.onnx", columns)
save("unsigned", "iris_zipmap.onnx", None)
save("example", "friedman_regression.onnx", columns, pd.DataFrame([[0.5] * 10], columns=[f"x{i}" for i in range(10)]))


def rows(name):
    """The rows of a fixture, as arrays by input."""
    inputs = json.loads((MODELS / f"{name}.json").read_text())["inputs"]
    return {
        key: np.array([np.nan if v is None else v for v in tensor["data"]]).reshape(tensor["shape"])
        for key, tensor in inputs.items()
    }


frame = pd.DataFrame({key: values.ravel() for key, values in rows("customers").items()})
save(
    "customers", "customers.onnx",
    ModelSignature(
        inputs=Schema([
            ColSpec(DataType.string, "country"), ColSpec(DataType.string, "channel"),
            ColSpec(DataType.float, "income", required=False), ColSpec(DataType.float, "age", required=False),
            ColSpec(DataType.long, "orders"),
        ]),
        outputs=None,
    ),
    frame.astype({"income": "float32", "age": "float32"}).head(3), whole=True,
)
points = rows("kmeans")["X"].astype(np.float32)
save(
    "kmeans", "kmeans.onnx",
    ModelSignature(
        inputs=Schema([TensorSpec(np.dtype("float32"), (-1, 5), "X")]),
        outputs=Schema([
            TensorSpec(np.dtype("int64"), (-1,), "label"), TensorSpec(np.dtype("float32"), (-1, 4), "scores"),
        ]),
    ),
    {"X": points[:2]}, whole=True,
)
