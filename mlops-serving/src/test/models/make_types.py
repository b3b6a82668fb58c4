"""Writes ONNX models of a few nodes, one for each type of element and kind of value, each beside a JSON of what goes in and comes out.

    pip install onnx==1.23.2 onnxruntime==1.28.0 numpy==2.4.6 ml_dtypes
    python make_types.py ../resources/models ../resources/refused

What comes out is known without running them: they hand their inputs through, cast, or split them. The second folder gets
models that are refused, each for what its name says.
"""

import json
import pathlib
import sys

import ml_dtypes
import numpy as np
from onnx import TensorProto, checker, helper

TARGET, REFUSED = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
# The ends of every range, and what is special: subnormal, infinite, not a number, negative zero.
VALUES = {
    "FP32": (TensorProto.FLOAT, np.array([[0, -1.5, 3.4028235e38], [1e-45, np.inf, -np.inf], [-0.0, 0.1, 7]], np.float32)),
    "FP64": (TensorProto.DOUBLE, np.array([[0, -1.5, 1.7976931348623157e308], [5e-324, np.inf, -np.inf], [-0.0, 0.1, 7]])),
    "FP16": (TensorProto.FLOAT16, np.array([[0, -1.5, 65504], [6e-8, np.inf, -np.inf], [-0.0, 0.1, 7]], np.float16)),
    "BF16": (TensorProto.BFLOAT16,
             np.array([[0, -1.5, 3.38953139e38], [1e-40, np.inf, -np.inf], [-0.0, 0.1, 7]], ml_dtypes.bfloat16)),
    "INT8": (TensorProto.INT8, np.array([[0, -128, 127], [1, 2, 3], [-1, -2, -3]], np.int8)),
    "UINT8": (TensorProto.UINT8, np.array([[0, 128, 255], [1, 2, 3], [254, 127, 9]], np.uint8)),
    "INT16": (TensorProto.INT16, np.array([[0, -32768, 32767], [1, 2, 3], [-1, -2, -3]], np.int16)),
    "INT32": (TensorProto.INT32, np.array([[0, -(2**31), 2**31 - 1], [1, 2, 3], [-1, -2, -3]], np.int32)),
    "INT64": (TensorProto.INT64, np.array([[0, -(2**63), 2**63 - 1], [1, 2**53 + 1, 3], [-1, -2, -3]], np.int64)),
    "BOOL": (TensorProto.BOOL, np.array([[True, False, True], [False, False, False], [True, True, True]])),
    "BYTES": (TensorProto.STRING, np.array([["", "a", "Zürich"], ["Ω≈", "東京", "tab\tnew\nline"], [" ", "x" * 300, "é"]], object)),
}


def tensor(datatype, values):
    if datatype in ("FP16", "BF16"):
        # The bits: no reader of JSON has these types.
        values = values.view(np.int16)
    data = [repr(v) if isinstance(v, float) and not np.isfinite(v) else v for v in values.ravel().tolist()]
    return {"datatype": datatype, "shape": list(values.shape), "data": data}


def save(folder, name, graph, inputs=None, outputs=None, check=True):
    model = helper.make_model(
        graph, ir_version=9, opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)])
    if check:
        checker.check_model(model)
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))
    if inputs is not None:
        rows = {"columns": [], "inputs": inputs, "outputs": outputs}
        (folder / f"{name}.json").write_text(json.dumps(rows, indent=None) + "\n")


def value(name, kind, *shape):
    return helper.make_tensor_value_info(name, kind, list(shape))


def handed_through(name, kind, values):
    """A matrix of free height and width, a scalar and a vector of three; each as an output, in another order."""
    nodes = [
        helper.make_node("Identity", ["matrix"], ["same"]),
        helper.make_node("Identity", ["one"], ["same_one"]),
        helper.make_node("Transpose", ["matrix"], ["turned"]),
        helper.make_node("Shape", ["matrix"], ["extents"]),
    ]
    graph = helper.make_graph(
        nodes, name,
        [value("one", kind), value("matrix", kind, "n", "m"), value("three", kind, 3)],
        [value("extents", TensorProto.INT64, 2), value("turned", kind, "m", "n"), value("three", kind, 3),
         value("same", kind, "n", "m"), value("same_one", kind)],
    )
    save(
        TARGET, f"type_{name.lower()}", graph,
        {"matrix": tensor(name, values), "three": tensor(name, values[0]), "one": tensor(name, values[0, 1].reshape(()) if name != "BYTES" else np.array("a", object))},
        {"extents": tensor("INT64", np.array(values.shape)), "turned": tensor(name, np.ascontiguousarray(values.T)),
         "three": tensor(name, values[0]), "same": tensor(name, values),
         "same_one": tensor(name, values[0, 1].reshape(()) if name != "BYTES" else np.array("a", object))},
    )


