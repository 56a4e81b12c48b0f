"""Pictures of more than one thing: two subjects, clothing, a setting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from training.data import colours, layers, placement, scenes
from training.data.grammar import ATTRIBUTES, RELATIONS, SETTINGS, SUBJECTS, Scene
from training.data.layers import Layer
from training.data.parts import part
from training.data.placement import Pose

# Where clothing goes on a head that fills the picture: emoji -> (scale, y).
WORN = {"🎩": (0.5, 0.16), "👑": (0.46, 0.15), "👓": (0.5, 0.48), "🕶️": (0.52, 0.48),
        "🧢": (0.56, 0.2), "🎀": (0.36, 0.2)}  # fmt: skip


# Who can do what, so that captions make sense. Relations that aren't listed take anything.
ANIMALS = [
    "cat",
    "dog",
    "bear",
    "rabbit",
    "kangaroo",
    "horse",
    "dragon",
    "bird",
    "squirrel",
    "elephant",
    "chicken",
    "owl",
    "penguin",
    "duck",
    "fox",
    "panda",
]
PEOPLE = ["old man", "young lady", "robot", "skull", "snowman"]
SMALL = [
    "apple",
    "orange",
    "lemon",
    "cookie",
    "chocolate",
    "strawberry",
    "flower",
    "rose",
    "sunflower",
    "mushroom",
    "avocado",
    "book",
    "cake",
    "butterfly",
    "bread",
]
FLAVOURS = [
    "lemon",
    "cheese",
    "apple",
    "pumpkin",
    "beet",
    "chocolate",
    "orange",
    "strawberry",
    "avocado",
]
CONTAINERS = ["basket", "bowl", "box", "nest", "mug", "hat"]
MOUNTS = ["bicycle", "horse", "car", "rocket", "boat", "dragon", "elephant", "bear"]
FITTING: dict[str, tuple[list[str], list[str]]] = {
    "riding": (ANIMALS + PEOPLE, MOUNTS),
    "riding on": (ANIMALS + PEOPLE, MOUNTS),
    "watches": (ANIMALS + PEOPLE, ANIMALS + PEOPLE),
    "watching": (ANIMALS + PEOPLE, ANIMALS + PEOPLE),
    "in": (SMALL + ANIMALS, CONTAINERS),
    "full of": (CONTAINERS, SMALL),
    "cake": (FLAVOURS, ["cake"]),
}
PLACES = frozenset({"house", "tower", "castle", "mountain"})


def things() -> list[int]:
    """The subjects that can be in a picture with others."""
    places = {i for i, s in enumerate(SUBJECTS) if s.scene in scenes.FULL or s.key in PLACES}
    return [i for i in range(len(SUBJECTS)) if i not in places and SUBJECTS[i].key != "campfire"]


def fitting(relation: int) -> tuple[list[int], list[int]]:
    """The first and the second subjects that a relation makes sense for; none: all of them."""
    keys = [s.key for s in SUBJECTS]
    firsts, seconds = FITTING.get(RELATIONS[relation][0], ([], []))
    return [keys.index(k) for k in firsts], [keys.index(k) for k in seconds]


def _related(rng: np.random.Generator, things: list[int]) -> tuple[int, int, int]:
    """A relation, and two different subjects that it makes sense for."""
    relation = int(rng.integers(len(RELATIONS)))
    firsts, seconds = fitting(relation)
    first = int(rng.choice(firsts or things))
    second = int(rng.choice([i for i in seconds or things if i != first]))
    return relation, first, second


def random_scene(style: int, rng: np.random.Generator) -> Scene:
    """A random scene of more than one thing, from the full grammar."""
    kind = rng.random()
    if kind < 0.55:
        relation, first, second = _related(rng, things())
        setting = int(rng.integers(len(SETTINGS))) if rng.random() < 0.15 else -1
        return Scene(first, style, -1, setting, relation, second)
    wearers = [i for i in things() if SUBJECTS[i].wears]
    attribute = int(rng.integers(len(ATTRIBUTES))) if kind < 0.8 else -1
    who = int(rng.choice(wearers if attribute >= 0 else things()))
    setting = int(rng.integers(len(SETTINGS))) if kind > 0.74 else -1
    return Scene(who, style, attribute, setting)


def _wearing(scene: Scene, size: int, root: Path, rng: np.random.Generator) -> Iterator[Layer]:
    """Somebody, and what they wear on their head, in the same pose."""
    places = part(rng, "places")
    frame = placement.of_one(places, free=0.3)
    frame = frame._replace(scale=np.clip(frame.scale * 1.1, 0.6, 1.15))
    who = layers.drawing(scene.subject, root, scene.style, part(rng, "first"))
    yield layers.layer(who, size, Pose(0.72, 0.5, 0.6).within(frame))
    emoji = ATTRIBUTES[scene.attribute][1]
    scale, y = WORN[emoji]
    worn = layers.by_some_hand(emoji, root, scene.style, part(rng, "worn"))
    pose = Pose(0.9 * scale, 0.5 + places.normal(0, 0.012), 0.6 + 0.72 * (y - 0.5))
    yield layers.layer(worn, size, pose._replace(turn=places.normal(0, 0.06)).within(frame))


# Where a relation puts its subjects: (0 for the first or 1 for the second, scale, x, y), from back
# to front.
PLACES_OF: dict[str, tuple[tuple[int, float, float, float], ...]] = {
    "beside": ((0, 0.48, 0.27, 0.52), (1, 0.48, 0.73, 0.52)),
    "above": ((1, 0.56, 0.5, 0.68), (0, 0.44, 0.5, 0.3)),
    "below": ((1, 0.52, 0.5, 0.3), (0, 0.42, 0.5, 0.75)),
    "inside": ((0, 0.42, 0.5, 0.36), (1, 0.6, 0.5, 0.66)),
    # The second subject, three times, behind the rim of the first.
    "contains": ((1, 0.34, 0.28, 0.32), (1, 0.34, 0.5, 0.36), (1, 0.34, 0.72, 0.32),
                 (0, 0.7, 0.5, 0.64)),
    # One on top of the cake and one on either side, to show what it tastes of.
    "flavour": ((1, 0.66, 0.5, 0.6), (0, 0.32, 0.5, 0.2), (0, 0.27, 0.2, 0.8),
                (0, 0.27, 0.8, 0.8)),
}  # fmt: skip


def _mean_hue(image: Image.Image) -> float:
    """The hue of the artwork's mean colour, weighted by alpha and saturation."""
    rgba = np.asarray(image, dtype=np.float32).reshape(-1, 4)
    weight = rgba[:, 3] * np.ptp(rgba[:, :3], axis=1)
    mean = (rgba[:, :3] * weight[:, None]).sum(0) / max(float(weight.sum()), 1.0)
    one = Image.new("RGB", (1, 1), tuple(int(v) for v in mean)).convert("HSV")
    return one.getpixel((0, 0))[0] / 256


