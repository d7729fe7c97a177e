"""Writes test/fixtures/metrics/goldens.json: AUROC by scikit-learn, PRO by counting, threshold by threshold, and
pictures resized by Pillow.

pip install numpy pillow scipy scikit-learn
python tools/make_metric_goldens.py
"""

import base64
import io
import json
import pathlib

import numpy as np
from PIL import Image
from scipy import ndimage
from sklearn.metrics import roc_auc_score

OUT = pathlib.Path(__file__).parent.parent / "test" / "fixtures" / "metrics" / "goldens.json"
MAX_FPR = 0.3
SIDE = 40


def encoded(values, dtype):
    return base64.b64encode(np.ascontiguousarray(values, dtype).tobytes()).decode()


def auroc_cases(rng):
    n = 1500
    labels = (rng.random(n) < 0.2).astype("u1")
    wide = rng.normal(size=n).astype("<f4") + labels
    cases = {
        "overlapping": wide,
        "many ties": np.round(wide * 2).astype("<f4"),
        "negative and tiny": (-np.exp(wide * 8)).astype("<f4"),
        "zeros of both signs": np.where(wide > 1, wide, np.copysign(0, rng.normal(size=n))).astype("<f4"),
        "nearly separated": (wide + 4 * labels).astype("<f4"),
        "inverted": -wide,
        "constant": np.ones(n, "<f4"),
    }
    return [
        {
            "name": name,
            "scores": encoded(scores, "<f4"),
            "labels": encoded(labels, "u1"),
            "auroc": float(roc_auc_score(labels, scores)),
        }
        for name, scores in cases.items()
    ]


def pro_score(maps, masks):
    """Mean over regions of the share found, against the share of normal pixels that are wrongly found."""
    regions = []
    for scores, mask in zip(maps, masks):
        numbered, count = ndimage.label(mask, structure=np.ones((3, 3)))
        regions += [scores[numbered == region] for region in range(1, count + 1)]
    normal = maps[masks == 0]
    fpr, overlap = [0.0], [0.0]
    for threshold in np.unique(maps)[::-1]:
        fpr.append(np.count_nonzero(normal >= threshold) / normal.size)
        overlap.append(np.mean([np.count_nonzero(region >= threshold) / region.size for region in regions]))
    fpr, overlap = np.array(fpr), np.array(overlap)
    inside = fpr <= MAX_FPR
    # Where several thresholds share the limit, the highest overlap ends the curve, as it continues there.
    at_limit = np.interp(MAX_FPR, fpr, overlap)
    x, y = np.append(fpr[inside], MAX_FPR), np.append(overlap[inside], max(at_limit, overlap[inside][-1]))
    return float(np.trapezoid(y, x) / MAX_FPR), len(regions)


def blobs(rng, count):
    noise = ndimage.gaussian_filter(rng.normal(size=(count, SIDE, SIDE)), (0, 2.5, 2.5))
    return (noise > np.quantile(noise, 0.95)).astype("u1")


def pixel_cases(rng):
    count = 5
    masks = blobs(rng, count)
    masks[1] = 0
    masks[2][0, :3] = 1  # at the border
    masks[3][10, 10] = masks[3][11, 11] = 1  # touch at a corner only
    noise = ndimage.gaussian_filter(rng.normal(size=masks.shape), (0, 1.5, 1.5))
    fine = (8 + noise * 6 + masks * 1.5).astype("<f4")
    cases = {
        "fine": fine,
        "coarse, many ties": np.round(fine).astype("<f4"),
        "negative": (fine - 9).astype("<f4"),
        "hopeless": noise.astype("<f4"),
    }
    out = []
    for name, maps in cases.items():
        pro, regions = pro_score(maps, masks)
        out.append(
            {
                "name": name,
                "side": SIDE,
                "frames": count,
                "regions": regions,
                "maps": encoded(maps, "<f4"),
                "masks": encoded(masks, "u1"),
                "auroc": float(roc_auc_score(masks.ravel(), maps.ravel())),
                "pro": pro,
            }
        )
    return out


def component_cases(rng):
    masks = [(rng.random((17, 23)) < density).astype("u1") for density in (0, 0.1, 0.3, 0.45, 1)]
    out = []
    for mask in masks:
        numbered, count = ndimage.label(mask, structure=np.ones((3, 3)))
        sizes = sorted(np.bincount(numbered.ravel(), minlength=count + 1)[1:].tolist())
        out.append({"width": 23, "height": 17, "mask": encoded(mask, "u1"), "sizes": sizes})
    return out


def file_of(picture, kind):
    file = io.BytesIO()
    picture.save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


def picture_cases(rng):
    """Files, and what Pillow makes of them at some places of the 256 x 256 frame."""
    out = []
    sizes = [(36, 24), (280, 24), (24, 280), (290, 262)]
    cases = [(*size, "RGB") for size in sizes] + [(256, 256, "L")]
    cases += [(90, 60, mode) for mode in ("L", "RGBA", "P")]
    for width, height, mode in cases:
        smooth = ndimage.gaussian_filter(rng.random((height, width, 3)), (2, 2, 0))
        # In steps: sharp edges, and small files.
        smooth = np.floor((smooth - smooth.min()) / np.ptp(smooth) * 7.99) * 36
        picture = Image.fromarray(smooth.astype("u1"))
        if mode != "RGB":
            picture = picture.convert(mode)
        frame = np.asarray(picture.convert("RGB").resize((256, 256), Image.BICUBIC)).ravel()
        mask = Image.fromarray((smooth[..., 0] > 150).astype("u1") * 255)
        places = rng.choice(frame.size, 300, replace=False)
        set_pixels = np.asarray(mask.resize((256, 256), Image.NEAREST)).ravel() > 0
        out.append(
            {
                "name": f"{width} x {height} {mode}",
                "png": file_of(picture, "png"),
                "places": places.tolist(),
                "values": frame[places].tolist(),
                "maskPng": file_of(mask, "png"),
                "mask": base64.b64encode(np.packbits(set_pixels).tobytes()).decode(),
            }
        )
    return out


def main():
    rng = np.random.default_rng(2011)
    goldens = {
        "auroc": auroc_cases(rng),
        "pixels": pixel_cases(rng),
        "components": component_cases(rng),
        "pictures": picture_cases(rng),
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(goldens) + "\n")


if __name__ == "__main__":
    main()
