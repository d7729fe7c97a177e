"""Writes a backbone: graphs from frames to patch embeddings (embedding_graph.py), with provenance.

    python tools/export_backbone.py --int8 assets/demo/vtest.mp4     assets/backbones/efficientnet-lite0, as shipped
    python tools/export_backbone.py --architecture resnet18 --weights FILE --out FOLDER
                                                                     FOLDER/resnet18, for `patchwatch backbone import`

`--check` runs the network in PyTorch as well, and fails beyond 0.001 of a stage's root mean square.
A further architecture is a module beside resnet.py, listed in `architecture_of`.
"""
import argparse
import hashlib
import json
import re
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file

import efficientnet_b5
import reference_networks
import tfjs_graph
from architecture import Architecture, State
from compare_graphs import largest_differences
from efficientnet_lite0 import EFFICIENTNET_LITE0, SHIPPED_SOURCE, shipped_weights
from embedding_graph import CUTS, embedding_graph, file_name
from graph_builder import OPSET
from resnet import RESNET18, WIDE_RESNET50_2

ASSETS = Path(__file__).resolve().parent.parent / "assets" / "backbones"
ARCHITECTURES = ("efficientnet-lite0", "resnet18", "wide-resnet50-2", "efficientnet-b5")
TOLERANCE = 1e-3
# The surveillance profile's: the paper's is there to be compared, and stays as published.
INT8_CUT = (2, 32)
# Of the demo clip: those in which nothing unusual happens.
NORMAL_FRAMES = 480
# As `backbone:` of the configuration allows.
NAME_PATTERN = r"[a-z0-9][a-z0-9._-]*"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Writes a backbone's graphs and their provenance.")
    parser.add_argument("--architecture", choices=ARCHITECTURES, default=ARCHITECTURES[0])
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument("--weights", type=Path, metavar="FILE", help="state dict, .pth or .safetensors")
    weights.add_argument("--random-weights", type=int, metavar="SEED", help="for tests: untrained, good for nothing else")
    parser.add_argument("--variant", choices=list(efficientnet_b5.VARIANTS),
                        help="of efficientnet-b5; default: torchvision by its tensors' names, else tf_efficientnet_b5")
    parser.add_argument("--name", help="of the backbone; default: the architecture")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where FOLDER/<name> is written")
    parser.add_argument("--source", help="where the weights are from, for the record; default: the file's name")
    parser.add_argument("--licence", default="not stated", help="of the weights, for the record")
    parser.add_argument("--int8", type=Path, metavar="CLIP",
                        help=f"also write the {INT8_CUT[0]}-stage cut in 8-bit integers; the first {NORMAL_FRAMES} frames of CLIP tell the ranges")
    parser.add_argument("--check", action="store_true", help="compare with PyTorch (needs torchvision and timm)")
    options = parser.parse_args()
    options.name = options.name or options.architecture
    if not re.fullmatch(NAME_PATTERN, options.name):
        parser.error(f"--name {options.name!r}: small letters, digits, '.', '_' and '-'")
    if options.variant is not None and options.architecture != "efficientnet-b5":
        parser.error("--variant is of efficientnet-b5 only")
    is_shipped = options.architecture == ARCHITECTURES[0] and options.weights is None and options.random_weights is None
    if not is_shipped and options.weights is None and options.random_weights is None:
        parser.error(f"--architecture {options.architecture} needs --weights FILE")
    if not is_shipped and options.out is None:
        parser.error("--out FOLDER is needed: the weights are yours")
    return options


def architecture_of(options: argparse.Namespace) -> Architecture:
    if options.architecture == "efficientnet-b5":
        return efficientnet_b5.efficientnet_b5(options.variant)
    return {each.name: each for each in (EFFICIENTNET_LITE0, RESNET18, WIDE_RESNET50_2)}[options.architecture]


