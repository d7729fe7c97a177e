"""The networks as their authors' packages run them in PyTorch: what exported graphs are compared with.

Nothing is shared with the exporter but the pixels' mean and scale: padding, batch norm and the order of layers are
the packages' own.
"""
import torch
from torch import nn

from architecture import State
from network_layers import IMAGENET_DEVIATION, IMAGENET_MEAN

# Tensors behind the last stage; weights on disk may lack them or have them for other classes.
HEADS = ("fc.", "classifier.", "_fc.")


def build(architecture: str, variant: str | None) -> nn.Module:
    """Untrained."""
    if architecture == "efficientnet-lite0":
        from efficientnet_lite_pytorch import EfficientNet

        return EfficientNet.from_name("efficientnet-lite0")
    if architecture == "efficientnet-b5" and variant != "torchvision":
        import timm

        return timm.create_model(variant, pretrained=False)
    import torchvision

    makers = {"resnet18": "resnet18", "wide-resnet50-2": "wide_resnet50_2", "efficientnet-b5": "efficientnet_b5"}
    return getattr(torchvision.models, makers[architecture])(weights=None)


def flat_blocks(net: nn.Module) -> list[nn.Module]:
    groups = net.blocks if hasattr(net, "blocks") else net.features[1:-1]
    return [block for group in groups for block in group]


def stage_ends(architecture: str, net: nn.Module) -> list[nn.Module]:
    if architecture == "efficientnet-lite0":
        return [net._blocks[index] for index in (2, 4, 10)]
    if architecture == "efficientnet-b5":
        return [flat_blocks(net)[index] for index in (7, 20, 26)]
    return [net.layer1, net.layer2, net.layer3]


def normalised(architecture: str, frames: torch.Tensor) -> torch.Tensor:
    """uint8 (n, side, side, 3) as the network's input."""
    x = frames.float().permute(0, 3, 1, 2)
    if architecture == "efficientnet-lite0":
        return (x - 127) / 128
    mean, deviation = (torch.tensor(v, dtype=torch.float32).view(1, 3, 1, 1)
                       for v in (IMAGENET_MEAN, IMAGENET_DEVIATION))
    return (x / 255 - mean) / deviation


def made_frames(seed: int, count: int) -> torch.Tensor:
    """Smooth colours with noise over them, uint8 (count, 256, 256, 3): edges, planes and all brightnesses."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 3, 9, 9, generator=generator)
    smooth = nn.functional.interpolate(coarse, size=256, mode="bilinear", align_corners=True)
    noise = torch.rand(count, 3, 256, 256, generator=generator)
    return (255 * (0.8 * smooth + 0.2 * noise)).round().byte().permute(0, 2, 3, 1).contiguous()


def random_state(architecture: str, variant: str | None, seed: int) -> State:
    """Random weights under which every layer matters and rounding does not.

    Batch norm first measures what it normalises, so that values neither vanish nor explode on the way, and is then
    moved off it a little, so that mean, variance, gain and bias each count. Channels that hardly vary are not blown
    up to the size of the others: a few such, layer after layer, and PyTorch in float32 is 30% off PyTorch in float64.
    """
    torch.manual_seed(seed)
    net = build(architecture, variant).eval()
    norms = [module for module in net.modules() if isinstance(module, nn.BatchNorm2d)]
    with torch.no_grad():
        for norm in norms:
            norm.weight.uniform_(0.7, 1.3)
            norm.bias.normal_(0, 0.2)
            norm.momentum = None
            norm.train()
        net(normalised(architecture, made_frames(seed, 8)))
        for norm in norms:
            norm.running_var.clamp_(min=0.1 * float(norm.running_var.mean()))
            norm.running_var *= 0.8 + 0.4 * torch.rand_like(norm.running_var)
            norm.running_mean += 0.1 * norm.running_var.sqrt() * torch.randn_like(norm.running_mean)
    return net.state_dict()


def original_stages(architecture: str, variant: str | None, state: State, frames: torch.Tensor) -> list[torch.Tensor]:
    """Stages by PyTorch, float32 (n, channels, side, side)."""
    net = build(architecture, variant)
    body = {key: value for key, value in state.items() if not key.startswith(HEADS)}
    missing, unexpected = net.load_state_dict(body, strict=False)
    wrong = [key for key in missing if not key.startswith(HEADS) and not key.endswith("num_batches_tracked")]
    if wrong or unexpected:
        raise SystemExit(f"the weights are of another architecture: {[*wrong, *unexpected][:3]}")
    stages = []
    for module in stage_ends(architecture, net):
        module.register_forward_hook(lambda _module, _inputs, output: stages.append(output.clone()))
    with torch.no_grad():
        net.eval()(normalised(architecture, frames))
    return stages
