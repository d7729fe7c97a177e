"""From the stages of a backbone to one embedding per patch (PaDiM, arXiv 2011.08785, section 3.1).

Input `frames` uint8 (n, 256, 256, 3), and per stage k the channels to keep, `select<k>` int64 (within the
stage; may be empty). Output `embedding` float32 (patch, frame, channel), patch = row * grid + column: the layout
in which scoring is one batched matrix product per patch.
"""
import numpy as np
from onnx import TensorProto

from architecture import Architecture, State
from graph_builder import Graph

FRAME_SIDE = 256
# (stages in use, grid): the paper profile and the surveillance profile.
CUTS = [(3, 64), (2, 32)]


def file_name(stage_count: int, grid: int, precision: str = "float32") -> str:
    suffix = "" if precision == "float32" else f"-{precision}"
    return f"embed-s{stage_count}-g{grid}{suffix}.onnx"


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


def embedding_graph(architecture: Architecture, state: State, stage_count: int, grid: int) -> Graph:
    g = Graph(f"{architecture.name}-s{stage_count}-g{grid}")
    frames = g.input("frames", TensorProto.UINT8, ["n", FRAME_SIDE, FRAME_SIDE, 3])
    selects = [g.input(f"select{k + 1}", TensorProto.INT64, [f"d{k + 1}"]) for k in range(stage_count)]
    sides = [FRAME_SIDE // facts["stride"] for facts in architecture.stages]
    stages = zip(architecture.add_stages(g, frames, stage_count, state), selects, sides)
    parts = [to_patches(g, stage, select, side, grid) for stage, select, side in stages]
    g.output(g.add("Concat", *parts, axis=2), "embedding", [grid * grid, "n", "d"])
    return g
