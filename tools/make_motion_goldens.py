"""Makes test/fixtures/motion: synthetic frame pairs with known flow, and OpenCV's DIS flow of the same pairs.

    pip install numpy opencv-python-headless && python tools/make_motion_goldens.py

pairs.u8.gz    (pair, 2, 256, 256) uint8 grey
truth.f32      (pair, 2, 32, 32)   mean u, v of each 8x8 cell, pixels
opencv.f32     (pair, 2, 32, 32)   the same from cv2.DISOpticalFlow, preset medium with finest scale 0 (full resolution, as the kernel)
goldens.json   names and shapes
"""
import gzip, json, pathlib
import cv2
import numpy as np

OUT = pathlib.Path(__file__).parents[1] / "test/fixtures/motion"
rng = np.random.default_rng(7)
yy, xx = np.mgrid[0:256, 0:256].astype("f8")


def texture(count=60):
    """A band-limited pattern as a function of continuous position, so that moving it is exact."""
    angle, wavelength = rng.uniform(0, 2 * np.pi, count), rng.uniform(7, 40, count)
    phase, kx, ky = rng.uniform(0, 2 * np.pi, count), 2 * np.pi * np.cos(angle) / wavelength, 2 * np.pi * np.sin(angle) / wavelength
    def at(x, y):
        value = sum(np.cos(a * x + b * y + p) for a, b, p in zip(kx, ky, phase))
        return 128 + 40 * value / np.sqrt(count / 2)
    return at


def to_frame(values, noise):
    return np.clip(np.round(values + rng.normal(0, noise, values.shape)), 0, 255).astype("u1") if noise else np.clip(np.round(values), 0, 255).astype("u1")


def whole(move):
    """A whole frame moved by `move`: (x, y) of the first frame -> (u, v)."""
    pattern = texture()
    inverse_x, inverse_y = xx.copy(), yy.copy()
    for _ in range(20):  # position in the first frame that ends at each pixel of the second
        u, v = move(inverse_x, inverse_y)
        inverse_x, inverse_y = xx - u, yy - v
    return to_frame(pattern(xx, yy), 0), to_frame(pattern(inverse_x, inverse_y), 0), np.stack(np.broadcast_arrays(*move(xx, yy))) * np.ones((2, 256, 256))


def discs():
    """A still, noisy street with five textured discs walking over it."""
    ground = texture()
    centres, moves = [(50, 60), (130, 50), (200, 90), (80, 180), (180, 190)], [(1.3, 0.4), (-0.6, 0.2), (2.7, -1.1), (0.0, -1.9), (-3.4, 2.3)]
    first, second, flow = ground(xx, yy), ground(xx, yy), np.zeros((2, 256, 256))
    for (cx, cy), (u, v) in zip(centres, moves):
        pattern = texture()
        here, there = (xx - cx) ** 2 + (yy - cy) ** 2 < 22 ** 2, (xx - cx - u) ** 2 + (yy - cy - v) ** 2 < 22 ** 2
        first, second = np.where(here, pattern(xx, yy), first), np.where(there, pattern(xx - u, yy - v), second)
        flow[:, here] = [[u], [v]]
    return to_frame(first, 0.7), to_frame(second, 0.7), flow


def cells(flow):
    return flow.reshape(2, 32, 8, 32, 8).mean((2, 4)).astype("f4")


turn = np.deg2rad(0.8)
names = {
    "shift 1.25 -0.75": whole(lambda x, y: (1.25 + 0 * x, -0.75 + 0 * y)),
    "turn 0.8 degrees": whole(lambda x, y: ((x - 128) * (np.cos(turn) - 1) - (y - 128) * np.sin(turn), (x - 128) * np.sin(turn) + (y - 128) * (np.cos(turn) - 1))),
    "discs on a still street": discs(),
}
dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
dis.setFinestScale(0)
OUT.mkdir(parents=True, exist_ok=True)
(OUT / "pairs.u8.gz").write_bytes(gzip.compress(np.array([p[:2] for p in names.values()]).tobytes(), 9, mtime=0))
np.array([cells(p[2]) for p in names.values()]).tofile(OUT / "truth.f32")
np.array([cells(dis.calc(a, b, None).transpose(2, 0, 1)) for a, b, _ in names.values()]).tofile(OUT / "opencv.f32")
(OUT / "goldens.json").write_text(json.dumps({"pairs": list(names), "frame": [256, 256], "cells": [2, 32, 32], "opencv": cv2.__version__}, indent=2) + "\n")
