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


def append_change() -> Graph:
    """appended[P, n, 2d] = embedding, and embedding minus that of the frame before; previous is before the first."""
    g = Graph("append-change")
    e = g.input("embedding", FLOAT, ["P", "n", "d"])
    previous = g.input("previous", FLOAT, ["P", 1, "d"])
    ends = [g.constant(np.array([value], "i8")) for value in (0, -1, 1)]
    before = g.add("Concat", previous, g.add("Slice", e, ends[0], ends[1], ends[2]), axis=1)
    g.output(g.add("Concat", e, g.add("Sub", e, before), axis=2), "appended", ["P", "n", "2d"])
    return g


def project() -> Graph:
    """projected[P, n, k] = embedding @ matrix: linear reduction of the channels."""
    g = Graph("project")
    e = g.input("embedding", FLOAT, ["P", "n", "d"])
    matrix = g.input("matrix", FLOAT, ["d", "k"])
    g.output(g.add("MatMul", e, matrix), "projected", ["P", "n", "k"])
    return g


def separable_map() -> Graph:
    """resized[n, h, h] = operator @ map @ operator^T: any resize and filter that works on rows and columns alike."""
    g = Graph("separable-map")
    m = g.input("map", FLOAT, ["n", "g", "g"])
    operator = g.input("operator", FLOAT, ["h", "g"])
    tall = g.add("MatMul", operator, m)
    g.output(g.add("MatMul", tall, g.add("Transpose", operator, perm=[1, 0])), "resized", ["n", "h", "h"])
    return g


def lower_nearest() -> Graph:
    """lowered[n, 1, q] = min(best, squared distance to the nearest row of the gallery), in each of n groups."""
    g = Graph("lower-nearest")
    best = g.input("best", FLOAT, ["n", 1, "q"])
    queries = g.input("queries", FLOAT, ["n", "q", "d"])
    gallery = g.input("gallery", FLOAT, ["n", "g", "d"])
    # The gallery stands first, so that only the queries, which are few, are turned.
    doubled = g.add("Mul", queries, g.constant(np.array(-2, "f4")))
    products = g.add("MatMul", gallery, g.add("Transpose", doubled, perm=[0, 2, 1]))
    offsets = g.add("Add", products, g.add("ReduceSumSquare", gallery, axes=[2]))
    # |a|^2 belongs to the query alone and does not change which row is nearest.
    of_queries = g.add("Transpose", g.add("ReduceSumSquare", queries, axes=[2]), perm=[0, 2, 1])
    nearest = g.add("Add", g.add("ReduceMin", offsets, axes=[1]), of_queries)
    g.output(g.add("Min", best, nearest), "lowered", ["n", 1, "q"])
    return g


def nearest_rows() -> Graph:
    """squares[q, k] and rows[q, k] of the k nearest rows of the gallery, nearest first."""
    g = Graph("nearest-rows")
    queries = g.input("queries", FLOAT, ["q", "d"])
    gallery = g.input("gallery", FLOAT, ["g", "d"])
    count = g.input("count", TensorProto.INT64, [1])
    of_gallery = g.add("ReduceSumSquare", gallery, axes=[1], keepdims=0)
    offsets = g.add("Gemm", queries, gallery, of_gallery, alpha=-2.0, transB=1)
    squares = g.add("Add", offsets, g.add("ReduceSumSquare", queries, axes=[1]))
    values, rows = g.add_pair("TopK", squares, count, axis=1, largest=0)
    g.output(values, "squares", ["q", "k"])
    g.output(g.add("Cast", rows, to=TensorProto.INT32), "rows", ["q", "k"], TensorProto.INT32)
    return g


def main() -> None:
    folder = Path(__file__).resolve().parent.parent / "assets" / "graphs"
    for graph in [whiten("own"), whiten("shared"), comoment("own"), comoment("shared"), append_change(), project(), separable_map(), lower_nearest(), nearest_rows()]:
        print(graph.name, graph.save(folder / f"{graph.name}.onnx"))


if __name__ == "__main__":
    main()
