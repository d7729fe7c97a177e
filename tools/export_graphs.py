"""Writes assets/graphs: the matrix work of the method, independent of any backbone.

    python tools/export_graphs.py

P patches, n frames, d channels; embeddings are (P, n, d).
"""
from pathlib import Path

import numpy as np
from onnx import TensorProto

from graph_builder import Graph

FLOAT = TensorProto.FLOAT


def whiten(covariance: str) -> Graph:
    """distance[n, P] = |(embedding - mean) @ factor|, factor = L^-T of the covariance L L^T (PaDiM, eq. 2)."""
    g = Graph(f"whiten-{covariance}")
    e = g.input("embedding", FLOAT, ["P", "n", "d"])
    mean = g.input("mean", FLOAT, ["P", 1, "d"])
    factor = g.input("factor", FLOAT, ["P", "d", "d"] if covariance == "own" else ["d", "d"])
    white = g.add("MatMul", g.add("Sub", e, mean), factor)
    # Rather than ReduceL2, with which onnxruntime needs 5 to 15% longer for whiten-shared.
    squared = g.add("ReduceSum", g.add("Mul", white, white), g.constant(np.array([2], "i8")), keepdims=0)
    g.output(g.add("Transpose", g.add("Sqrt", squared), perm=[1, 0]), "distance", ["n", "P"])
    return g


def comoment(covariance: str) -> Graph:
    """Sum of (e - shift) over frames; sum of its outer products over frames (and positions when shared)."""
    g = Graph(f"comoment-{covariance}")
    e = g.input("embedding", FLOAT, ["P", "n", "d"])
    shift = g.input("shift", FLOAT, ["P", 1, "d"])
    x = g.add("Sub", e, shift)
    g.output(g.add("ReduceSum", x, g.constant(np.array([1], "i8")), keepdims=0), "sum", ["P", "d"])
    if covariance == "own":
        g.output(g.add("MatMul", g.add("Transpose", x, perm=[0, 2, 1]), x), "product", ["P", "d", "d"])
        return g
    rows = g.add("Flatten", x, axis=2)
    g.output(g.add("MatMul", g.add("Transpose", rows, perm=[1, 0]), rows), "product", ["d", "d"])
    return g


def separable_map() -> Graph:
    """resized[n, h, h] = operator @ map @ operator^T: any resize and filter that works on rows and columns alike."""
    g = Graph("separable-map")
    m = g.input("map", FLOAT, ["n", "g", "g"])
    operator = g.input("operator", FLOAT, ["h", "g"])
    tall = g.add("MatMul", operator, m)
    g.output(g.add("MatMul", tall, g.add("Transpose", operator, perm=[1, 0])), "resized", ["n", "h", "h"])
    return g


def main() -> None:
    folder = Path(__file__).resolve().parent.parent / "assets" / "graphs"
    for graph in [whiten("own"), whiten("shared"), comoment("own"), comoment("shared"), separable_map()]:
        print(graph.name, graph.save(folder / f"{graph.name}.onnx"))


if __name__ == "__main__":
    main()
