"""Layers that the backbones share, written as ONNX nodes, with batch norm folded into the convolutions."""
import numpy as np
import torch
from onnx import TensorProto

from graph_builder import Graph

# Of pixels from 0 to 1, as torchvision and timm train on ImageNet.
IMAGENET_MEAN = np.array([0.485, 0.456, 0.406])
IMAGENET_DEVIATION = np.array([0.229, 0.224, 0.225])


class Weights:
    """Convolutions of a state dict with their batch norm folded in (float64 arithmetic)."""

    def __init__(self, state: dict[str, torch.Tensor], epsilon: float):
        self.state, self.epsilon, self.used = state, epsilon, set()

    def tensor(self, key: str) -> np.ndarray:
        if key not in self.state:
            raise SystemExit(f"the weights have no tensor {key!r}: they are of another architecture")
        self.used.add(key)
        return self.state[key].double().numpy()

    def folded(self, conv: str, norm: str) -> tuple[np.ndarray, np.ndarray]:
        gain = self.tensor(f"{norm}.weight") / np.sqrt(self.tensor(f"{norm}.running_var") + self.epsilon)
        kernel = self.tensor(f"{conv}.weight") * gain[:, None, None, None]
        return kernel, self.tensor(f"{norm}.bias") - self.tensor(f"{norm}.running_mean") * gain

    def refuse_unused(self, prefixes: tuple[str, ...]) -> None:
        """A deeper network of the same family has every tensor of a shallower one, and more."""
        for key in self.state:
            if key.startswith(prefixes) and key not in self.used and not key.endswith("num_batches_tracked"):
                raise SystemExit(f"the weights have a tensor {key!r} too many: they are of another architecture")


def pixels(g: Graph, frames: str, mean: np.ndarray) -> str:
    """uint8 (n, 256, 256, 3) as float32 (n, 3, 256, 256), less the mean (of pixels from 0 to 255).

    The mean is subtracted before the first convolution, whose zero padding then means "the mean"; the scale is
    folded into its kernel.
    """
    x = g.add("Cast", g.add("Transpose", frames, perm=[0, 3, 1, 2]), to=TensorProto.FLOAT)
    return g.add("Sub", x, g.constant(mean.astype("f4")))


def imagenet_pixels(g: Graph, frames: str) -> str:
    return pixels(g, frames, 255 * IMAGENET_MEAN.reshape(1, 3, 1, 1))


def imagenet_scaled(kernel: np.ndarray) -> np.ndarray:
    """The first kernel, for pixels from 0 to 255."""
    return kernel / (255 * IMAGENET_DEVIATION.reshape(1, 3, 1, 1))


def convolve(g: Graph, x: str, kernel: np.ndarray, bias: np.ndarray, *, stride: int = 1, group: int = 1,
             padding: str = "symmetric") -> str:
    """`padding`: symmetric, as PyTorch; or same, as TensorFlow: at stride 2 on even sides the surplus goes
    after the picture."""
    size = kernel.shape[2]
    if padding == "same":
        total = max(size - stride, 0)
        before, after = total // 2, total - total // 2
    else:
        before = after = size // 2
    return g.add("Conv", x, g.constant(kernel.astype("f4")), g.constant(bias.astype("f4")),
                 strides=[stride, stride], group=group, pads=[before, before, after, after])


def silu(g: Graph, x: str) -> str:
    return g.add("Mul", x, g.add("Sigmoid", x))