def cast():
    """From every type of a number to one of 64 bits: the runtime reads the bits as they were meant."""
    kinds = {name: kv for name, kv in VALUES.items() if name not in ("BYTES", "FP64", "INT64")}
    small = {name: np.array([[1], [0], [5], [2]]).astype(values.dtype) for name, (_, values) in kinds.items()}
    small["FP16"] = np.array([[1.5], [-0.25], [1024], [0.1]], np.float16)
    small["BF16"] = np.array([[1.5], [-0.25], [1024], [0.1]], ml_dtypes.bfloat16)
    small["UINT8"] = np.array([[200], [0], [255], [1]], np.uint8)
    names = list(kinds)
    graph = helper.make_graph(
        [helper.make_node("Cast", [n.lower()], [f"{n.lower()}_as_fp64"], to=TensorProto.DOUBLE) for n in names],
        "cast",
        [value(n.lower(), kinds[n][0], "n", 1) for n in names],
        [value(f"{n.lower()}_as_fp64", TensorProto.DOUBLE, "n", 1) for n in reversed(names)],
    )
    save(
        TARGET, "type_casts", graph, {n.lower(): tensor(n, small[n]) for n in names},
        {f"{n.lower()}_as_fp64": tensor("FP64", small[n].astype(np.float64)) for n in names},
    )


def sequences():
    """A matrix cut into two by columns: of numbers, and of strings."""
    for name in ("INT64", "FP64", "BYTES"):
        kind, values = VALUES[name]
        values = np.concatenate([values, values[:, :1]], axis=1)
        sequence = helper.make_sequence_type_proto(helper.make_tensor_type_proto(kind, None))
        graph = helper.make_graph(
            [helper.make_node("Split", ["x"], ["a", "b"], axis=1, num_outputs=2),
             helper.make_node("SequenceConstruct", ["a", "b"], ["y"])],
            f"sequence_{name}", [value("x", kind, "n", 4)], [helper.make_value_info("y", sequence)])
        save(TARGET, f"sequence_{name.lower()}", graph, {"x": tensor(name, values)},
             {"y": tensor(name, np.ascontiguousarray(values.reshape(-1, 2, 2)))})


def refused():
    for name, kind in {
        "uint16": TensorProto.UINT16, "uint32": TensorProto.UINT32, "uint64": TensorProto.UINT64,
        "complex64": TensorProto.COMPLEX64, "complex128": TensorProto.COMPLEX128,
        "float8e4m3fn": TensorProto.FLOAT8E4M3FN, "int4": TensorProto.INT4, "uint4": TensorProto.UINT4,
    }.items():
        save(REFUSED, f"{name}_in", helper.make_graph(
            [helper.make_node("Shape", ["x"], ["y"])], name,
            [value("x", kind, "n")], [value("y", TensorProto.INT64, 1)]), check=False)
        save(REFUSED, f"{name}_out", helper.make_graph(
            [helper.make_node("Cast", ["x"], ["y"], to=kind)], name,
            [value("x", TensorProto.FLOAT, "n")], [value("y", kind, "n")]), check=False)
    for name, kind in {"float16": TensorProto.FLOAT16, "int32": TensorProto.INT32, "uint64": TensorProto.UINT64}.items():
        sequence = helper.make_sequence_type_proto(helper.make_tensor_type_proto(kind, None))
        save(REFUSED, f"{name}_sequence", helper.make_graph(
            [helper.make_node("Cast", ["x"], ["a"], to=kind), helper.make_node("SequenceConstruct", ["a", "a"], ["y"])],
            f"sequence_{name}", [value("x", TensorProto.FLOAT, "n", 2)], [helper.make_value_info("y", sequence)]))
    maps = helper.make_map_type_proto(TensorProto.STRING, helper.make_tensor_type_proto(TensorProto.FLOAT, []))
    save(REFUSED, "map_in", helper.make_graph(
        [helper.make_node("DictVectorizer", ["x"], ["y"], domain="ai.onnx.ml", string_vocabulary=["a", "b"])], "map_in",
        [helper.make_value_info("x", maps)], [value("y", TensorProto.FLOAT, 1, 2)]), check=False)
    floats = helper.make_tensor_type_proto(TensorProto.FLOAT, [None, 2])
    save(REFUSED, "sequence_in", helper.make_graph(
        [helper.make_node("SequenceLength", ["x"], ["y"])], "sequence_in",
        [helper.make_value_info("x", helper.make_sequence_type_proto(floats))], [value("y", TensorProto.INT64)]))
    save(REFUSED, "optional_out", helper.make_graph(
        [helper.make_node("Optional", ["x"], ["y"])], "optional_out",
        [value("x", TensorProto.FLOAT, "n")],
        [helper.make_value_info("y", helper.make_optional_type_proto(helper.make_tensor_type_proto(TensorProto.FLOAT, ["n"])))]))


if __name__ == "__main__":
    TARGET.mkdir(parents=True, exist_ok=True)
    REFUSED.mkdir(parents=True, exist_ok=True)
    for name, (kind, values) in VALUES.items():
        handed_through(name, kind, values)
    cast()
    sequences()
    refused()
