"""From a float graph (embedding_graph.py) to one of 8-bit integers: half the time a frame, a third of the bytes.

Activations are uint8 with a range a tensor, seen on normal frames; weights are int8 with a range a channel, of
7 bits: processors with AVX2 but without VNNI add pairs of products in 16 bits, which 8-bit weights overflow.
Pixels are uint8 to begin with and enter the first convolution as they are.
"""
import hashlib
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

from efficientnet_lite0 import PIXEL_MEAN
from embedding_graph import FRAME_SIDE

# Of the clip, how many frames tell the ranges.
CALIBRATION_FRAMES = 120


def normal_frames(clip: Path, last: int) -> np.ndarray:
    """CALIBRATION_FRAMES of the clip's first `last` frames, uint8 (n, 256, 256, 3), scaled as capture does it."""
    step = last // CALIBRATION_FRAMES
    chosen = f"select=lt(n\\,{last})*not(mod(n\\,{step}))"
    scaled = f"scale={FRAME_SIDE}:{FRAME_SIDE}:flags=bicubic+accurate_rnd+full_chroma_int"
    command = ["ffmpeg", "-v", "error", "-i", str(clip), "-vf", f"{chosen},{scaled}", "-fps_mode", "passthrough",
               "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(-1, FRAME_SIDE, FRAME_SIDE, 3)


class Frames(CalibrationDataReader):
    """One frame at a time, with all channels of each stage."""

    def __init__(self, frames: np.ndarray, stage_channels: list[int]):
        self.feeds = iter([{"frames": frame[None]} | {
            f"select{stage + 1}": np.arange(count) for stage, count in enumerate(stage_channels)
        } for frame in frames])

    def get_next(self):
        return next(self.feeds, None)


def quantise(source: Path, target: Path, frames: np.ndarray, stage_channels: list[int]) -> dict:
    """Writes `target`, and returns what provenance records of the file."""
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.onnx"
        quantize_static(source, raw, Frames(frames, stage_channels), quant_format=QuantFormat.QDQ,
                        op_types_to_quantize=["Conv", "Clip"], per_channel=True, reduce_range=True,
                        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
                        calibrate_method=CalibrationMethod.MinMax)
        model = onnx.load(raw)
    take_pixels_as_they_are(model)
    model.producer_name, model.producer_version = "patchwatch", ""
    onnx.checker.check_model(model, full_check=True)
    data = model.SerializeToString(deterministic=True)
    target.write_bytes(data)
    return {"sha256": hashlib.sha256(data).hexdigest(), "sizeBytes": len(data)}


def take_pixels_as_they_are(model: onnx.ModelProto) -> None:
    """Cast, less the mean, quantise: as uint8 with scale 1 and the mean as zero point, that is the pixel itself."""
    nodes = model.graph.node
    cast = next(node for node in nodes if node.op_type == "Cast")
    subtract = next(node for node in nodes if cast.output[0] in node.input)
    quantiser = next(node for node in nodes if subtract.output[0] in node.input)
    assert (subtract.op_type, quantiser.op_type) == ("Sub", "QuantizeLinear")
    for dequantiser in (node for node in nodes if quantiser.output[0] in node.input):
        dequantiser.input[0] = cast.input[0]
        dequantiser.input[1], dequantiser.input[2] = "pixel_scale", "pixel_mean"
    for node in (cast, subtract, quantiser):
        nodes.remove(node)
    model.graph.initializer.extend([
        numpy_helper.from_array(np.array(1, "f4"), "pixel_scale"),
        numpy_helper.from_array(np.array(PIXEL_MEAN, "u1"), "pixel_mean"),
    ])
    used = {name for node in nodes for name in node.input}
    for constant in [one for one in model.graph.initializer if one.name not in used]:
        model.graph.initializer.remove(constant)
