"""Training pictures: artwork on a background, in a style, with the indices of its caption.

`picture` makes one picture from a scene and a seed. `build` writes many of them as uint8 memory
maps, so that training steps don't have to decode anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from pathlib import Path

import numpy as np
from PIL import Image

from training.data import compositions, lighting, mixture, styles, surfaces, textures
from training.data.grammar import Scene
from training.data.layers import Layer
from training.data.parts import part

SEED = 180
DARK = 0.35  # share of pictures that are light on dark

LayersOf = Callable[[Scene, int, Path, np.random.Generator], Iterator[Layer]]


def draw(
    scene: Scene, size: int, root: Path, rng: np.random.Generator, dark: bool = False,
    kept: list[np.ndarray] | None = None, layers_of: LayersOf = compositions.layers_of,
) -> np.ndarray:  # fmt: skip
    """A picture of a scene, before the filter of its style, float [size, size, 3] in [0, 1].

    The alpha of its layers, [size, size], is appended to `kept`, from back to front.
    """
    light, floor = lighting.random_light(part(rng, "light")), scene.setting >= 0
    behind = part(rng, "ground")
    if scene.setting >= 0:
        ground = compositions.setting_ground(scene.setting, size, behind)
    elif scene.style == styles.PHOTO:
        ground, floor = surfaces.behind(size, behind, root, light, dark)
    else:
        ground = styles.GROUNDS[scene.style](size, behind, dark)
    for rgba, drawing in layers_of(scene, size, root, rng):
        if kept is not None:
            kept.append(rgba[..., 3])
        if scene.style == styles.PHOTO and not drawing.full:
            rgba = lighting.shaded(rgba, light, 0.55 if drawing.flat else 0.2)
        if scene.style in (styles.PHOTO, styles.OIL) and not drawing.full:
            cast = lighting.shadow_on_floor if floor else lighting.shadow_on_wall
            ground = ground * (1 - cast(rgba, light))
        ground = over(rgba, ground)
    if scene.setting >= 0:
        ground = compositions.setting_front(scene.setting, ground, size, part(rng, "front"))
    return np.clip(ground, 0, 1)


def over(layer: np.ndarray, ground: np.ndarray) -> np.ndarray:
    """Premultiplied `layer` [.., 4] over `ground` [.., 3]."""
    return layer[..., :3] + ground * (1 - layer[..., 3:])


def picture(
    scene: Scene, seed: int, root: Path, size: int = 64, drawn: int = 0,
    kept: list[np.ndarray] | None = None,
) -> np.ndarray:  # fmt: skip
    """One finished picture, uint8 [size, size, 3]; the same seed gives the same bytes.

    `drawn` is the size at which it's drawn and filtered, before it's reduced by averaging. By
    default it's 128, or `size` if that's larger. For `kept`, see `draw`.
    """
    rng = np.random.default_rng([SEED, 1 + scene.subject, scene.style, seed])
    drawn = drawn or max(128, size)
    if scene.photograph >= 0:
        showing = scene.subject >= 0
        x = textures.crop(scene.photograph, drawn, root, rng, showing)
    else:
        dark = bool(rng.random() < DARK)
        x = draw(scene, drawn, root, rng, dark, kept)
        x = styles.FILTERS[scene.style](x, rng, dark)
    return finished(x, size)


def finished(x: np.ndarray, size: int) -> np.ndarray:
    """A picture as uint8 [size, size, 3], from a float one of the same size or a larger one."""
    image = styles.to_image(x)
    return np.asarray(image if len(x) == size else image.resize((size, size), Image.BOX))


def plan(count: int, start: int = 0) -> Iterator[tuple[Scene, int]]:
    """`count` random scenes to draw, each with a seed."""
    for seed in range(start, start + count):
        yield mixture.random_scene(np.random.default_rng([SEED, 2, seed])), seed


def _chunk(args: tuple[list[tuple[Scene, int]], str, int]) -> np.ndarray:
    todo, root, size = args
    return np.stack([picture(scene, seed, Path(root), size) for scene, seed in todo])


def build(
    folder: Path, root: Path, todo: Iterable[tuple[Scene, int]], workers: int = 2, size: int = 64
) -> Iterator[int]:
    """Write `todo` as `pictures.npy` [N, 3, size, size] uint8 and `scenes.json`.

    Yields:
        The number of pictures written so far.
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
    table = [astuple(scene) for scene, _ in jobs]
    (folder / "scenes.json").write_text(json.dumps(table))
    part.rename(folder / "pictures.npy")


def reduced(pixels: np.ndarray, size: int) -> np.ndarray:
    """uint8 [N, C, S, S] -> [N, C, size, size], by averaging."""
    channels, full = pixels.shape[1], pixels.shape[-1]
    if size == full:
        return np.asarray(pixels)
    k = full // size
    out = np.empty((len(pixels), channels, size, size), np.uint8)
    for i in range(0, len(pixels), 1024):
        cells = pixels[i : i + 1024].astype(np.float32).reshape(-1, channels, size, k, size, k)
        out[i : i + 1024] = np.round(cells.mean((3, 5)))
    return out


# (step, number of pictures, generator) -> pictures uint8 [B, 3, S, S], and their scenes
Chooser = Callable[[int, int, np.random.Generator], tuple[np.ndarray, list[Scene]]]


class Pictures:
    """The pictures in a folder: a uint8 memory map [N, 3, S, S], and their scenes."""

    def __init__(self, folder: Path) -> None:
        self.pixels = np.load(folder / "pictures.npy", mmap_mode="r")
        self.scenes = [Scene(*row) for row in json.loads((folder / "scenes.json").read_text())]

    def __len__(self) -> int:
        return len(self.scenes)

    def at(self, size: int) -> np.ndarray:
        """All pictures in memory, reduced to `size` by averaging: uint8 [N, 3, size, size]."""
        return reduced(self.pixels, size)

    def chooser(self, size: int) -> Chooser:
        """Choose from all pictures at `size`, at every step."""
        pixels = self.at(size)

        def choose(
            step: int, count: int, rng: np.random.Generator
        ) -> tuple[np.ndarray, list[Scene]]:
            which = rng.integers(len(self), size=count)
            return pixels[which], [self.scenes[i] for i in which]

        return choose
