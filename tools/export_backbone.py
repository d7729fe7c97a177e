"""Writes assets/backbones/<name>: graphs from frames to patch embeddings, with provenance.

    python tools/export_backbone.py

Each graph is cut after its last stage in use. Input `frames` uint8 (n, 256, 256, 3), and per stage k the
channels to keep, `select<k>` int64 (within the stage). Output `embedding` float32 (patch, frame, channel):
the layout in which scoring is one batched matrix product per patch (PaDiM, arXiv 2011.08785, section 3.1).
"""
import json
from pathlib import Path

import numpy as np
from onnx import TensorProto

import efficientnet_lite0
from graph_builder import OPSET, Graph

FRAME_SIDE = 256
BACKBONES = {efficientnet_lite0.NAME: efficientnet_lite0}
# (stages in use, grid): the paper profile and the surveillance profile.
CUTS = [(3, 64), (2, 32)]


def to_grid(g: Graph, x: str, side: int, grid: int) -> str:
    """Brings a stage to the grid: coarser ones repeat each cell (as the paper), finer ones are averaged."""
    if side > grid:
        step = side // grid
        return g.add("AveragePool", x, kernel_shape=[step, step], strides=[step, step])
    if side < grid:
        scales = g.constant(np.array([1, 1, grid / side, grid / side], "f4"))
        return g.add("Resize", x, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    return x


def embedding_graph(backbone, stage_count: int, grid: int) -> Graph:
    g = Graph(f"{backbone.NAME}-s{stage_count}-g{grid}")
    frames = g.input("frames", TensorProto.UINT8, ["n", FRAME_SIDE, FRAME_SIDE, 3])
    selects = [g.input(f"select{k + 1}", TensorProto.INT64, [f"d{k + 1}"]) for k in range(stage_count)]
    parts = []
    for stage, select, facts in zip(backbone.add_stages(g, frames, stage_count), selects, backbone.STAGES):
        # Selecting first makes everything after it cheaper.
        chosen = g.add("Gather", stage, select, axis=1)
        parts.append(to_grid(g, chosen, FRAME_SIDE // facts["stride"], grid))
    joined = g.add("Concat", *parts, axis=1)
    flat = g.add("Reshape", joined, g.constant(np.array([0, 0, grid * grid], "i8")))
    g.output(g.add("Transpose", flat, perm=[2, 0, 1]), "embedding", [grid * grid, "n", "d"])
    return g


def main() -> None:
    root = Path(__file__).resolve().parent.parent / "assets" / "backbones"
    for name, backbone in BACKBONES.items():
        files = {}
        for stage_count, grid in CUTS:
            file = f"embed-s{stage_count}-g{grid}.onnx"
            facts = embedding_graph(backbone, stage_count, grid).save(root / name / file)
            files[file] = {**facts, "grid": grid, "stages": stage_count}
        record = {
            "name": name, **backbone.provenance(), "exporter": "tools/export_backbone.py", "opset": OPSET,
            "input": "frames uint8 (n, 256, 256, 3)", "stages": backbone.STAGES, "files": files,
        }
        (root / name / "provenance.json").write_text(json.dumps(record, indent=2) + "\n")
        print(name, json.dumps(files))


if __name__ == "__main__":
    main()
