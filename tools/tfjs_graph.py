"""The same description of a network as a TensorFlow.js GraphModel.

`TfjsGraph` takes the calls of graph_builder.Graph that architectures make, with ONNX's operators and layout in
mind (n, channels, rows, columns), and writes TensorFlow's: (n, rows, columns, channels), the only layout in which
TensorFlow convolves on a processor. An architecture's `add_stages` serves both; an operator that is missing here
fails the export by name. TensorFlow.js has no uint8 tensors: `frames` are the same numbers as int32.
"""
import base64
import hashlib
import json
from pathlib import Path

import numpy as np

from architecture import Architecture, State
from embedding_graph import FRAME_SIDE

DTYPES = {np.dtype("f4"): ("float32", "DT_FLOAT"), np.dtype("i4"): ("int32", "DT_INT32")}


def text(value: str) -> dict:
    return {"s": base64.b64encode(value.encode()).decode()}


def numbers(values: list[int]) -> dict:
    return {"list": {"i": [str(value) for value in values]}}


class TfjsGraph:
    def __init__(self):
        self.nodes, self.arrays, self.written = [], {}, {}

    def constant(self, array: np.ndarray) -> str:
        """Written when a node uses it: kernels change their layout first."""
        name = f"c{len(self.arrays)}"
        self.arrays[name] = np.asarray(array)
        return name

    def input(self, name: str, kind: str, shape: list[int]) -> str:
        dims = {"shape": {"dim": [{"size": str(size)} for size in shape]}}
        return self.node("Placeholder", name, [], dtype={"type": kind}, shape=dims)

    def output(self, value: str, name: str) -> None:
        self.node("Identity", name, [value], T={"type": "DT_FLOAT"})

    def add(self, operator: str, *inputs: str, **attributes) -> str:
        lower = getattr(self, f"add_{operator.lower()}", None)
        if lower is None:
            raise SystemExit(f"tools/tfjs_graph.py knows no operator {operator}: add it there")
        return lower(*inputs, **attributes)

    def node(self, op: str, name: str | None, inputs: list[str], **attributes: dict) -> str:
        name = name or f"{op.lower()}{len(self.nodes)}"
        self.nodes.append({"name": name, "op": op, "input": inputs, "attr": attributes})
        return name

    def plain(self, op: str, *inputs: str) -> str:
        return self.node(op, None, list(inputs), T={"type": "DT_FLOAT"})

    def weight(self, array: np.ndarray) -> str:
        array = np.ascontiguousarray(array)
        name, (_, kind) = f"w{len(self.written)}", DTYPES[array.dtype]
        self.written[name] = array
        return self.node("Const", name, [], dtype={"type": kind})

    def integers(self, *values: int) -> str:
        return self.weight(np.array(values, "i4"))

    def padded(self, x: str, pads: list[int], value: float) -> str:
        top, left, bottom, right = pads
        if not any(pads):
            return x
        paddings = self.weight(np.array([[0, 0], [top, bottom], [left, right], [0, 0]], "i4"))
        fill = self.weight(np.array(value, "f4"))
        return self.node("PadV2", None, [x, paddings, fill], T={"type": "DT_FLOAT"})

    def channels_last(self, name: str) -> str:
        """A constant of shape (1, channels, 1, 1) or (), to be broadcast."""
        array = self.arrays[name]
        return self.weight(array.reshape(array.shape[1]) if array.ndim == 4 else array)

    def add_transpose(self, x: str, perm: list[int]) -> str:
        if perm != [0, 3, 1, 2]:
            raise SystemExit(f"tools/tfjs_graph.py knows no Transpose but that of frames, not {perm}")
        return x

    def add_cast(self, x: str, to: int) -> str:
        return self.node("Cast", None, [x], SrcT={"type": "DT_INT32"}, DstT={"type": "DT_FLOAT"})

    def add_sub(self, x: str, constant: str) -> str:
        return self.plain("Sub", x, self.channels_last(constant))

    def add_conv(self, x: str, kernel: str, bias: str, strides: list[int], group: int, pads: list[int]) -> str:
        weights = self.arrays[kernel]
        top, left, bottom, right = pads
        attributes = {
            "T": {"type": "DT_FLOAT"}, "strides": numbers([1, *strides, 1]), "dilations": numbers([1, 1, 1, 1]),
            "data_format": text("NHWC"), "padding": text("EXPLICIT"),
            "explicit_paddings": numbers([0, 0, top, bottom, left, right, 0, 0]),
        }
        if group == 1:
            inputs = [x, self.weight(weights.transpose(2, 3, 1, 0))]
            x = self.node("Conv2D", None, inputs, **attributes)
        elif weights.shape[:2] == (group, 1):
            inputs = [x, self.weight(weights.transpose(2, 3, 0, 1))]
            x = self.node("DepthwiseConv2dNative", None, inputs, **attributes)
        else:
            raise SystemExit(f"tools/tfjs_graph.py knows no convolution in {group} groups of {weights.shape}")
        return self.plain("BiasAdd", x, self.weight(self.arrays[bias]))

    def add_clip(self, x: str, low: str, high: str) -> str:
        if (float(self.arrays[low]), float(self.arrays[high])) != (0, 6):
            raise SystemExit("tools/tfjs_graph.py knows no Clip but from 0 to 6")
        return self.plain("Relu6", x)

    def add_relu(self, x: str) -> str:
        return self.plain("Relu", x)

    def add_sigmoid(self, x: str) -> str:
        return self.plain("Sigmoid", x)

    def add_add(self, a: str, b: str) -> str:
        return self.plain("AddV2", a, b)

    def add_mul(self, a: str, b: str) -> str:
        return self.plain("Mul", a, b)

    def pool(self, op: str, x: str, kernel_shape: list[int], strides: list[int]) -> str:
        return self.node(op, None, [x], T={"type": "DT_FLOAT"}, ksize=numbers([1, *kernel_shape, 1]),
                         strides=numbers([1, *strides, 1]), padding=text("VALID"), data_format=text("NHWC"))

    def add_maxpool(self, x: str, kernel_shape: list[int], strides: list[int], pads: list[int]) -> str:
        return self.pool("MaxPool", self.padded(x, pads, float(np.finfo("f4").min)), kernel_shape, strides)

    def add_averagepool(self, x: str, kernel_shape: list[int], strides: list[int]) -> str:
        return self.pool("AvgPool", x, kernel_shape, strides)

    def add_globalaveragepool(self, x: str) -> str:
        return self.node("Mean", None, [x, self.integers(1, 2)], T={"type": "DT_FLOAT"}, keep_dims={"b": True})

    def gather(self, x: str, indices: str, axis: int) -> str:
        return self.node("GatherV2", None, [x, indices, self.integers(axis)], batch_dims={"i": "0"},
                         Tparams={"type": "DT_FLOAT"}, Tindices={"type": "DT_INT32"}, Taxis={"type": "DT_INT32"})

    def save(self, path: Path) -> dict:
        """Writes `path` (.json) and its weights beside it (.bin); returns what provenance records of both."""
        weights_path = path.with_suffix(".bin")
        weights = [{"name": name, "shape": list(array.shape), "dtype": DTYPES[array.dtype][0]}
                   for name, array in self.written.items()]
        model = {
            "format": "graph-model", "generatedBy": "patchwatch",
            "modelTopology": {"node": self.nodes, "versions": {"producer": 1}},
            "weightsManifest": [{"paths": [weights_path.name], "weights": weights}],
        }
        topology = (json.dumps(model, separators=(",", ":")) + "\n").encode()
        data = b"".join(array.tobytes() for array in self.written.values())
        path.write_bytes(topology)
        weights_path.write_bytes(data)
        return {**facts_of(topology), "weights": {"file": weights_path.name, **facts_of(data)}}


