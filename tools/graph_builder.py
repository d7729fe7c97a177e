"""A thin layer over onnx.helper: nodes are added in order, names are counted, files are reproducible.

Graphs are written directly, not traced, so that each holds only the operators it needs and the same weights
always give the same bytes.
"""
import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET, IR_VERSION = 17, 8


class Graph:
    """Collects nodes and constants; every method returns the name of the value that it adds."""

    def __init__(self, name: str):
        self.name, self.nodes, self.constants, self.inputs, self.outputs = name, [], [], [], []

    def input(self, name: str, kind: int, shape: list) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, value: str, name: str, shape: list, kind: int = TensorProto.FLOAT) -> None:
        self.nodes.append(helper.make_node("Identity", [value], [name], name=name))
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def constant(self, array: np.ndarray) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, operator: str, *inputs: str, **attributes) -> str:
        name = f"{operator.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def add_pair(self, operator: str, *inputs: str, **attributes) -> tuple[str, str]:
        """Of an operator with two outputs."""
        name = f"{operator.lower()}{len(self.nodes)}"
        names = (name, f"{name}b")
        self.nodes.append(helper.make_node(operator, list(inputs), list(names), name=name, **attributes))
        return names

    def save(self, path: Path) -> dict:
        """Checks, writes, and returns what provenance records of the file."""
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="patchwatch")
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        data = model.SerializeToString(deterministic=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return {"sha256": hashlib.sha256(data).hexdigest(), "sizeBytes": len(data)}
