"""Opens model folders of ours with Python's MLflow, in every way that it has, and shows what it found.

    pip install mlflow-skinny==3.17.2 pandas onnx==1.23.2 onnxruntime==1.28.0
    python check_model_folders.py FOLDER...

Ends with an error if a folder cannot be opened, or an ONNX model answers nothing. Not part of the build, which needs no
Python.
"""

import pathlib
import sys

import mlflow.onnx
import mlflow.pyfunc
import numpy as np
from mlflow.models import Model

for folder in map(pathlib.Path, sys.argv[1:]):
    model = Model.load(str(folder / "MLmodel"))
    ours = model.metadata["jvmlops"]
    print(folder, list(model.flavors), model.run_id, model.model_uuid, model.utc_time_created)
    print("  ", model.signature.inputs, "->", model.signature.outputs)
    print("  ", sorted(ours), ours.get("labels"))
    if "onnx" in model.flavors:
        assert mlflow.onnx.load_model(str(folder)).graph.node
        row = {
            spec.name: np.ones([2 if d == -1 else d for d in spec.shape], dtype=spec.type)
            for spec in model.signature.inputs
        }
        answer = mlflow.pyfunc.load_model(str(folder)).predict(row)
        assert set(answer) == {spec.name for spec in model.signature.outputs}, answer
        print("   answers", {name: values.shape for name, values in answer.items()})
    if model.saved_input_example_info:
        # Taken by MLflow as it takes its own: cast to the signature, and posted to its scoring server.
        example = model.load_input_example(str(folder))
        print("   example", type(example).__name__, example, model.get_serving_input(str(folder)))
        if "python_function" in model.flavors:
            print("   answers to it", mlflow.pyfunc.load_model(str(folder)).predict(example))