def facts_of(data: bytes) -> dict:
    return {"sha256": hashlib.sha256(data).hexdigest(), "sizeBytes": len(data)}


def to_patches(g: TfjsGraph, stage: str, select: str, side: int, grid: int, channels: int) -> str:
    """As embedding_graph.to_patches, from (n, side, side, channels)."""
    if side > grid:
        step = side // grid
        stage = g.add("AveragePool", stage, kernel_shape=[step, step], strides=[step, step])
        side = grid
    # While there are channels: of an empty choice the number of frames could not be told.
    flat = g.node("Reshape", None, [stage, g.integers(-1, side * side, channels)], T={"type": "DT_FLOAT"})
    chosen = g.gather(flat, select, axis=2)
    x = g.node("Transpose", None, [chosen, g.integers(1, 0, 2)], T={"type": "DT_FLOAT"})
    if side < grid:
        cell = np.arange(grid, dtype="i4") // (grid // side)
        x = g.gather(x, g.weight((cell[:, None] * side + cell).reshape(-1)), axis=0)
    return x


def file_name(stage_count: int, grid: int) -> str:
    return f"embed-s{stage_count}-g{grid}.json"


def embedding_graph(architecture: Architecture, state: State, stage_count: int, grid: int) -> TfjsGraph:
    """Inputs and output as of embedding_graph.embedding_graph, with int32 for uint8 and int64."""
    g = TfjsGraph()
    frames = g.input("frames", "DT_INT32", [-1, FRAME_SIDE, FRAME_SIDE, 3])
    selects = [g.input(f"select{k + 1}", "DT_INT32", [-1]) for k in range(stage_count)]
    stages = architecture.add_stages(g, frames, stage_count, state)
    parts = [
        to_patches(g, stage, select, FRAME_SIDE // facts["stride"], grid, facts["channels"])
        for stage, select, facts in zip(stages, selects, architecture.stages)
    ]
    joined = g.node("ConcatV2", None, [*parts, g.integers(2)], N={"i": str(len(parts))}, T={"type": "DT_FLOAT"})
    g.output(joined, "embedding")
    return g
