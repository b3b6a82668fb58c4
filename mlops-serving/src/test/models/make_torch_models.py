"""Writes models of PyTorch as ONNX, each beside a JSON of rows and of PyTorch's own answers.

    pip install torch==2.15.0 onnx==1.23.2 onnxscript==0.7.2 numpy==2.4.6
    python make_torch_models.py ../resources/models

What it writes is checked in; run it again only to change the models. All data is drawn from a seeded generator. Answers
are PyTorch's on the CPU, in 32 bits.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import torch
from torch import nn

ROWS = 20
TYPES = {torch.float32: "FP32", torch.float64: "FP64", torch.int64: "INT64", torch.bool: "BOOL"}


def tensor(values):
    return {"datatype": TYPES[values.dtype], "shape": list(values.shape), "data": values.flatten().tolist()}


def write(folder, name, model, columns, inputs, outputs, dynamic):
    """Exports with the dynamic axes that are named, and asks the model for the answers."""
    model.eval()
    with torch.no_grad():
        answers = model(*inputs.values())
    answers = answers if isinstance(answers, tuple) else (answers,)
    program = torch.onnx.export(
        model, tuple(inputs.values()), dynamo=True, opset_version=18, input_names=list(inputs),
        output_names=outputs, dynamic_shapes=dynamic, external_data=False, verbose=False,
    )
    onx = program.model_proto
    # Where each line of the program came from: paths, and most of the file.
    for node in onx.graph.node:
        del node.metadata_props[:]
        node.ClearField("doc_string")
    del onx.graph.metadata_props[:]
    del onx.metadata_props[:]
    onnx.checker.check_model(onx)
    (folder / f"{name}.onnx").write_bytes(onx.SerializeToString(deterministic=True))
    rows = {
        "columns": columns,
        "inputs": {k: tensor(v) for k, v in inputs.items()},
        "outputs": {k: tensor(v) for k, v in zip(outputs, answers)},
    }
    (folder / f"{name}.json").write_text(json.dumps(rows, indent=None) + "\n")
    print(f"{name}: {len(onx.SerializeToString())} bytes")


class Layers(nn.Module):
    """32-256-256-1, as the benchmarks have it."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(32, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 1))

    def forward(self, x):
        return self.layers(x)


def layers(folder):
    torch.manual_seed(7)
    model = Layers()
    x = torch.randn(512, 32)
    y = torch.sin(x[:, :1]) + x[:, 1:2] * x[:, 2:3]
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    for _ in range(60):
        adam.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        adam.step()
    write(
        folder, "torch_layers", model, [f"x{i}" for i in range(32)], {"input": torch.randn(ROWS, 32)}, ["output"],
        ({0: torch.export.Dim("batch")},),
    )


class Sentences(nn.Module):
    """Tokens of sentences of any length, zeros where they end, to a unit vector each."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(50, 12)
        self.out = nn.Linear(12, 8)

    def forward(self, tokens, boost):
        known = tokens > 0
        each = self.out(torch.tanh(self.words(tokens))) * boost.unsqueeze(-1)
        count = known.sum(1)
        mean = (each * known.unsqueeze(-1)).sum(1) / count.clamp(min=1).unsqueeze(-1)
        return nn.functional.normalize(mean, dim=1), each, count, known


def sentences(folder):
    torch.manual_seed(8)
    tokens = torch.randint(1, 50, (ROWS, 7))
    for row in range(ROWS):
        tokens[row, 1 + row % 7:] = 0
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length")
    write(
        folder, "torch_sentences", Sentences(), [], {"tokens": tokens, "boost": torch.rand(ROWS, 7) + 0.5},
        ["vector", "each", "count", "known"], ({0: batch, 1: length}, {0: batch, 1: length}),
    )


class Images(nn.Module):
    """Pictures with channels, to the logits of three classes, in 64 bits, and the features before them."""

    def __init__(self):
        super().__init__()
        self.filters = nn.Conv2d(2, 4, 3, padding=1)
        self.out = nn.Linear(4, 3).double()

    def forward(self, pictures):
        features = torch.relu(self.filters(pictures)).mean((2, 3))
        return self.out(features.double()), features


def images(folder):
    torch.manual_seed(9)
    write(
        folder, "torch_images", Images(), [], {"pictures": torch.randn(ROWS, 2, 6, 5)}, ["logits", "features"],
        ({0: torch.export.Dim("batch")},),
    )


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    layers(target)
    sentences(target)
    images(target)