def _related_layers(
    scene: Scene, size: int, root: Path, rng: np.random.Generator
) -> Iterator[Layer]:
    layout = RELATIONS[scene.relation][1]
    places = part(rng, "places")
    frame = placement.of_group(places)
    pair = (scene.subject, scene.other)
    drawn = [layers.drawing(which, root, scene.style, part(rng, name))
             for which, name in zip(pair, ("first", "second"), strict=True)]  # fmt: skip
    if layout == "flavour":
        cake = colours.coloured(drawn[1].image, _mean_hue(drawn[0].image), 0.75)
        drawn[1] = drawn[1]._replace(image=cake)
    for k, scale, x, y in PLACES_OF[layout]:
        pose = Pose(
            scale * places.uniform(0.9, 1.12), x + places.normal(0, 0.02),
            y + places.normal(0, 0.02),
            places.normal(0, 0.03 if SUBJECTS[pair[k]].upright else 0.1), places.random() < 0.5,
        )  # fmt: skip
        yield layers.layer(drawn[k], size, pose.within(frame))


def layers_of(scene: Scene, size: int, root: Path, rng: np.random.Generator) -> Iterator[Layer]:
    """The layers of a scene, from back to front."""
    if scene.relation >= 0:
        yield from _related_layers(scene, size, root, rng)
    elif scene.attribute >= 0:
        yield from _wearing(scene, size, root, rng)
    else:
        yield layers.alone(scene.subject, size, root, scene.style, rng)


