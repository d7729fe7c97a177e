"""Golden values of the method itself: statistics, Mahalanobis distances, anomaly maps and scores.

    python tools/make_padim_goldens.py

Independent of the program: NumPy, SciPy and PyTorch in float64, straight from the paper (arXiv 2011.08785,
equations 1 and 2, section 3.4). test/fixtures/padim/golden.safetensors holds embeddings as the engine lays them out,
(patch, frame, channel), and what must come out of them, for one covariance per position ("own") and for one of
all residuals about each position's mean ("shared"); metadata `scores` holds the largest value of each map.
"""
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from scipy.ndimage import gaussian_filter

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "test/fixtures/padim/golden.safetensors"
GRID, CHANNELS, TRAIN_FRAMES, TEST_FRAMES = 8, 10, 33, 5
MAP_SIDE, SIGMA, EPSILON = 64, 4.0, 0.01
PATCHES = GRID * GRID


def embeddings(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Correlated channels far from zero, as a network's are; some hardly vary. Test frames hold something new."""
    centre = random.normal(0, 8, (PATCHES, 1, CHANNELS))
    mixing = random.normal(0, 1, (PATCHES, CHANNELS, CHANNELS)) * np.geomspace(2, 0.02, CHANNELS)
    frames = centre + random.normal(0, 1, (PATCHES, TRAIN_FRAMES + TEST_FRAMES, CHANNELS)) @ mixing
    for frame in range(1, TEST_FRAMES):
        places = random.choice(PATCHES, 2 * frame, replace=False)
        frames[places, TRAIN_FRAMES + frame] += random.normal(0, 3, (2 * frame, CHANNELS))
    frames = frames.astype(np.float32)
    return frames[:, :TRAIN_FRAMES], frames[:, TRAIN_FRAMES:]


def covariances(train: np.ndarray) -> dict[str, np.ndarray]:
    """Equation 1 with 1 / (N - 1), regularised."""
    ridge = EPSILON * np.eye(CHANNELS)
    own = np.stack([np.cov(patch, rowvar=False) for patch in train])
    # Every position has as many frames, so the covariance of all residuals is the mean of the positions' own.
    return {"own": own + ridge, "shared": own.mean(axis=0, keepdims=True) + ridge}


def mahalanobis(test: np.ndarray, mean: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Equation 2, (frame, patch)."""
    inverse = np.linalg.inv(covariance)
    offset = test - mean[:, None]
    inverses = np.broadcast_to(inverse, (PATCHES, CHANNELS, CHANNELS))
    return np.sqrt(np.einsum("pfi,pij,pfj->fp", offset, inverses, offset))


def anomaly_maps(distances: np.ndarray) -> np.ndarray:
    """Bicubic to the frame, then the Gaussian filter, (frame, row, column)."""
    grids = torch.from_numpy(distances).reshape(-1, 1, GRID, GRID)
    large = torch.nn.functional.interpolate(grids, size=(MAP_SIDE, MAP_SIDE), mode="bicubic", align_corners=False)
    return np.stack([gaussian_filter(one, SIGMA, mode="reflect", truncate=4) for one in large[:, 0].numpy()])


def main() -> None:
    train, test = embeddings(np.random.default_rng(20111108))
    wide_train, wide_test = train.astype(np.float64), test.astype(np.float64)
    mean = wide_train.mean(axis=1)
    tensors, scores = {"train": train, "test": test, "mean": mean}, {}
    for kind, covariance in covariances(wide_train).items():
        distances = mahalanobis(wide_test, mean, covariance)
        maps = anomaly_maps(distances)
        tensors |= {f"covariance.{kind}": covariance, f"distances.{kind}": distances, f"maps.{kind}": maps}
        scores[kind] = maps.max(axis=(1, 2)).tolist()
        print(kind, "scores", np.round(scores[kind], 3))
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    narrow = {name: np.ascontiguousarray(value, np.float32) for name, value in tensors.items()}
    # One metadata key only: safetensors writes several in random order.
    save_file(narrow, GOLDEN, {"scores": json.dumps(scores)})
    GOLDEN.chmod(0o644)
    print(f"{GOLDEN.relative_to(ROOT)}: {GOLDEN.stat().st_size} bytes")


if __name__ == "__main__":
    main()