def read_state(path: Path) -> State:
    if not path.is_file():
        raise SystemExit(f"--weights {path}: no such file")
    try:
        if path.suffix == ".safetensors":
            state = load_file(path)
        else:
            state = torch.load(path, map_location="cpu", weights_only=True)
    # Each of the two has exceptions of its own, for every way in which a file can be none of theirs.
    except Exception as error:
        raise SystemExit(f"--weights {path}: no state dict in .pth or .safetensors ({type(error).__name__})") from error
    # Training scripts wrap the state dict, and name its tensors after the wrapper of several GPUs.
    for key in ("state_dict", "model"):
        state = state[key] if isinstance(state, dict) and isinstance(state.get(key), dict) else state
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise SystemExit(f"--weights {path}: holds no state dict; save `model.state_dict()`")
    return {key.removeprefix("module."): value for key, value in state.items()}


def weights_and_source(options: argparse.Namespace) -> tuple[State, dict]:
    if options.random_weights is not None:
        seed = options.random_weights
        variant = options.variant or "tf_efficientnet_b5"
        state = reference_networks.random_state(options.architecture, variant, seed)
        return state, {"source": f"random weights, seed {seed}: for tests only", "licence": "none"}
    path = options.weights or shipped_weights()
    facts = SHIPPED_SOURCE
    if options.weights is not None:
        facts = {"source": options.source or path.name, "licence": options.licence}
    state = read_state(path)
    return state, {**facts, "weightsSha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def write_backbone(folder: Path, name: str, architecture: Architecture, state: State, source: dict,
                   int8_clip: Path | None) -> None:
    files = {}
    for stage_count, grid in CUTS:
        file = file_name(stage_count, grid)
        facts = embedding_graph(architecture, state, stage_count, grid).save(folder / file)
        files[file] = {**facts, "grid": grid, "stages": stage_count, "precision": "float32"}
    if int8_clip is not None:
        # Its package is needed for this alone.
        from quantised_graph import normal_frames, quantise

        stage_count, grid = INT8_CUT
        file = file_name(stage_count, grid, "int8")
        channels = [facts["channels"] for facts in architecture.stages[:stage_count]]
        frames = normal_frames(int8_clip, NORMAL_FRAMES)
        facts = quantise(folder / file_name(stage_count, grid), folder / file, frames, channels)
        files[file] = {**facts, "grid": grid, "stages": stage_count, "precision": "int8", "calibration": int8_clip.name}
    record = {
        "name": name, **source, "exporter": "tools/export_backbone.py", "opset": OPSET,
        "input": "frames uint8 (n, 256, 256, 3)", "stages": architecture.stages, "files": files,
        "tfjs": write_tfjs(folder, architecture, state),
    }
    (folder / "provenance.json").write_text(json.dumps(record, indent=2) + "\n")
    print(name, json.dumps(files))


def write_tfjs(folder: Path, architecture: Architecture, state: State) -> dict:
    """The same cuts for TensorFlow.js."""
    files = {}
    for stage_count, grid in CUTS:
        file = tfjs_graph.file_name(stage_count, grid)
        facts = tfjs_graph.embedding_graph(architecture, state, stage_count, grid).save(folder / file)
        files[file] = {**facts, "grid": grid, "stages": stage_count}
    return files


def check(folder: Path, options: argparse.Namespace, state: State) -> bool:
    """Whether the graphs give what PyTorch gives; relative to each stage's root mean square."""
    frames = reference_networks.made_frames(seed=1, count=2)
    stages = reference_networks.original_stages(options.architecture, options.variant, state, frames)
    scales = [float(stage.double().square().mean().sqrt()) for stage in stages]
    holds = True
    for cut in CUTS:
        differences = largest_differences(folder, *cut, frames.numpy(), stages)
        relative = [difference / scale for difference, scale in zip(differences, scales)]
        holds = holds and max(relative) <= TOLERANCE
        shown = ", ".join(f"{value:.1e}" for value in relative)
        print(f"{file_name(*cut)}: largest difference from PyTorch, by stage, relative: {shown}")
    return holds


def main() -> None:
    options = parse_arguments()
    state, source = weights_and_source(options)
    if options.architecture == "efficientnet-b5":
        options.variant = options.variant or efficientnet_b5.variant_of(state)
        source = {**source, "variant": options.variant}
    folder = (options.out or ASSETS) / options.name
    write_backbone(folder, options.name, architecture_of(options), state, source, options.int8)
    if options.check and not check(folder, options, state):
        sys.exit(f"beyond the tolerance of {TOLERANCE}")


if __name__ == "__main__":
    main()
