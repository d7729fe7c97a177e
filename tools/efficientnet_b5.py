"""EfficientNet-B5 up to block 26 of its flat list of blocks, counted from 0.

The stages end with blocks 7, 20 and 26 (PaDiM, arXiv 2011.08785): strides 4, 16 and 16, for block 20
already belongs to the network's fifth group. Three trainings are about whose tensors mean different things:

- `tf_efficientnet_b5` of timm: TensorFlow's weights, SAME padding, batch norm epsilon 1e-3
- `efficientnet_b5` of timm: symmetric padding, 1e-5; its tensors have the same names
- `torchvision`: symmetric padding, 1e-3; other names
"""
from collections.abc import Callable
from dataclasses import dataclass


from architecture import Architecture, State
from graph_builder import Graph
from network_layers import Weights, convolve, imagenet_pixels, imagenet_scaled, silu

STAGE_END_BLOCKS = (7, 20, 26)
# (kernel, stride, repeats) of the groups up to stage 3; the first block of a group has the stride, all others skip.
GROUPS = [(3, 1, 3), (3, 2, 5), (5, 2, 5), (3, 2, 7), (5, 1, 7)]


@dataclass(frozen=True)
class Layers:
    """Names of one block's layers: (convolution, batch norm) pairs, and the two of squeeze-and-excitation."""
    expand: tuple[str, str] | None
    depthwise: tuple[str, str]
    squeeze: str
    excite: str
    project: tuple[str, str]


def timm_layers(group: int, index: int) -> Layers:
    at = f"blocks.{group}.{index}."
    # The first group has no expansion; there `conv_pw` is the projection.
    norms = iter(("bn1", "bn2", "bn3"))

    def pair(conv: str) -> tuple[str, str]:
        return at + conv, at + next(norms)

    expand = pair("conv_pw") if group > 0 else None
    depthwise = pair("conv_dw")
    project = pair("conv_pwl" if group > 0 else "conv_pw")
    return Layers(expand, depthwise, f"{at}se.conv_reduce", f"{at}se.conv_expand", project)


def torchvision_layers(group: int, index: int) -> Layers:
    at, first = f"features.{group + 1}.{index}.block.", int(group > 0)

    def pair(part: int) -> tuple[str, str]:
        return f"{at}{part}.0", f"{at}{part}.1"

    squeeze = f"{at}{first + 1}.fc"
    return Layers(pair(0) if group > 0 else None, pair(first), f"{squeeze}1", f"{squeeze}2", pair(first + 2))


@dataclass(frozen=True)
class Variant:
    padding: str
    epsilon: float
    stem: tuple[str, str]
    layers: Callable[[int, int], Layers]
    # What all tensors of a group begin with.
    group_prefix: Callable[[int], str]


def timm_variant(padding: str, epsilon: float) -> Variant:
    return Variant(padding, epsilon, ("conv_stem", "bn1"), timm_layers, lambda group: f"blocks.{group}.")


VARIANTS = {
    "tf_efficientnet_b5": timm_variant("same", 1e-3),
    "efficientnet_b5": timm_variant("symmetric", 1e-5),
    "torchvision": Variant("symmetric", 1e-3, ("features.0.0", "features.0.1"), torchvision_layers,
                           lambda group: f"features.{group + 1}."),
}


def variant_of(state: State) -> str:
    """Of timm's two, whose tensors have the same names, the one that more weights are published for."""
    return "torchvision" if any(key.startswith("features.") for key in state) else "tf_efficientnet_b5"


def add_stages(g: Graph, frames: str, stage_count: int, state: State, variant: Variant) -> list[str]:
    w = Weights(state, variant.epsilon)
    kernel, bias = w.folded(*variant.stem)
    x = silu(g, convolve(g, imagenet_pixels(g, frames), imagenet_scaled(kernel), bias, stride=2,
                         padding=variant.padding))
    stages, block, last = [], 0, STAGE_END_BLOCKS[stage_count - 1]
    for group, (kernel_size, stride, repeats) in enumerate(GROUPS):
        for index in range(repeats):
            if block > last:
                break
            layers = variant.layers(group, index)
            entry = x
            x = add_block(g, x, w, layers, stride if index == 0 else 1, variant.padding, kernel_size)
            if index > 0:
                x = g.add("Add", x, entry)
            if block in STAGE_END_BLOCKS:
                stages.append(x)
            block += 1
        else:
            w.refuse_unused((variant.group_prefix(group),))
    return stages


def add_block(g: Graph, x: str, w: Weights, layers: Layers, stride: int, padding: str, kernel_size: int) -> str:
    """Expand 1x1, depthwise k x k, squeeze-and-excitation, project 1x1."""
    if layers.expand is not None:
        x = silu(g, convolve(g, x, *w.folded(*layers.expand)))
    kernel, bias = w.folded(*layers.depthwise)
    if kernel.shape[2] != kernel_size:
        raise SystemExit(f"{layers.depthwise[0]} is {kernel.shape[2]} wide, not {kernel_size}: another architecture")
    x = silu(g, convolve(g, x, kernel, bias, stride=stride, group=kernel.shape[0], padding=padding))
    gate = silu(g, plain(g, g.add("GlobalAveragePool", x), w, layers.squeeze))
    x = g.add("Mul", x, g.add("Sigmoid", plain(g, gate, w, layers.excite)))
    return convolve(g, x, *w.folded(*layers.project))


def plain(g: Graph, x: str, w: Weights, name: str) -> str:
    """A 1x1 convolution with a bias and no batch norm."""
    return convolve(g, x, w.tensor(f"{name}.weight"), w.tensor(f"{name}.bias"))


def efficientnet_b5(variant: str) -> Architecture:
    def add(g: Graph, frames: str, stage_count: int, state: State) -> list[str]:
        return add_stages(g, frames, stage_count, state, VARIANTS[variant])

    facts = zip((40, 176, 176), (4, 16, 16), STAGE_END_BLOCKS)
    stages = tuple({"channels": channels, "stride": stride, "block": block} for channels, stride, block in facts)
    return Architecture("efficientnet-b5", stages, add)
