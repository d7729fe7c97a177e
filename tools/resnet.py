"""ResNet-18 and Wide-ResNet-50-2 up to layer3, as torchvision and timm name their tensors.

The stages are layer1, layer2 and layer3 (strides 4, 8, 16), as in PaDiM (arXiv 2011.08785).
"""
from dataclasses import dataclass

from architecture import Architecture, State
from graph_builder import Graph
from network_layers import Weights, convolve, imagenet_pixels, imagenet_scaled

BATCH_NORM_EPSILON = 1e-5


@dataclass(frozen=True)
class ResNet:
    # Blocks of layer1, layer2 and layer3.
    repeats: tuple[int, int, int]
    # Convolutions of a block; the one at this index has the stride (torchvision's: the 3 x 3).
    convolutions: int
    strided: int
    # Of the second convolution of layer1: all that tells Wide-ResNet-50-2 from ResNet-50 and ResNeXt-50.
    width: int

    def add_stages(self, g: Graph, frames: str, stage_count: int, state: State) -> list[str]:
        w = Weights(state, BATCH_NORM_EPSILON)
        inner = w.tensor("layer1.0.conv2.weight").shape[:2]
        if inner != (self.width, self.width):
            raise SystemExit(f"layer1.0.conv2.weight is {inner}, not {(self.width,) * 2}: another architecture")
        kernel, bias = w.folded("conv1", "bn1")
        x = convolve(g, imagenet_pixels(g, frames), imagenet_scaled(kernel), bias, stride=2)
        x = g.add("MaxPool", g.add("Relu", x), kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
        stages = []
        for layer, count in enumerate(self.repeats[:stage_count], start=1):
            for block in range(count):
                x = self.add_block(g, x, w, f"layer{layer}.{block}", 2 if layer > 1 and block == 0 else 1)
            stages.append(x)
        w.refuse_unused(tuple(f"layer{layer}." for layer in range(1, stage_count + 1)))
        return stages

    def add_block(self, g: Graph, x: str, w: Weights, name: str, stride: int) -> str:
        entry = x
        for index in range(self.convolutions):
            kernel, bias = w.folded(f"{name}.conv{index + 1}", f"{name}.bn{index + 1}")
            x = convolve(g, x, kernel, bias, stride=stride if index == self.strided else 1)
            if index < self.convolutions - 1:
                x = g.add("Relu", x)
        if f"{name}.downsample.0.weight" in w.state:
            kernel, bias = w.folded(f"{name}.downsample.0", f"{name}.downsample.1")
            entry = convolve(g, entry, kernel, bias, stride=stride)
        return g.add("Relu", g.add("Add", x, entry))


def stages_of(*channels: int) -> tuple[dict, ...]:
    return tuple({"channels": count, "stride": 4 * 2**k, "block": f"layer{k + 1}"} for k, count in enumerate(channels))


RESNET18 = Architecture("resnet18", stages_of(64, 128, 256), ResNet((2, 2, 2), 2, 0, 64).add_stages)
WIDE_RESNET50_2 = Architecture("wide-resnet50-2", stages_of(256, 512, 1024), ResNet((3, 4, 6), 3, 1, 128).add_stages)
