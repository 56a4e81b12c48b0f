"""Training pictures: artwork placed on a ground, in a style, with its caption's indices.

``picture`` makes one picture from a scene and a seed; ``build`` writes them all, once, as uint8
memory maps, so that a training step costs no decoding.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from training import artwork, grammar, scenes, styles
from training.grammar import SUBJECTS, Scene

SEED = 180


@lru_cache(maxsize=512)
def _drawings(emoji: str, root: Path) -> tuple[Image.Image, ...]:
    return tuple(artwork.drawings(emoji, root).values())


@lru_cache(maxsize=64)
def _scene_drawing(name: str, seed: int) -> Image.Image:
    image = artwork.render_svg(scenes.SCENES[name](np.random.default_rng(seed)))
    return image if name in scenes.FULL else artwork.centred(image)


def drawing(which: int, root: Path, rng: np.random.Generator) -> Image.Image:
    """One drawing of a subject by a random hand, RGBA [256, 256]."""
    one = SUBJECTS[which]
    if one.scene:
        return _scene_drawing(one.scene, int(rng.integers(24)))
    emoji = one.emoji[int(rng.integers(len(one.emoji)))]
    hands = _drawings(emoji, root)
    return hands[int(rng.integers(len(hands)))]


def placed(
    image: Image.Image, size: int, rng: np.random.Generator, *, scale: float, x: float, y: float,
    turn: float = 0.0, mirror: bool = False,
) -> np.ndarray:  # fmt: skip
    """``image`` scaled to ``scale`` of the side, its middle at (x, y), float RGBA [size, size, 4].

    Colours are premultiplied by alpha while resampling, so that edges keep their colour.
    """
    rgba = np.asarray(image, dtype=np.float32) / 255
    if mirror:
        rgba = rgba[:, ::-1]
    rgba = np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], axis=-1)
    small = max(8, round(size * scale))
    planes = []
    c, s = np.cos(turn), np.sin(turn)
    for k in range(4):
        plane = Image.fromarray(np.ascontiguousarray(rgba[..., k]))
        plane = plane.resize((small, small), Image.BOX if small < 128 else Image.LANCZOS)
        # output pixel (u, v) reads the input at R(−turn)·((u, v) − centre) + small/2
        cx, cy = x * size, y * size
        coeffs = (c, s, small / 2 - c * cx - s * cy, -s, c, small / 2 + s * cx - c * cy)
        planes.append(
            np.asarray(plane.transform((size, size), Image.AFFINE, coeffs, Image.BICUBIC))
        )
    return np.clip(np.stack(planes, axis=-1), 0, 1)


def over(layer: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """Premultiplied ``layer`` [.., 4] over ``ground`` [.., 3]."""
    return layer[..., :3] + ground * (1 - layer[..., 3:])


def with_shadow(layer: np.ndarray, ground: np.ndarray, strength: float = 0.35) -> np.ndarray:
    """``ground`` darkened by a soft shadow of ``layer``, below and to the right of it."""
    size = ground.shape[0]
    shadow = styles.blur(layer[..., 3:], 1.6)
    shift = max(1, round(size * 1.8 / 64))
    shadow = np.roll(shadow, (shift, shift // 2), axis=(0, 1))
    return ground * (1 - strength * shadow)


def _layer(
    which: int, size: int, root: Path, rng: np.random.Generator, scale: float, x: float, y: float
) -> np.ndarray:
    """One subject as a premultiplied RGBA layer with a little random placement."""
    one = SUBJECTS[which]
    if one.scene in scenes.FULL:
        zoom = scale * rng.uniform(1.12, 1.28)
        return placed(
            drawing(which, root, rng), size, rng, scale=zoom, x=x + rng.normal(0, 0.02),
            y=y + rng.normal(0, 0.02), mirror=rng.random() < 0.5,
        )  # fmt: skip
    return placed(
        drawing(which, root, rng), size, rng,
        scale=scale * rng.uniform(0.74, 0.94), x=x + rng.normal(0, 0.025),
        y=y + rng.normal(0, 0.025), turn=rng.normal(0, 0.05 if one.upright else 0.09),
        mirror=rng.random() < 0.5,
    )  # fmt: skip


def draw(scene: Scene, size: int, root: Path, rng: np.random.Generator) -> np.ndarray:
    """The picture of a scene before its style's filter, float [size, size, 3] in [0, 1]."""
    from training import compositions

    ground = styles.GROUNDS[scene.style](size, rng)
    if scene.setting >= 0:
        ground = compositions.setting_ground(scene.setting, ground, size, rng)
    for layer in compositions.layers(scene, size, root, rng):
        if styles.SHADOWED[scene.style]:
            ground = with_shadow(layer, ground)
        ground = over(layer, ground)
    if scene.setting >= 0:
        ground = compositions.setting_front(scene.setting, ground, size, rng)
    return np.clip(ground, 0, 1)


