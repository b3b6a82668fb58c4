"""Writes MLmodel files with Python's MLflow, for the tests that read them; see make_models.py for the models themselves.

    pip install mlflow-skinny==3.17.2 pandas numpy==2.4.6 onnx==1.23.2 onnxruntime==1.28.0
    python make_mlflow_folders.py ../resources/models ../resources/mlflow

Only the MLmodel file of each folder is kept: the models beside it would be copies. Ids and times are set, so that
running this again gives the same files.
"""

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


def save(name, model, signature, example=None):
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
        shutil.copy(folder / "MLmodel", TARGET / name / "MLmodel")


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
