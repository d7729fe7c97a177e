"""Golden values of SPADE (arXiv 2005.02357, sections 3.1 to 3.3): image scores, pixel distances and maps.

    python tools/make_spade_goldens.py

Independent of the program: NumPy, SciPy and PyTorch in float64, all pairs of patches compared, nothing pruned.
test/fixtures/rivals/spade.safetensors holds stages on their own rasters, (frame, row, column, channel), and what must
come out of them. Training frames come in two kinds, so that a frame's neighbours matter.
"""
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from scipy.ndimage import gaussian_filter
from scipy.spatial.distance import cdist

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "test/fixtures/rivals/spade.safetensors"
GRID, SIDES, CHANNELS = 16, (16, 8, 4), (3, 4, 6)
TRAIN_FRAMES, TEST_FRAMES, NEIGHBOURS = 40, 3, 12
MAP_SIDE, SIGMA = 256, 4.0


def stages(random: np.random.Generator) -> list[np.ndarray]:
    """Far from zero and smooth over frames, as features are; the last test frame holds something new."""
    kinds = np.arange(TRAIN_FRAMES + TEST_FRAMES) % 2
    made = []
    for side, channels in zip(SIDES, CHANNELS):
        scenes = random.normal(20, 4, (2, side, side, channels))
        frames = scenes[kinds] + random.normal(0, 0.7, (len(kinds), side, side, channels))
        frames[-1, : side // 4, : side // 4] += random.normal(0, 5, channels)
        made.append(frames.astype(np.float32))
    return made


def main() -> None:
    every = stages(np.random.default_rng(20050235))
    wide = [stage.astype(np.float64) for stage in every]
    pooled = wide[-1].mean(axis=(1, 2))
    image = cdist(pooled[TRAIN_FRAMES:], pooled[:TRAIN_FRAMES])
    nearest = np.argsort(image, axis=1)[:, :NEIGHBOURS]
    scores = np.take_along_axis(image, nearest, axis=1).mean(axis=1)
    patches = np.concatenate([s.repeat(GRID // s.shape[1], 1).repeat(GRID // s.shape[1], 2) for s in wide], axis=3)
    rows = patches.reshape(len(patches), GRID * GRID, -1)
    distances = np.stack([
        cdist(rows[TRAIN_FRAMES + test], rows[neighbours].reshape(-1, rows.shape[2])).min(axis=1)
        for test, neighbours in enumerate(nearest)
    ])
    grids = torch.from_numpy(distances).reshape(-1, 1, GRID, GRID)
    large = torch.nn.functional.interpolate(grids, size=(MAP_SIDE, MAP_SIDE), mode="bicubic", align_corners=False)
    maps = np.stack([gaussian_filter(one, SIGMA, mode="reflect", truncate=4) for one in large[:, 0].numpy()])
    tensors = {f"stage{index + 1}": stage for index, stage in enumerate(every)}
    # Every fourth row and column of the maps: they are smooth, and the fixture stays small.
    tensors |= {"scores": scores, "distances": distances, "maps": maps[:, ::4, ::4]}
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(value, np.float32) for name, value in tensors.items()}, GOLDEN)
    GOLDEN.chmod(0o644)
    print(f"{GOLDEN.relative_to(ROOT)}: {GOLDEN.stat().st_size} bytes, scores {np.round(scores, 4)}")


if __name__ == "__main__":
    main()