def picture(scene: Scene, seed: int, root: Path, size: int = 64, drawn: int = 0) -> np.ndarray:
    """One finished picture, uint8 [size, size, 3]; the same seed gives the same bytes.

    ``drawn`` is the size at which it is drawn and filtered (default: twice ``size``, at least
    128); it is then reduced by averaging.
    """
    rng = np.random.default_rng([SEED, scene.subject, scene.style, seed])
    drawn = drawn or max(128, size)
    x = draw(scene, drawn, root, rng)
    x = styles.FILTERS[scene.style](x, rng)
    image = styles.to_image(x)
    return np.asarray(image if drawn == size else image.resize((size, size), Image.BOX))


def plan(variations: int, full: float = 0.0, start: int = 0) -> Iterator[tuple[Scene, int]]:
    """The scenes to draw with a seed each: ``variations`` of every single subject and style.

    ``full`` > 0 adds that share of compositions (two subjects, attributes, settings).
    """
    from training import compositions

    for seed in range(start, start + variations):
        for scene in grammar.single_scenes():
            yield scene, seed
            if full > 0:
                rng = np.random.default_rng([SEED, 7, scene.subject, scene.style, seed])
                if rng.random() < full / (1 - full):
                    yield compositions.random_scene(rng), seed


def _chunk(args: tuple[list[tuple[Scene, int]], str, int]) -> np.ndarray:
    todo, root, size = args
    return np.stack([picture(scene, seed, Path(root), size) for scene, seed in todo])


def build(
    folder: Path, root: Path, todo: Iterable[tuple[Scene, int]], workers: int = 2, size: int = 64
) -> Iterator[int]:
    """Write ``todo`` as ``pictures.npy`` [N, 3, size, size] uint8 and ``scenes.json``.

    Yields the number of pictures written so far.
    """
    jobs = list(todo)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / "pictures.part.npy"
    out = np.lib.format.open_memmap(part, "w+", np.uint8, (len(jobs), 3, size, size))
    step = 64
    chunks = [(jobs[i : i + step], str(root), size) for i in range(0, len(jobs), step)]
    done = 0
    with ProcessPoolExecutor(workers) as pool:
        for pixels in pool.map(_chunk, chunks):
            out[done : done + len(pixels)] = pixels.transpose(0, 3, 1, 2)
            done += len(pixels)
            yield done
    out.flush()
    table = [[s.subject, s.style, s.attribute, s.setting, s.relation, s.other] for s, _ in jobs]
    (folder / "scenes.json").write_text(json.dumps(table))
    part.rename(folder / "pictures.npy")


class Pictures:
    """The written pictures: uint8 memory map [N, 3, S, S] and their scenes."""

    def __init__(self, folder: Path) -> None:
        self.pixels = np.load(folder / "pictures.npy", mmap_mode="r")
        self.scenes = [Scene(*row) for row in json.loads((folder / "scenes.json").read_text())]

    def __len__(self) -> int:
        return len(self.scenes)

    def at(self, size: int) -> np.ndarray:
        """All pictures at ``size``, by averaging, in memory: uint8 [N, 3, size, size]."""
        full = self.pixels.shape[-1]
        if size == full:
            return np.asarray(self.pixels)
        k = full // size
        out = np.empty((len(self), 3, size, size), np.uint8)
        for i in range(0, len(self), 1024):
            part = self.pixels[i : i + 1024].astype(np.float32)
            part = part.reshape(len(part), 3, size, k, size, k).mean((3, 5))
            out[i : i + 1024] = np.round(part)
        return out
