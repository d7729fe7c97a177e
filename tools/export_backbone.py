"""Writes assets/backbones/<name>: graphs from frames to patch embeddings, with provenance.

    python tools/export_backbone.py

Each graph is cut after its last stage in use. Input `frames` uint8 (n, 256, 256, 3), and per stage k the
channels to keep, `select<k>` int64 (within the stage; may be empty). Output `embedding` float32
(patch, frame, channel), patch = row * grid + column: the layout in which scoring is one batched matrix
product per patch (PaDiM, arXiv 2011.08785, section 3.1).

A further backbone is a module with NAME, STAGES, STAGE_END_BLOCKS, provenance() and add_stages(), listed in
BACKBONES.
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


def to_patches(g: Graph, stage: str, select: str, side: int, grid: int) -> str:
    """Chosen channels of one stage, float32 (n, channels, side, side), as (grid * grid, n, chosen).

    Coarser stages repeat each cell (nearest up-sampling, PaDiM section 3.1), finer ones are averaged.
    Channels are chosen early, which makes all that follows cheaper; cells are repeated last, when a cell is
    one contiguous row of n * chosen values: half the time of up-sampling pictures and then transposing them
    (measured without the backbone).
    """
    if side > grid:
        # Before the choice: onnxruntime's AveragePool refuses a tensor with no channels.
        step = side // grid
        stage = g.add("AveragePool", stage, kernel_shape=[step, step], strides=[step, step])
        side = grid
    x = g.add("Gather", stage, select, axis=1)
    flat = g.add("Reshape", x, g.constant(np.array([0, 0, side * side], "i8")))
    x = g.add("Transpose", flat, perm=[2, 0, 1])
    if side < grid:
        cell = np.arange(grid, dtype="i4") // (grid // side)
        x = g.add("Gather", x, g.constant((cell[:, None] * side + cell).reshape(-1)), axis=0)
    return x


def embedding_graph(backbone, stage_count: int, grid: int) -> Graph:
    g = Graph(f"{backbone.NAME}-s{stage_count}-g{grid}")
    frames = g.input("frames", TensorProto.UINT8, ["n", FRAME_SIDE, FRAME_SIDE, 3])
    selects = [g.input(f"select{k + 1}", TensorProto.INT64, [f"d{k + 1}"]) for k in range(stage_count)]
    sides = [FRAME_SIDE // facts["stride"] for facts in backbone.STAGES]
    stages = zip(backbone.add_stages(g, frames, stage_count), selects, sides)
    parts = [to_patches(g, stage, select, side, grid) for stage, select, side in stages]
    g.output(g.add("Concat", *parts, axis=2), "embedding", [grid * grid, "n", "d"])
    return g


def main() -> None:
    root = Path(__file__).resolve().parent.parent / "assets" / "backbones"
    for name, backbone in BACKBONES.items():
        files = {}
        for stage_count, grid in CUTS:
            file = f"embed-s{stage_count}-g{grid}.onnx"
            facts = embedding_graph(backbone, stage_count, grid).save(root / name / file)
            files[file] = {**facts, "grid": grid, "stages": stage_count}
        stages = [{**facts, "block": block} for facts, block in zip(backbone.STAGES, backbone.STAGE_END_BLOCKS)]
        record = {
            "name": name, **backbone.provenance(), "exporter": "tools/export_backbone.py", "opset": OPSET,
            "input": "frames uint8 (n, 256, 256, 3)", "stages": stages, "files": files,
        }
        (root / name / "provenance.json").write_text(json.dumps(record, indent=2) + "\n")
        print(name, json.dumps(files))


if __name__ == "__main__":
    main()
