"""What the exporter must know of a network."""
from collections.abc import Callable
from dataclasses import dataclass

import torch

from graph_builder import Graph

State = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Architecture:
    name: str
    # Of each stage: channels, stride, and the block of the network that it ends with.
    stages: tuple[dict, ...]
    # (graph, frames uint8 (n, 256, 256, 3), stages wanted, state dict) -> stages, float32 (n, channels, side, side).
    add_stages: Callable[[Graph, str, int, State], list[str]]