def setting_ground(which: int, size: int, rng: np.random.Generator) -> np.ndarray:
    """The background of a setting, [size, size, 3]."""
    y = (np.mgrid[0:size, 0:size][0] / size)[..., None]
    horizon = rng.uniform(0.6, 0.72)
    name = SETTINGS[which]
    sky, floor = {
        "in the snow": ([0.72, 0.82, 0.93], [0.96, 0.98, 1.0]),
        "at night": ([0.05, 0.07, 0.22], [0.1, 0.14, 0.3]),
        "on a beach": ([0.55, 0.82, 0.96], [0.95, 0.86, 0.62]),
        "under fireworks": ([0.06, 0.06, 0.2], [0.12, 0.12, 0.3]),
        "in a forest": ([0.62, 0.78, 0.6], [0.3, 0.5, 0.25]),
        "in the rain": ([0.55, 0.6, 0.68], [0.42, 0.47, 0.52]),
        "under a rainbow": ([0.66, 0.86, 0.97], [0.55, 0.78, 0.42]),
    }[name]
    out = np.where(y < horizon, np.array(sky), np.array(floor)) * np.ones((size, size, 1))
    if name == "on a beach":
        sea = (y > horizon - 0.16) & (y < horizon)
        out = np.where(sea, np.array([0.2, 0.55, 0.75]), out)
    xx, yy = np.meshgrid(np.arange(size) / size, np.arange(size) / size)
    if name == "at night":
        out = _dot(out, xx, yy, rng.uniform(0.1, 0.9), 0.15, 0.08, (0.98, 0.95, 0.8))
        for _ in range(14):
            out = _dot(out, xx, yy, rng.random(), rng.random() * 0.6, 0.012, (1, 1, 0.9))
    if name == "under fireworks":
        for _ in range(3):
            cx, cy, r = rng.random(), rng.uniform(0.05, 0.3), rng.uniform(0.1, 0.17)
            colour = colours.hsv(rng.random(), 0.7, 1.0)
            for a in np.linspace(0, 2 * np.pi, 11)[:-1]:
                for k in (0.45, 0.7, 1.0):
                    out = _dot(
                        out, xx, yy, cx + k * r * np.cos(a), cy + k * r * np.sin(a), 0.014, colour
                    )
    if name == "in a forest":
        for cx in np.linspace(0, 1, 6):
            half = 0.1 * np.clip((yy - 0.12) / 0.55, 0, 1)
            tree = (np.abs(xx - cx - rng.normal(0, 0.02)) < half) & (yy < horizon + 0.03)
            out = np.where(tree[..., None], np.array([0.14, 0.36, 0.2]), out)
    if name == "under a rainbow":
        r = np.hypot(xx - 0.5, yy - 0.75)
        for i, hue in enumerate((0.0, 0.08, 0.16, 0.35, 0.58, 0.78)):
            band = np.abs(r - (0.68 - 0.03 * i)) < 0.015
            out = np.where((band & (yy < horizon))[..., None], colours.hsv(hue, 0.7, 0.95), out)
    return out


def _dot(
    x: np.ndarray, xx: np.ndarray, yy: np.ndarray, cx: float, cy: float, r: float, colour
) -> np.ndarray:
    inside = (xx - cx) ** 2 + (yy - cy) ** 2 < r * r
    return np.where(inside[..., None], np.array(colour), x)


def setting_front(which: int, x: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Add what a setting puts in front of the subjects: falling snow, rain, darkness."""
    name = SETTINGS[which]
    xx, yy = np.meshgrid(np.arange(size) / size, np.arange(size) / size)
    if name == "in the snow":
        for _ in range(30):
            x = _dot(x, xx, yy, rng.random(), rng.random(), rng.uniform(0.012, 0.022), (1, 1, 1))
    if name == "in the rain":
        for _ in range(34):
            cx, cy = rng.random(), rng.random()
            streak = (np.abs(xx - cx - 0.15 * (yy - cy)) < 0.008) & (np.abs(yy - cy) < 0.06)
            x = np.where(streak[..., None], 0.4 * x + 0.6 * np.array([0.8, 0.88, 0.97]), x)
    if name in ("at night", "under fireworks"):
        x = x * np.array([0.8, 0.82, 0.95])
    return x
