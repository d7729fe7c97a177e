"""Compares exported graphs with stages that PyTorch gave, at every position."""
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch.nn import functional

from embedding_graph import file_name


def on_grid(stage: torch.Tensor, grid: int) -> np.ndarray:
    """A stage as (grid * grid, n, channels): averaged when finer than the grid, nearest when coarser."""
    side = stage.shape[2]
    x = functional.avg_pool2d(stage, side // grid) if side > grid else functional.interpolate(stage, size=grid)
    return x.flatten(2).permute(2, 0, 1).numpy()


def largest_differences(folder: Path, stage_count: int, grid: int, frames: np.ndarray,
                        stages: list[torch.Tensor]) -> list[float]:
    """Of each stage, over all channels, then over a shuffled choice, one stage at a time left empty."""
    session = onnxruntime.InferenceSession(folder / file_name(stage_count, grid))
    wanted = [on_grid(stage, grid) for stage in stages[:stage_count]]
    choices = [[np.arange(part.shape[2]) for part in wanted]]
    shuffle = np.random.default_rng(0)
    for empty in range(stage_count):
        picked = [shuffle.permutation(part.shape[2])[:9] for part in wanted]
        choices.append([indices[: 0 if k == empty else 9] for k, indices in enumerate(picked)])
    largest = [0.0] * stage_count
    for choice in choices:
        feeds = {f"select{k + 1}": indices.astype("i8") for k, indices in enumerate(choice)}
        (embedding,) = session.run(None, {"frames": frames, **feeds})
        assert np.isfinite(embedding).all()
        assert embedding.shape == (*wanted[0].shape[:2], sum(map(len, choice)))
        first = 0
        for k, indices in enumerate(choice):
            got = embedding[:, :, first : first + len(indices)]
            difference = np.abs(got - wanted[k][:, :, indices]).max(initial=0.0)
            largest[k] = max(largest[k], float(difference))
            first += len(indices)
    return largest
